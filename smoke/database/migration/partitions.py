"""Claims on partitions: what a table is partitioned by, and which values a partition is for."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.bounds import bound_words, same_bound
from smoke.database.migration.claims import Finding, Thing
from smoke.database.migration.columns import sources
from smoke.database.migration.planner import Planner
from smoke.database.migration.sight import called
from smoke.database.migration.tree import (
    columns_in,
    enum_name,
    expression_sql,
    inner,
    parse_one,
    renamed,
    strings,
)


def claim_partitioned(planner: Planner, table: Thing, spec: Any) -> None:
    """The table is partitioned in that way by that key."""
    statement, path = planner.world.statement, planner.expression_path

    def judge() -> Finding:
        relation = planner.here(table)
        if relation is None:
            return planner.no_relation(table)
        key = relation.partition_key
        if not key:
            return Finding(False, f"{called(table)} is not partitioned")
        names = planner.world.renamed_since(table, statement)
        found = parse_one(f"CREATE TABLE t (x int) PARTITION BY {key}").create_stmt.partspec
        same = _same_key(planner, spec, found, table, names, path)
        return Finding(same, f"{called(table)} is partitioned by {key}")

    planner.world.claim(table, "partitioned", judge)


def _same_key(
    planner: Planner,
    spec: Any,
    found: Any,
    table: Thing,
    names: dict[str, str],
    path: tuple[str, ...],
) -> bool | None:
    if enum_name(spec, "strategy") != enum_name(found, "strategy"):
        return False
    if len(spec.part_params) != len(found.part_params):
        return False
    results: list[bool | None] = []
    for mine, theirs in zip(spec.part_params, found.part_params, strict=True):
        a, b = mine.partition_elem, theirs.partition_elem
        results.append(_same_element(planner, a, b, table, names, path))
    if False in results:
        return False
    return None if None in results else True


def _same_element(
    planner: Planner,
    a: Any,
    b: Any,
    table: Thing,
    names: dict[str, str],
    path: tuple[str, ...],
) -> bool | None:
    name = a.name or _plain_column(a.expr)
    if bool(name) != bool(b.name):
        return False
    classes = strings(a.opclass)[-1:], strings(b.opclass)[-1:]
    collations = strings(a.collation)[-1:], strings(b.collation)[-1:]
    if (classes[1] and classes[0] != classes[1]) or (
        collations[1] and collations[0] != collations[1]
    ):
        return False
    if name:
        return bool(names.get(name, name) == b.name)
    return planner.canon.same(
        expression_sql(renamed(a.expr, names)),
        expression_sql(b.expr),
        sources(planner, table),
        path=path,
    )


def _plain_column(expression: Any) -> str:
    kind, value = inner(expression)
    return columns_in(value)[0] if kind == "column_ref" else ""


def claim_bound(planner: Planner, table: Thing, parent: Thing, bound: Any) -> None:
    """The partition is for these values."""

    def judge() -> Finding:
        relation = planner.here(table)
        if relation is None:
            return planner.no_relation(table)
        if not relation.bound:
            return Finding(False, f"{called(table)} is no partition")
        same = same_bound(planner, bound, relation.bound, _key_types(planner, parent))
        words = f"partition {called(table)} is {relation.bound}"
        return Finding(same, words + ("" if same else f", not {bound_words(bound)}"))

    planner.world.claim(table, "bound", judge)


def _key_types(planner: Planner, parent: Thing) -> list[str]:
    """The types of a partition key's columns, empty for an expression."""
    relation = planner.here(parent)
    if relation is None:
        return []
    rows = planner.catalog.rows(_KEYS, relation.schema, relation.name)
    return [str(row[0]) for row in rows]


_KEYS = ObjectKind(
    "SELECT n.nspname, c.relname, coalesce(format_type(a.atttypid, a.atttypmod), '') FROM pg_partitioned_table p"
    " JOIN pg_class c ON c.oid = p.partrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " CROSS JOIN unnest(p.partattrs::int2[]) WITH ORDINALITY k(num, pos)"
    " LEFT JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = k.num AND k.num > 0"
    " WHERE {where} ORDER BY p.partrelid, k.pos",
    key=2,
    schema="n.nspname",
    name="c.relname",
)
