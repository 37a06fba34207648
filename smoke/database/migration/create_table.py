"""Claims of CREATE TABLE: the table, each column, each constraint."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.records import Relation
from smoke.database.migration.claims import Facet, Finding, Shape, Thing, Wanted
from smoke.database.migration.column_rules import claim_column
from smoke.database.migration.constraints import claim_constraint
from smoke.database.migration.facets import claim_is
from smoke.database.migration.like import Like
from smoke.database.migration.merged import made_once
from smoke.database.migration.partitions import claim_bound, claim_partitioned
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.sight import OfRelation, Sight, called
from smoke.database.migration.tree import (
    enum_name,
    range_name,
    scalar,
    strings,
)

TABLES = "rpf"


def create_table(planner: Planner, node: Any) -> Planned:
    """CREATE TABLE, also as a partition, a child, of a type, or like another."""
    schema, name = range_name(node.relation)
    if node.relation.relpersistence == "t" or schema == "pg_temp":
        return planner.temporary(name)
    world = planner.world
    planner.temporaries.discard(name)
    table = world.make("relation", name, planner.home(schema))
    table.kinds = TABLES
    parents = [planner.relation(range_name(parent.range_var)) for parent in node.inh_relations]
    merged = bool(parents) or node.HasField("of_typename")
    claim = world.claim(table, Facet.THERE, TableThere())
    world.made(table, claim)
    keyed = _primary(node.table_elts)
    later: list[tuple[Any, str]] = [(n.constraint, "") for n in node.constraints]
    likes: list[tuple[Thing, int]] = []
    for element in node.table_elts:
        match element.WhichOneof("node"):
            case "column_def":
                definition = element.column_def
                own = claim_column(
                    planner, table, definition, merged=merged, keyed=definition.colname in keyed
                )
                later += [(c, definition.colname) for c in own]
            case "constraint":
                later.append((element.constraint, ""))
            case "table_like_clause":
                table.shape = Shape.LIKE
                clause = element.table_like_clause
                likes.append((planner.relation(range_name(clause.relation)), clause.options))
            case _:
                pass
    for constraint, column in made_once(later):
        claim_constraint(planner, table, constraint, column)
    for like, given in likes:
        world.claim(table, Facet.LIKE, Like(like, given), str(like.number))
    _claim_rest(planner, table, node, parents)
    return None


def _primary(elements: Any) -> set[str]:
    """Columns that a key at the table's end makes NOT NULL."""
    found: set[str] = set()
    for element in elements:
        if element.HasField("constraint") and enum_name(element.constraint, "contype") in (
            "CONSTR_PRIMARY",
            "CONSTR_NOTNULL",
        ):
            found |= set(strings(element.constraint.keys))
    return found


class TableThere(Wanted, frozen=True):
    """The table is there, and is the one that was made."""

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        """Whether it is; an old one of the name has columns that were not made."""
        relation = sight.here(thing)
        if relation is None:
            if sight.catalog.relation(thing.schema, thing.name):
                words = f"{called(thing)} is there, but it is not the table that is made"
                return Finding(False, words)
            return sight.no_relation(thing)
        weak = sight.world.replaces(thing)
        if weak and not (relation.parents or relation.of_type or thing.shape is Shape.LIKE):
            said = {part.name for part in thing.parts}
            more = [name for name in sight.catalog.columns(relation) if name not in said]
            if more:
                words = f"{called(thing)} is the old one: it has column {more[0]}"
                return Finding(False, words, old=True)
        return Finding(True, f"table {called(thing)} is there", weak=weak)


def _claim_rest(planner: Planner, table: Thing, node: Any, parents: list[Thing]) -> None:
    world = planner.world
    if node.HasField("partspec"):
        claim_partitioned(planner, table, node.partspec)
    for parent in parents:
        claim_parent(planner, table, parent, wanted=True)
    if node.HasField("partbound"):
        claim_bound(planner, table, parents[0], node.partbound)
    if node.HasField("of_typename"):
        world.claim(table, Facet.TYPE, OfRowType(planner.type_thing(node.of_typename)))
    claim_options(planner, table, node.options)
    if node.relation.relpersistence == "u":
        claim_is(planner, table, Facet.PERSISTENCE, "u")
    if node.tablespacename:
        claim_is(planner, table, Facet.TABLESPACE, node.tablespacename)


def claim_parent(planner: Planner, table: Thing, parent: Thing, *, wanted: bool) -> None:
    """The table is a child or partition of the other, or no longer."""
    planner.world.claim(table, Facet.PARENT, ChildOf(parent, wanted), str(parent.number))


class ChildOf(OfRelation, frozen=True):
    """The table is a child or partition of the other, or not."""

    parent: Thing
    wanted: bool

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        del sight
        child = (self.parent.schema, self.parent.name) in relation.parents
        words = "belongs to" if child else "does not belong to"
        return Finding(child == self.wanted, f"{called(thing)} {words} {called(self.parent)}")


class OfRowType(OfRelation, frozen=True):
    """The table is of that type, or of none."""

    kind: Thing | None

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        del sight
        found, kind = relation.of_type, self.kind
        same = found == (f"{kind.schema}.{kind.name}" if kind else "")
        return Finding(
            same, f"{called(thing)} is " + (f"of type {found}" if found else "of no type")
        )


def claim_options(planner: Planner, table: Thing, nodes: Any, *, resets: bool = False) -> None:
    """Storage parameters; those of a table's TOAST table are written with a prefix."""
    for node in nodes:
        element = node.def_elem
        name = ".".join(part for part in (element.defnamespace, element.defname) if part)
        value = scalar(element.arg) if element.HasField("arg") else "true"
        if name == "oids" and value == "false":
            continue  # what every table is; old dumps say so
        claim_option(planner, table, name, None if resets else value)


def claim_option(planner: Planner, table: Thing, name: str, value: str | None) -> None:
    """A storage parameter has that value; None: it is not set."""
    planner.world.claim(table, Facet.OPTION, TableOption(name, value), name)


class TableOption(OfRelation, frozen=True):
    """A storage parameter has that value; None: it is not set."""

    name: str
    value: str | None

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        del sight
        name, toast = self.name, relation.toast_options
        if toast is None and name.startswith("toast."):
            return Finding(True, f"{called(thing)} has no TOAST table: {name} means nothing to it")
        found = {**relation.options, **(toast or {})}.get(name)
        if self.value is None:
            return Finding(found is None, f"{called(thing)} has {name} {found or 'not set'}")
        same = found is not None and _truth(found) == _truth(self.value)
        return Finding(same, f"{called(thing)} has {name} {'not set' if found is None else found}")


def _truth(value: str) -> str:
    truths = {"on": "true", "off": "false", "yes": "true", "no": "false", "1": "true", "0": "false"}
    return truths.get(value, value)
