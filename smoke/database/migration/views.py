"""Claims on views, materialized views and tables made by a query: columns and the query itself."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Finding, Shape, Thing
from smoke.database.migration.create_table import claim_option
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.sight import called
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
    if enum_name(node, "objtype") == "OBJECT_MATVIEW":
        _claim_query(planner, thing, node.query, strings(into.col_names), "m", "materialized view")
        return None
    path = planner.expression_path

    def judge() -> Finding:
        relation = planner.here(thing)
        if relation is None:
            return planner.no_relation(thing)
        wanted = _described(planner, select_sql(node.query), strings(into.col_names), path)
        found = [
            (c.name, planner.catalog.base_type(c.type_oid))
            for c in planner.catalog.columns(relation).values()
        ]
        if wanted is None:
            return Finding(
                None, f"table {called(thing)} is there; the query that made it cannot be read here"
            )
        if wanted != found:
            return Finding(False, f"table {called(thing)} is there with other columns", half=True)
        return Finding(
            True, f"table {called(thing)} is there with these columns (its rows are not compared)"
        )

    claim = planner.world.claim(thing, "there", judge)
    planner.world.made(thing, claim)
    return None


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


def _described(
    planner: Planner, sql: str, aliases: tuple[str, ...], path: tuple[str, ...]
) -> list[tuple[str, int]] | None:
    described = planner.canon.described(sql, path)
    if described is None:
        return None
    return [
        (aliases[i] if i < len(aliases) else name, kind)
        for i, (name, kind, _) in enumerate(described)
    ]


def _claim_query(
    planner: Planner, thing: Thing, query: Any, aliases: tuple[str, ...], kind: str, word: str
) -> None:
    path, statement = planner.expression_path, planner.world.statement
    sql = select_sql(query)
    planner.world.need(thing, needs(planner, query))
    thing.shape = Shape.VIEW

    def judge() -> Finding:
        relation = planner.here(thing)
        if relation is None:
            return planner.no_relation(thing, word)
        if relation.kind != kind:
            return Finding(False, f"{called(thing)} is there, but it is no {word}")
        row = planner.catalog.one(_VIEWS, relation.schema, relation.name)
        definition = str(row[0]).rstrip(";") if row else ""
        same = _same_query(planner, sql, aliases, definition, path)
        if same is False and any(at > statement for at in planner.world.renamed_at):
            same = None  # the query names things as they were called then
        columns = [
            (c.name, planner.catalog.base_type(c.type_oid))
            for c in planner.catalog.columns(relation).values()
        ]
        wanted = _described(planner, sql, aliases, path)
        if same is not None and wanted is not None and wanted != columns:
            same = False
        if same is None:
            return Finding(
                None,
                f"{word} {called(thing)} is there, but its query cannot be compared: {definition.strip()}",
            )
        words = "is there" if same else f"is there with another query: {definition.strip()}"
        return Finding(same, f"{word} {called(thing)} {words}")

    claim = planner.world.claim(thing, "there", judge)
    planner.world.made(thing, claim)


def _same_query(
    planner: Planner, wanted: str, aliases: tuple[str, ...], found: str, path: tuple[str, ...]
) -> bool | None:
    mine, theirs = planner.canon.query(wanted, path), planner.canon.query(found, path)
    if mine is not None and theirs is not None:
        return mine == theirs and planner.canon.made_of_the_same(wanted, found, mine)
    from smoke.database.migration.plain_tree import plain

    if not aliases and plain(parse_one(wanted)) == plain(parse_one(found)):
        return True
    # the view can be read here and the script's query cannot: it names what is not there
    return False if theirs is not None else None
