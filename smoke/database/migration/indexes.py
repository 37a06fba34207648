"""Claims on indexes, compared by what they do, not by how they are written."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from smoke.database.catalogue.records import Index
from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Facet, Finding, Of, Shape, Thing, Wanted, together
from smoke.database.migration.columns import InTable, in_table
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.sight import Sight, called
from smoke.database.migration.tree import (
    columns_in,
    enum_name,
    expression_sql,
    inner,
    options,
    parse_one,
    range_name,
    scalar,
    strings,
)
from smoke.sql import identifier


def create_index(planner: Planner, node: Any) -> Planned:
    """CREATE INDEX: an index of that name, or of that definition when it has none."""
    world = planner.world
    table = planner.relation(range_name(node.relation))
    statement, path = world.statement, planner.expression_path
    if node.idxname:
        index = world.make("relation", node.idxname, table.schema)
        index.shape = Shape.INDEX
    else:
        index = world.new("relation", _chosen_name(node), schema=table.schema)
        index.shape = Shape.UNNAMED
    world.need(index, [table, *_columns(planner, node, table)])
    value = IndexThere(node, table, statement, path)
    world.made(index, world.claim(index, Facet.THERE, value))
    return None


class IndexThere(Wanted, frozen=True):
    """There is the index that CREATE INDEX (a tree) makes on a table."""

    node: Any
    table: Thing
    statement: int
    path: tuple[str, ...]

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        relation = sight.here(self.table)
        if relation is None:
            return sight.no_relation(self.table)
        here = in_table(sight, self.table, self.statement, self.path)
        if thing.shape is Shape.UNNAMED:
            for other in sight.catalog.indexes(relation):
                if not other.constraint and same_index(self.node, other, here) is True:
                    return _valid(other, self.node)
            words = f"no index of {called(self.table)} is over {_keys(self.node)} in that way"
            return Finding(False, words)
        found = sight.catalog.index(thing.schema, thing.name)
        if found is None:
            known = sight.catalog.indexes(relation)
            like = [other.name for other in known if same_index(self.node, other, here)]
            also = f"; {identifier(like[0])} is the same under another name" if like else ""
            taken = sight.catalog.relation(thing.schema, thing.name)
            there = f"; the name belongs to something else on {called(thing)}" if taken else ""
            return Finding(False, f"there is no index {called(thing)}{also}{there}")
        if found.table != (self.table.schema, self.table.name):
            return Finding(False, f"index {called(thing)} is on another table: {found.definition}")
        altered = sight.world.altered_since(thing, self.statement)
        same = same_index(self.node, found, here, altered)
        if same:
            return _valid(found, self.node)
        how = " with another definition" if same is False else ", but cannot be compared"
        return Finding(same, f"index {called(thing)} is there{how}: {found.definition}")


def _columns(planner: Planner, node: Any, table: Thing) -> list[Thing]:
    """The columns without which the index goes too."""
    names: list[str] = []
    for element in (*node.index_params, *node.index_including_params):
        item = element.index_elem
        names += [item.name] if item.name else columns_in(item.expr)
    if node.HasField("where_clause"):
        names += columns_in(node.where_clause)
    return [planner.part("column", name, table) for name in dict.fromkeys(names)]


def _chosen_name(node: Any) -> str:
    """The name that PostgreSQL makes of the table and columns, when nothing else has it."""
    parts = [e.index_elem.name or "expr" for e in node.index_params]
    return "_".join([node.relation.relname, *parts, "idx"])


def _valid(found: Index, node: Any) -> Finding:
    only = (
        not node.relation.inh
    )  # an index ON ONLY a partitioned table waits for those of its partitions
    if found.valid or only:
        return Finding(True, f"index {identifier(found.name)} is there: {found.definition}")
    return Finding(
        False,
        f"index {identifier(found.name)} is there but INVALID: its build failed or has not finished",
    )


def _keys(node: Any) -> str:
    return (
        "("
        + ", ".join(
            identifier(e.index_elem.name)
            if e.index_elem.name
            else expression_sql(e.index_elem.expr)
            for e in node.index_params
        )
        + ")"
    )


def same_index(
    node: Any, found: Index, here: InTable, altered: AbstractSet[tuple[Facet, Of]] = frozenset()
) -> bool | None:
    """Whether a CREATE INDEX makes the index that was found, but for facets that were altered later."""
    other = parse_one(found.definition).index_stmt
    if (node.unique, node.nulls_not_distinct) != (other.unique, other.nulls_not_distinct):
        return False
    method, count = node.access_method or "btree", len(node.index_params)
    if (method, count) != (other.access_method, len(other.index_params)):
        return False
    if not _options_same(node, other, altered):
        return False
    mine, theirs = (
        [e.index_elem.name for e in one.index_including_params] for one in (node, other)
    )
    if here.now(mine) != theirs:
        return False
    pairs = zip(node.index_params, other.index_params, strict=True)
    results = [same_element(a.index_elem, b.index_elem, here, method) for a, b in pairs]
    return together([*results, here.same(condition(node), condition(other))])


def condition(node: Any) -> Any:
    """The WHERE of an index or exclusion (a tree); None without one."""
    return node.where_clause if node.HasField("where_clause") else None


def _options_same(node: Any, other: Any, altered: AbstractSet[tuple[Facet, Of]]) -> bool:
    truths = {"on": "true", "off": "false"}
    mine, theirs = (
        {
            name: truths.get(scalar(value) or "", scalar(value))
            for name, value in options(n.options).items()
            if (Facet.OPTION, name) not in altered
        }
        for n in (node, other)
    )
    return mine == theirs


def same_element(a: Any, b: Any, here: InTable, method: str) -> bool | None:
    """Whether two elements of an index are the same; `b` is the server's, which leaves defaults out."""
    a, b = _peeled(a), _peeled(b)
    if bool(a.name) != bool(b.name) or here.now([a.name]) != [b.name]:
        return False
    if _order(a) != _order(b):
        return False
    if not _class_same(here.sight, a, b, method) or not _collation_same(here, a, b):
        return False
    return True if a.name else here.same(a.expr, b.expr)


def _peeled(element: Any) -> Any:
    """The element with a collation and a plain column taken out of the parentheses of an expression."""
    value: Any
    kind, value = inner(element.expr) if element.HasField("expr") else ("", None)
    if kind == "collate_clause" and not element.collation:
        copy = type(element)()
        copy.CopyFrom(element)
        copy.collation.extend(value.collname)
        copy.expr.CopyFrom(value.arg)
        return _peeled(copy)
    if kind == "column_ref" and value.fields[-1].HasField("string"):
        copy = type(element)()
        copy.CopyFrom(element)
        copy.ClearField("expr")
        copy.name = value.fields[-1].string.sval
        return copy
    return element


def _order(element: Any) -> tuple[bool, bool]:
    descending = enum_name(element, "ordering") == "SORTBY_DESC"
    nulls = enum_name(element, "nulls_ordering")
    first = descending if nulls == "SORTBY_NULLS_DEFAULT" else nulls == "SORTBY_NULLS_FIRST"
    return descending, first


_USUAL_CLASSES = ObjectKind(
    "SELECT o.opcname, m.amname FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod WHERE o.opcdefault",
    key=2,
)


def _class_same(sight: Sight, a: Any, b: Any, method: str) -> bool:
    mine, theirs = strings(a.opclass)[-1:], strings(b.opclass)[-1:]
    if mine == theirs:
        return True
    if theirs or not mine:
        return False
    return sight.catalog.one(_USUAL_CLASSES, mine[0], method) is not None


def _collation_same(here: InTable, a: Any, b: Any) -> bool:
    mine, theirs = strings(a.collation)[-1:], strings(b.collation)[-1:]
    if mine == theirs:
        return True
    if theirs or not a.name:
        return False
    relation = here.sight.here(here.table)
    column = here.sight.catalog.columns(relation).get(a.name) if relation else None
    return column is not None and (column.collation or "default") == mine[0]
