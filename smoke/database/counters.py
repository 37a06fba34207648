"""What a database counts, read before and after an order: what is rolled back is counted all the same.

- `pg_stat_statements` counts a statement when it has been carried out, at once, for everybody: one that ended in an error
  is not counted, and those of its transaction before it are (PostgreSQL's documentation, F.32).
- A sequence is never set back (9.17): it tells of a row that was tried and undone.
- Each writing transaction takes a number of the server (`pg_current_snapshot`, 9.27.2.2): so many there were.
- `pg_stat_user_tables` counts undone rows too, but each session tells it late (27.2.2): where it tells is for who reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from smoke.database.session import Database, Refusal
from smoke.sql import identifier

_MOST_ROWS = 20_000
"""Counters that are read at once; `pg_stat_statements.max` is 5000 where nobody set it."""
_MOST_OBJECTS = 2_000


@dataclass(frozen=True, slots=True)
class CountedStatement:
    """A statement as `pg_stat_statements` tells it from others; `top` is false for one inside of a function or rule."""

    user: int
    query: int
    top: bool = True


@dataclass(frozen=True, slots=True)
class OfTable:
    """What a table's statistics say: rows that were put into it, undone ones included, and how often it was searched."""

    inserted: int
    searched: int


Writer = tuple[int, int, int | None]
"""Process and transaction of a session that has written, and since when it has been idle in it; None where it is not."""


@dataclass(frozen=True, slots=True)
class Counters:
    """One reading. `statements` is None where they cannot be read.

    `next_transaction` is the number that the next writing transaction of the server takes, `writing` which others were
    under way. `sequences` has the last value of each (None: not used yet), `tables` the statistics, both by oid.
    """

    next_transaction: int
    writing: frozenset[Writer] = frozenset()
    statements: Mapping[CountedStatement, int] | None = None
    sequences: Mapping[int, int | None] = field(default_factory=dict)
    tables: Mapping[int, OfTable] = field(default_factory=dict)
    hidden: int = 0
    """Statements of others, whose names this role is not shown."""


@dataclass(frozen=True, slots=True)
class StatementSource:
    """Where statements are counted: the function of the extension as SQL, empty where there is none, and `why`.

    `nested` says that the extension knows statements inside of functions (1.9, of PostgreSQL 14, and later).
    """

    function: str = ""
    nested: bool = False
    why: str = ""


NO_EXTENSION = (
    "pg_stat_statements, which counts the statements of an order, is not in this database"
    " (CREATE EXTENSION pg_stat_statements; it has to be in shared_preload_libraries too)"
)
NO_RIGHT = "pg_stat_statements shows this role its own statements only: GRANT pg_read_all_stats would show the shop's"


def source_of(database: Database) -> StatementSource:
    """Where this database counts statements. Raises SmokeError when it cannot be asked."""
    row = database.row(
        "SELECT n.nspname, e.extversion FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
        " WHERE e.extname = 'pg_stat_statements'"
    )
    if row is None:
        return StatementSource(why=NO_EXTENSION)
    schema, version = str(row[0]), str(row[1])
    parts = re.match(r"(\d{1,4})\.(\d{1,4})", version)
    nested = parts is not None and (int(parts[1]), int(parts[2])) >= (1, 9)
    function = f"{identifier(schema)}.pg_stat_statements"
    asked = database.attempt(f"SELECT 1 FROM {function}(false) LIMIT 1")  # noqa: S608  (a quoted name of the catalogue)
    if isinstance(asked, Refusal):
        return StatementSource(why=f"pg_stat_statements cannot be read: {asked.message}")
    return StatementSource(function, nested)


_ALWAYS = f"""
SELECT 'transaction', NULL::bigint, NULL::bigint, NULL::boolean, txid_snapshot_xmax(txid_current_snapshot()), NULL::bigint
UNION ALL (SELECT 'writing', pid::bigint, CASE WHEN state LIKE 'idle in transaction%' THEN (extract(epoch FROM state_change) * 1000000)::bigint END,
  NULL, backend_xid::text::bigint, NULL FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid())
UNION ALL (SELECT 'sequence', seqrelid::bigint, NULL, NULL, pg_sequence_last_value(seqrelid), NULL FROM pg_sequence
  WHERE seqcache = 1 AND has_sequence_privilege(seqrelid, 'USAGE, SELECT') LIMIT {_MOST_OBJECTS})
UNION ALL (SELECT 'table', relid::bigint, NULL, NULL, n_tup_ins, coalesce(seq_scan, 0) + coalesce(idx_scan, 0)
  FROM pg_stat_user_tables LIMIT {_MOST_OBJECTS})
"""  # noqa: S608  (our own numbers)


def read(database: Database, source: StatementSource) -> Counters:
    """The counters of now, in one question. Raises SmokeError."""
    asked = _ALWAYS
    if source.function:
        top = "toplevel" if source.nested else "true"
        asked += (
            f"UNION ALL (SELECT 'statement', userid::bigint, queryid, {top}, calls, NULL FROM {source.function}(false)"  # noqa: S608  (a quoted name of the catalogue)
            f" WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT {_MOST_ROWS})"
        )
    statements: dict[CountedStatement, int] = {}
    sequences: dict[int, int | None] = {}
    tables: dict[int, OfTable] = {}
    writing: set[Writer] = set()
    next_transaction = hidden = 0
    for kind, first, second, top, number, other in database.rows(asked):
        if kind == "statement" and second is None:
            hidden += 1
        elif kind == "statement":
            statements[CountedStatement(int(first), int(second), bool(top))] = int(number)
        elif kind == "sequence":
            sequences[int(first)] = None if number is None else int(number)
        elif kind == "table":
            tables[int(first)] = OfTable(int(number), int(other))
        elif kind == "writing":
            writing.add((int(first), int(number), None if second is None else int(second)))
        else:
            next_transaction = int(number)
    return Counters(
        next_transaction,
        frozenset(writing),
        statements if source.function else None,
        sequences,
        tables,
        hidden,
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted while one request was under way. `alone`: no other order of this run was placed meanwhile.

    `ended` is when it was read the second time, by the monotonic clock.
    """

    before: Counters
    after: Counters
    alone: bool = True
    ended: float = 0.0

    @property
    def transactions(self) -> int | None:
        """How many transactions of the whole server wrote; None where one was under way at the beginning or the end.

        One that did nothing all the time, and only stands there with its locks, is left out.
        """
        idle = all(since is not None for *_, since in self.before.writing)
        if self.before.writing != self.after.writing or not idle or not self.alone:
            return None
        return self.after.next_transaction - self.before.next_transaction

    def statements(self) -> dict[CountedStatement, int] | None:
        """How often each statement was carried out; None where that is not known (counters were set back meanwhile)."""
        before, after = self.before.statements, self.after.statements
        if before is None or after is None:
            return None
        if any(after.get(statement, 0) < count for statement, count in before.items()):
            return None
        ran = {each: count - before.get(each, 0) for each, count in after.items()}
        return {each: count for each, count in ran.items() if count}

    def moved(self) -> dict[int, int]:
        """The sequences that gave values, by oid: how many numbers their last value is farther than it was."""
        found = {}
        for oid, last in self.after.sequences.items():
            was = self.before.sequences.get(oid, last)
            if last is not None and last != was:
                found[oid] = 1 if was is None else last - was
        return found


@dataclass(frozen=True, slots=True)
class Compared:
    """An order that worked, and the one of the same scenario that did not: what was counted of each.

    `worked` and `failed` are their steps as a reader knows them, `order_id` is the shop's for the one that worked. `settled`
    are the counters of later, when the late statistics have come; None before that.
    """

    source: StatementSource
    first: Counted
    second: Counted
    worked: str
    failed: str
    order_id: str
    settled: Counters | None = None
