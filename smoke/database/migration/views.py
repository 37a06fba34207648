"""Claims on views, materialized views and tables made by a query: columns and the query itself."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.records import Relation
from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Finding, Shape, Thing
from smoke.database.migration.create_table import claim_option
from smoke.database.migration.plain_tree import plain
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.sight import OfRelation, Sight, called
from smoke.database.migration.tree import (
    columns_in,
    enum_name,
    options,
    parse_one,
    range_name,
    scalar,
    select_sql,
    strings,
)


def create_view(planner: Planner, node: Any) -> Planned:
    """CREATE VIEW."""
    if node.view.relpersistence == "t":
        return planner.temporary(node.view.relname)
    schema, name = range_name(node.view)
    thing = planner.world.make("relation", name, planner.home(schema))
    _claim_query(planner, thing, node.query, strings(node.aliases), "v", "view")
    for option, value in options(node.options).items():
        claim_option(planner, thing, option, scalar(value) if value is not None else "true")
    check = enum_name(node, "with_check_option").removesuffix("_CHECK_OPTION").lower()
    if check in ("local", "cascaded"):
        claim_option(planner, thing, "check_option", check)
    return None


def create_table_as(planner: Planner, node: Any) -> Planned:
    """CREATE MATERIALIZED VIEW, CREATE TABLE AS."""
    into = node.into
    if into.rel.relpersistence == "t":
        return planner.temporary(into.rel.relname)
    schema, name = range_name(into.rel)
    thing = planner.world.make("relation", name, planner.home(schema))
    names = strings(into.col_names)
    if enum_name(node, "objtype") == "OBJECT_MATVIEW":
        _claim_query(planner, thing, node.query, names, "m", "materialized view")
        return None
    value = TableOfQuery(select_sql(node.query), names, planner.expression_path)
    planner.world.made_there(thing, value)
    return None


class OfQuery(OfRelation, frozen=True):
    """What a view or table should be that a query makes, its columns under these names."""

    sql: str
    aliases: tuple[str, ...]
    path: tuple[str, ...]

    def _columns(self, sight: Sight) -> list[tuple[str, int]] | None:
        """Name and type's oid of each column that the query has here; None where it cannot be read."""
        described = sight.canon.described(self.sql, self.path)
        names = dict(enumerate(self.aliases))
        if described is None:
            return None
        columns = enumerate(described)
        return [(names.get(place, name), kind) for place, (name, kind, _) in columns]


def _columns(sight: Sight, relation: Relation) -> list[tuple[str, int]]:
    known = sight.catalog.columns(relation).values()
    return [(column.name, sight.catalog.base_type(column.type_oid)) for column in known]


class TableOfQuery(OfQuery, frozen=True):
    """There is a table with the columns of a query."""

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        wanted, words = self._columns(sight), f"table {called(thing)} is there"
        if wanted is None:
            return Finding(None, f"{words}; the query that made it cannot be read here")
        if wanted != _columns(sight, relation):
            return Finding(False, f"{words} with other columns", half=True)
        return Finding(True, f"{words} with these columns (its rows are not compared)")


_VIEWS = ObjectKind(
    "SELECT n.nspname, c.relname, pg_get_viewdef(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('v', 'm') AND {where}",
    key=2,
    schema="n.nspname",
    name="c.relname",
)


def needs(planner: Planner, query: Any) -> list[Thing]:
    """Without what a view ends: what it reads, and the columns that it names when it reads one thing only."""
    names: dict[tuple[str | None, str], None] = {}
    common: set[str] = set()

    def walk(message: Any) -> None:
        if message.DESCRIPTOR.name == "RangeVar":
            names[range_name(message)] = None
        elif message.DESCRIPTOR.name == "CommonTableExpr":
            common.add(message.ctename)
        for field, value in message.ListFields():
            if field.message_type is not None:
                for item in value if field.is_repeated else [value]:
                    walk(item)

    walk(query)
    things = [planner.relation(name) for name in names if name[0] or name[1] not in common]
    if len(things) != 1:
        return things
    return [*things, *(planner.part("column", name, things[0]) for name in columns_in(query))]


def _claim_query(
    planner: Planner, thing: Thing, query: Any, aliases: tuple[str, ...], kind: str, word: str
) -> None:
    path, statement = planner.expression_path, planner.world.statement
    planner.world.need(thing, needs(planner, query))
    thing.shape = Shape.VIEW
    value = ViewThere(select_sql(query), aliases, path, kind, word, statement)
    planner.world.made_there(thing, value)


class ViewThere(OfQuery, frozen=True):
    """There is a view (by its relkind and in words) of that query."""

    kind: str
    word: str
    statement: int

    def _word(self) -> str:
        return self.word

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        if relation.kind != self.kind:
            return Finding(False, f"{called(thing)} is there, but it is no {self.word}")
        row = sight.catalog.one(_VIEWS, relation.schema, relation.name)
        definition = str(row[0]).rstrip(";") if row else ""
        same = self._same(sight, definition)
        if same is False and any(at > self.statement for at in sight.world.renamed_at):
            same = None  # the query names things as they were called then
        wanted = self._columns(sight)
        if same is not None and wanted is not None and wanted != _columns(sight, relation):
            same = False
        words, printed = f"{self.word} {called(thing)} is there", definition.strip()
        if same is None:
            return Finding(None, f"{words}, but its query cannot be compared: {printed}")
        return Finding(same, words if same else f"{words} with another query: {printed}")

    def _same(self, sight: Sight, found: str) -> bool | None:
        mine, theirs = (sight.canon.query(sql, self.path) for sql in (self.sql, found))
        if mine is not None and theirs is not None:
            return mine == theirs and sight.canon.made_of_the_same(self.sql, found, mine)
        if not self.aliases and plain(parse_one(self.sql)) == plain(parse_one(found)):
            return True
        # the view can be read here and the script's query cannot: it names what is not there
        return False if theirs is not None else None
