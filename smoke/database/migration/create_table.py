"""Claims of CREATE TABLE: the table, each column, each constraint."""

from __future__ import annotations

from functools import partial
from typing import Any

from smoke.database.migration.claims import Finding, Thing
from smoke.database.migration.column_rules import claim_column, take_apart
from smoke.database.migration.constraints import claim_constraint
from smoke.database.migration.like import like_finding
from smoke.database.migration.merged import made_once
from smoke.database.migration.partitions import claim_bound, claim_partitioned
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.sight import called
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
    claim = world.claim(table, "there", lambda: _there(planner, table))
    world.made(table, claim)
    keyed = _primary(node.table_elts)
    later: list[tuple[Any, str]] = [(n.constraint, "") for n in node.constraints]
    likes: list[tuple[Thing, int]] = []
    for element in node.table_elts:
        match element.WhichOneof("node"):
            case "column_def":
                definition = element.column_def
                claim_column(
                    planner, table, definition, merged=merged, keyed=definition.colname in keyed
                )
                later += [(c, definition.colname) for c in take_apart(definition).constraints]
            case "constraint":
                later.append((element.constraint, ""))
            case "table_like_clause":
                table.words = "like"
                clause = element.table_like_clause
                likes.append((planner.relation(range_name(clause.relation)), clause.options))
            case _:
                pass
    for constraint, column in made_once(later):
        claim_constraint(planner, table, constraint, column)
    for like, given in likes:
        world.claim(table, f"like {id(like)}", partial(like_finding, planner, table, like, given))
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


def _there(planner: Planner, table: Thing) -> Finding:
    relation = planner.here(table)
    if relation is None:
        if planner.catalog.relation(table.schema, table.name):
            return Finding(False, f"{called(table)} is there, but it is not the table that is made")
        return planner.no_relation(table)
    weak = planner.world.replaces(table)
    if weak and not (relation.parents or relation.of_type or table.words == "like"):
        said = {part.name for part in table.parts}
        more = [name for name in planner.catalog.columns(relation) if name not in said]
        if more:
            return Finding(
                False, f"{called(table)} is the old one: it has column {more[0]}", old=True
            )
    return Finding(True, f"table {called(table)} is there", weak=weak)


def _claim_rest(planner: Planner, table: Thing, node: Any, parents: list[Thing]) -> None:
    world = planner.world
    if node.HasField("partspec"):
        claim_partitioned(planner, table, node.partspec)
    for parent in parents:
        claim_parent(planner, table, parent, wanted=True)
    if node.HasField("partbound"):
        claim_bound(planner, table, parents[0], node.partbound)
    if node.HasField("of_typename"):
        kind = planner.type_thing(node.of_typename)

        def typed() -> Finding:
            relation = planner.here(table)
            of = relation.of_type if relation else ""
            same = kind is not None and of == f"{kind.schema}.{kind.name}"
            return Finding(same, f"{called(table)} is " + (f"of type {of}" if of else "of no type"))

        world.claim(table, "type", typed)
    claim_options(planner, table, node.options)
    if node.relation.relpersistence == "u":
        claim_persistence(planner, table, "u")
    if node.tablespacename:
        claim_tablespace(planner, table, node.tablespacename)


def claim_parent(planner: Planner, table: Thing, parent: Thing, *, wanted: bool) -> None:
    """The table is a child or partition of the other, or no longer."""

    def judge() -> Finding:
        relation = planner.here(table)
        if relation is None:
            return planner.no_relation(table)
        child = (parent.schema, parent.name) in relation.parents
        words = "belongs to" if child else "does not belong to"
        return Finding(child == wanted, f"{called(table)} {words} {called(parent)}")

    planner.world.claim(table, f"parent {id(parent)}", judge)


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
    truths = {"on": "true", "off": "false", "yes": "true", "no": "false", "1": "true", "0": "false"}

    def judge() -> Finding:
        relation = planner.here(table)
        if relation is None:
            return planner.no_relation(table)
        toast = relation.toast_options
        if toast is None and name.startswith("toast."):
            return Finding(True, f"{called(table)} has no TOAST table: {name} means nothing to it")
        found = {**relation.options, **(toast or {})}.get(name)
        if value is None:
            return Finding(found is None, f"{called(table)} has {name} {found or 'not set'}")
        same = found is not None and (
            found == value or truths.get(found, found) == truths.get(value, value)
        )
        return Finding(same, f"{called(table)} has {name} {'not set' if found is None else found}")

    planner.world.claim(table, f"option {name}", judge)


def claim_persistence(planner: Planner, table: Thing, wanted: str) -> None:
    """The table is unlogged (u) or logged (p)."""

    def judge() -> Finding:
        relation = planner.here(table)
        if relation is None:
            return planner.no_relation(table)
        words = "unlogged" if relation.persistence == "u" else "logged"
        return Finding(relation.persistence == wanted, f"{called(table)} is {words}")

    planner.world.claim(table, "persistence", judge)


def claim_tablespace(planner: Planner, table: Thing, wanted: str) -> None:
    """The table lies in that tablespace."""

    def judge() -> Finding:
        relation = planner.here(table)
        if relation is None:
            return planner.no_relation(table)
        found = relation.tablespace or "pg_default"
        return Finding(found == wanted, f"{called(table)} lies in tablespace {found}")

    planner.world.claim(table, "tablespace", judge)
