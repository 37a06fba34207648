"""Claims on extended statistics."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Facet, Finding, Thing, Wanted, together
from smoke.database.migration.columns import InTable, in_table
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.sight import Sight, called
from smoke.database.migration.tree import (
    columns_in,
    inner,
    name_of,
    parse_one,
    range_name,
    scalar,
    strings,
)

_STATISTICS = ObjectKind(
    "SELECT n.nspname, s.stxname, pg_get_statisticsobjdef(s.oid), coalesce((to_jsonb(s) ->> 'stxstattarget')::int, -1)"
    " FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace"
    " WHERE {where}",
    key=2,
    schema="n.nspname",
    name="s.stxname",
)


def create_statistics(planner: Planner, node: Any) -> Planned:
    """CREATE STATISTICS: on these columns and expressions of that table, of these kinds."""
    kind, relation = inner(node.relations[0])
    if kind != "range_var" or not node.defnames:
        return Unjudged("statistics without a name or a table: smoke does not look them up")
    table = planner.relation(range_name(relation))
    schema, name = name_of(node.defnames)
    thing = planner.world.make("statistics", name, planner.home(schema))
    said = [e.stats_elem for e in node.exprs]
    names = [n for e in said for n in ([e.name] if e.name else columns_in(e.expr))]
    columns = [planner.part("column", name, table) for name in dict.fromkeys(names)]
    planner.world.need(thing, [table, *columns])
    value = StatisticsThere(node, table, planner.world.statement, planner.expression_path)
    planner.world.made(thing, planner.world.claim(thing, Facet.THERE, value))
    return None


class StatisticsThere(Wanted, frozen=True):
    """There are the statistics that CREATE STATISTICS (a tree) makes on a table."""

    node: Any
    table: Thing
    statement: int
    path: tuple[str, ...]

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        row = sight.catalog.one(_STATISTICS, thing.schema, thing.name)
        if row is None:
            return Finding(False, f"there are no statistics {called(thing)} in this database")
        here = in_table(sight, self.table, self.statement, self.path)
        same = _same(self.node, parse_one(row[0]).create_stats_stmt, here)
        return Finding(same, f"statistics {called(thing)}: {row[0]}")


def _same(node: Any, other: Any, here: InTable) -> bool | None:
    table = here.table
    on = range_name(inner(other.relations[0])[1])
    if on[1] != table.name or on[0] not in (None, table.schema):
        return False
    mine, theirs = (sorted(strings(n.stat_types)) for n in (node, other))
    if mine != theirs and mine and (theirs or len(mine) != _ALL):
        return False
    columns, others = (
        [e.stats_elem.name for e in n.exprs if e.stats_elem.name] for n in (node, other)
    )
    if sorted(here.now(columns)) != sorted(others) or len(node.exprs) != len(other.exprs):
        return False
    pairs = zip(
        *([e.stats_elem.expr for e in n.exprs if not e.stats_elem.name] for n in (node, other)),
        strict=True,
    )
    return together(here.same(a, b) for a, b in pairs)


_ALL = 3
"""The number of kinds; the server leaves them out when it has all."""


def alter_statistics(planner: Planner, node: Any) -> Planned:
    """ALTER STATISTICS … SET STATISTICS."""
    schema, name = name_of(node.defnames)
    thing = planner.world.get("statistics", name, planner.home(schema))
    wanted = scalar(node.stxstattarget) if node.HasField("stxstattarget") else "-1"
    planner.world.claim(thing, Facet.TARGET, StatisticsTarget(wanted))
    return None


class StatisticsTarget(Wanted, frozen=True):
    """How many rows the statistics are made of."""

    number: str | None

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        row = sight.catalog.one(_STATISTICS, thing.schema, thing.name)
        if row is None:
            return Finding(False, f"there are no statistics {called(thing)} in this database")
        words = f"statistics {called(thing)} have target {row[1]}"
        return Finding(str(row[1]) == self.number, words)
