"""Claims on partitions: what a table is partitioned by, and which values a partition is for."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.records import Relation
from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.bounds import bound_words, same_bound
from smoke.database.migration.claims import Facet, Finding, Thing, together
from smoke.database.migration.columns import InTable, in_table
from smoke.database.migration.planner import Planner
from smoke.database.migration.sight import OfRelation, Sight, called
from smoke.database.migration.tree import (
    columns_in,
    enum_name,
    inner,
    parse_one,
    strings,
)


def claim_partitioned(planner: Planner, table: Thing, spec: Any) -> None:
    """The table is partitioned in that way by that key."""
    value = PartitionedBy(spec, planner.world.statement, planner.expression_path)
    planner.world.claim(table, Facet.PARTITIONED, value)


class PartitionedBy(OfRelation, frozen=True):
    """The table is partitioned in that way by that key (a tree)."""

    spec: Any
    statement: int
    path: tuple[str, ...]

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        key = relation.partition_key
        if not key:
            return Finding(False, f"{called(thing)} is not partitioned")
        found = parse_one(f"CREATE TABLE t (x int) PARTITION BY {key}").create_stmt.partspec
        same = self._same(found, in_table(sight, thing, self.statement, self.path))
        return Finding(same, f"{called(thing)} is partitioned by {key}")

    def _same(self, found: Any, here: InTable) -> bool | None:
        spec = self.spec
        if enum_name(spec, "strategy") != enum_name(found, "strategy"):
            return False
        if len(spec.part_params) != len(found.part_params):
            return False
        pairs = zip(spec.part_params, found.part_params, strict=True)
        elements = [(a.partition_elem, b.partition_elem) for a, b in pairs]
        return together(_same_element(*pair, here) for pair in elements)


def _same_element(a: Any, b: Any, here: InTable) -> bool | None:
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
        return here.now([name]) == [b.name]
    return here.same(a.expr, b.expr)


def _plain_column(expression: Any) -> str:
    kind, value = inner(expression)
    return columns_in(value)[0] if kind == "column_ref" else ""


def claim_bound(planner: Planner, table: Thing, parent: Thing, bound: Any) -> None:
    """The partition is for these values."""
    planner.world.claim(table, Facet.BOUND, Bound(parent, bound))


class Bound(OfRelation, frozen=True):
    """The partition of a table is for these values (a tree)."""

    parent: Thing
    bound: Any

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        if not relation.bound:
            return Finding(False, f"{called(thing)} is no partition")
        whole = sight.here(self.parent)
        # the types of a partition key's columns, empty for an expression
        rows = sight.catalog.rows(_KEYS, whole.schema, whole.name) if whole else []
        same = same_bound(sight, self.bound, relation.bound, [str(row[0]) for row in rows])
        also = "" if same else f", not {bound_words(self.bound)}"
        return Finding(same, f"partition {called(thing)} is {relation.bound}{also}")


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
