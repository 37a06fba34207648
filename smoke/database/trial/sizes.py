"""How large a locked table is in the real database, and who holds it now. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smoke.database.answers.rows import lasting
from smoke.database.session import Database
from smoke.database.trial.carried import Carried, Lock
from smoke.database.trial.demands import Table
from smoke.database.trial.locks import Work, called, stops, waits_for
from smoke.sql import relation
from smoke.text import plural


@dataclass(frozen=True, slots=True)
class Locked:
    """A lock that a fix takes, in words and as values. `bytes` and `rows` are of the real table, None where not known.

    `waiting` are sessions that hold the table now so that the lock would wait for them, `longest` their oldest
    transaction in seconds.
    """

    place: str
    table: str
    mode: str
    stops: str
    work: str
    until: str
    bytes: int | None = None
    rows: int | None = None
    waiting: int = 0
    longest: float | None = None

    def line(self) -> str:
        """In words."""
        said = f"{self.place} {self.mode} on {self.table}: {self.stops}; {self.duration()}"
        if self.waiting:
            since = f", the oldest transaction for {lasting(self.longest)}" if self.longest else ""
            said += f"; now it would wait for {plural(self.waiting, 'session')}{since}"
        return said

    def duration(self) -> str:
        """How long it is held."""
        until = f", then held until {self.until}" if self.until else ""
        size = "the table"
        if self.bytes is not None:
            count = (
                f", about {plural(self.rows, 'row')}"
                if self.rows is not None and self.rows >= 0
                else ""
            )
            size = f"{_bytes(self.bytes)}{count}"
        doing = {
            Work.CATALOGUE: "an instant (only the catalogue changes)",
            Work.SCAN: f"as long as it takes to read all of it ({size})",
            Work.INDEX: f"as long as it takes to build an index over it ({size})",
            Work.REWRITE: f"as long as it takes to write all of it anew, with its indexes ({size})",
            Work.ROWS: f"as long as its rows take ({size})",
        }
        return doing[Work(self.work)] + until


_SIZE = (
    "SELECT pg_table_size(c.oid), c.reltuples::int8, count(DISTINCT l.pid),"
    " max(extract(epoch FROM clock_timestamp() - a.xact_start))::float8"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_locks l ON l.relation = c.oid"
    " AND l.granted AND l.pid <> pg_backend_pid() AND l.mode = ANY (%s::text[])"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " LEFT JOIN pg_stat_activity a ON a.pid = l.pid WHERE n.nspname = %s AND c.relname = %s GROUP BY c.oid, c.reltuples"
)


def locked(database: Database, carried: Carried) -> list[Locked]:
    """Each lock of the fix with the size of its table."""
    found = []
    known: dict[tuple[Table, str], Sequence[object] | None] = {}
    for step in carried.steps:
        for lock in step.locks:
            key = (lock.table, lock.mode)
            if key not in known:
                known[key] = database.row(_SIZE, list(waits_for(lock.mode)), *lock.table)
            found.append(_of(step.place, step.file, lock, known[key]))
    return found


def _of(place: str, file: str, lock: Lock, row: Sequence[object] | None) -> Locked:
    size, rows, waiting, longest = row or (None, None, 0, None)
    return Locked(
        place,
        relation(lock.table[1], lock.table[0]),
        called(lock.mode),
        stops(lock.mode),
        lock.work.value,
        f"{file}:{lock.until} (COMMIT)" if lock.until else "",
        size if isinstance(size, int) else None,
        rows if isinstance(rows, int) else None,
        waiting if isinstance(waiting, int) else 0,
        longest if isinstance(longest, float) else None,
    )


_UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def _bytes(size: int) -> str:
    for unit, word in _UNITS:
        if size >= unit:
            return f"{size / unit:.1f} {word}"
    return f"{size} B"
