"""The history's tables, and the statements that read and write them: the same for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import astuple

from smoke.diagnostic import SmokeError
from smoke.history.rows import FailureRow, RunRecord, RunRow, ScenarioRow, StepRow

SCHEMA = 1
"""Number of the tables' format; it changes when an older smoke could not read them any more."""

_NAMES: dict[type[Struct], str] = {
    RunRow: "smoke_runs",
    ScenarioRow: "smoke_scenarios",
    StepRow: "smoke_steps",
    FailureRow: "smoke_failures",
}
_KINDS = {"str": "TEXT NOT NULL", "int": "INTEGER NOT NULL", "float": "DOUBLE PRECISION NOT NULL"}
_PARTS: tuple[type[Struct], ...] = (ScenarioRow, StepRow, FailureRow)
_AT_ONCE = 500
"""Names that one statement asks for: SQLite takes 999 values at least."""

Part = TypeVar("Part", bound=Struct)
Row = Sequence[Any]


class Connection(Protocol):
    """An open transaction; values stand for question marks."""

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """The rows of a question."""

    def change(self, sql: str, many: Iterable[Sequence[object]] = ((),)) -> None:
        """Carry a statement out, once for each of the values."""


class History:
    """Finished runs in an open database; the newest is the one that began last."""

    def __init__(self, connection: Connection, place: str) -> None:
        self._db = connection
        self._place = place

    def prepare(self) -> None:
        """Make the tables that are not there yet. Raises SmokeError where a later smoke made other ones."""
        self._db.change("CREATE TABLE IF NOT EXISTS smoke_history (schema INTEGER NOT NULL)")
        self._check()
        for kind, name in _NAMES.items():
            self._db.change(f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(_columns(kind))})")
        self._db.change(
            "CREATE INDEX IF NOT EXISTS smoke_runs_by_target ON smoke_runs (target, started, id)"
        )
        for kind in _PARTS:
            name = _NAMES[kind]
            self._db.change(f"CREATE INDEX IF NOT EXISTS {name}_by_run ON {name} (run)")
        if not self._db.rows("SELECT schema FROM smoke_history"):
            self._db.change("INSERT INTO smoke_history VALUES (?)", [(SCHEMA,)])

    def _check(self) -> None:
        found = self._db.rows("SELECT schema FROM smoke_history")
        if found and int(found[0][0]) > SCHEMA:
            raise SmokeError.of(
                "history-newer",
                f"the history {self._place} was written by a later smoke (format {found[0][0]}, this one knows {SCHEMA})",
            )

    def check(self) -> None:
        """Raise SmokeError when these tables are of a later smoke."""
        self._check()

    def add(self, record: RunRecord) -> None:
        """Keep a record; one of the same run gives way to it."""
        for kind in _PARTS:
            self._db.change(f"DELETE FROM {_NAMES[kind]} WHERE run = ?", [(record.run.id,)])  # noqa: S608  (names of our own tables)
        self._db.change("DELETE FROM smoke_runs WHERE id = ?", [(record.run.id,)])
        self._insert(RunRow, [astuple(record.run)])
        for kind, rows in zip(
            _PARTS, (record.scenarios, record.steps, record.failures), strict=True
        ):
            self._insert(kind, [(record.run.id, *astuple(row)) for row in rows])

    def _insert(self, kind: type[Struct], values: list[tuple[Any, ...]]) -> None:
        if values:
            marks = ", ".join("?" * len(values[0]))
            self._db.change(f"INSERT INTO {_NAMES[kind]} VALUES ({marks})", values)  # noqa: S608  (as above)

    def targets(self) -> list[str]:
        """All targets, the one that was tested last first."""
        sql = "SELECT target FROM smoke_runs GROUP BY target ORDER BY max(started) DESC"
        return [str(row[0]) for row in self._db.rows(sql)]

    def recent(self, target: str, limit: int, before: str = "") -> list[RunRow]:
        """The last runs of a target, the newest first; `before` a time, where one is given."""
        bound = " AND started < ?" if before else ""
        sql = f"{_ALL_RUNS} WHERE target = ?{bound} ORDER BY started DESC, id DESC LIMIT ?"
        return _made(RunRow, self._db.rows(sql, (target, *([before] if before else []), limit)))

    def named(self, word: str, target: str = "") -> list[RunRow]:
        """The runs that a word means, the newest first: an id, a build, or the beginning of either."""
        of_target, more = (" AND target = ?", [target]) if target else ("", [])
        order = " ORDER BY started DESC, id DESC LIMIT 1000"
        for test in ("id = ?", "version = ?"):
            found = self._db.rows(f"{_ALL_RUNS} WHERE {test}{of_target}{order}", (word, *more))
            if found:
                return _made(RunRow, found)
        for column in ("id", "version"):
            sql = f"{_ALL_RUNS} WHERE substr({column}, 1, ?) = ?{of_target}{order}"
            found = self._db.rows(sql, (len(word), word, *more))
            if found and word:
                return _made(RunRow, found)
        return []

    def builds(self, target: str) -> list[str]:
        """The builds of a target that are known."""
        sql = "SELECT DISTINCT version FROM smoke_runs WHERE target = ?"
        return [str(row[0]) for row in self._db.rows(sql, (target,)) if row[0]]

    def records(self, runs: Sequence[RunRow]) -> list[RunRecord]:
        """The whole records of runs, in their order."""
        parts: dict[str, dict[type[Struct], list[Any]]] = {row.id: {} for row in runs}
        ids = list(parts)
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            for kind in _PARTS:
                sql = f"SELECT * FROM {_NAMES[kind]} WHERE run IN ({marks})"  # noqa: S608  (as above)
                for run, *values in self._db.rows(sql, some):
                    parts[run].setdefault(kind, []).append(kind(*values))
        return [
            RunRecord(
                row,
                tuple(parts[row.id].get(ScenarioRow, ())),
                tuple(parts[row.id].get(StepRow, ())),
                tuple(parts[row.id].get(FailureRow, ())),
            )
            for row in runs
        ]


_ALL_RUNS = f"SELECT {', '.join(RunRow.__struct_fields__)} FROM smoke_runs"  # noqa: S608  (our own columns)


def _columns(kind: type[Struct]) -> list[str]:
    """The columns of a table, as the fields of its rows; those of a part begin with the run that it belongs to."""
    made = [
        f"{name} {_KINDS[annotation]}"
        for name, annotation in kind.__annotations__.items()
        if name in kind.__struct_fields__
    ]
    if kind is RunRow:
        return [made[0] + " PRIMARY KEY", *made[1:]]
    return ["run TEXT NOT NULL", *made]


def _made(kind: type[Part], rows: Iterable[Row]) -> list[Part]:
    return [kind(*row) for row in rows]
