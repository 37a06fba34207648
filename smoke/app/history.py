"""The history of runs: where it is, what a finished run adds to it, and what it says of that run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from smoke.diagnostic import SmokeError, nearest

if TYPE_CHECKING:
    from smoke.history.rows import RunRecord
    from smoke.history.tables import History

WINDOW = 500
"""Runs before one that are looked at: further back nothing is called back, fixed or good."""
LAST_PASS = "last-pass"  # noqa: S105  (a word for a run, no secret)
OFF = "off"
_VARIABLE = "SMOKE_HISTORY"
_BY_VARIABLE = "env:"
_DSN = ("postgres://", "postgresql://", "host=", "dbname=", "service=")


class HistoryPlace(Struct, frozen=True):
    """Where the history is: a file, or a DSN, which is never printed."""

    file: Path | None = None
    dsn: str = ""
    source: str = ""

    @property
    def called(self) -> str:
        """How it is named to people."""
        return str(self.file) if self.file is not None else f"in {self.source}"


def place_of(text: str, out: Path, environ: Mapping[str, str]) -> HistoryPlace | None:
    """The place that a word means: a file, `off` (None), a DSN, or `env:NAME`, a variable with one; empty: beside the runs.

    Raises SmokeError for a variable that is not there, and for a password in an argument, which everybody would see.
    """
    if text == OFF:
        return None
    if not text:
        return HistoryPlace(out.parent / "history.db" if out.name == "runs" else out / "history.db")
    source = _VARIABLE if environ.get(_VARIABLE) == text else "--history"
    if text.startswith(_BY_VARIABLE):
        source = text.removeprefix(_BY_VARIABLE)
        text = environ.get(source, "").strip()
        if not text:
            raise SmokeError.of("bad-option", f"--history: the environment has no {source}")
    if not text.startswith(_DSN):
        return HistoryPlace(Path(text))
    from smoke.database.dsn import read_dsn

    dsn = read_dsn(text, source).conninfo
    if source == "--history" and ("password" in dsn or ":" in dsn.rpartition("@")[0][13:]):
        raise SmokeError.of(
            "bad-option",
            "--history: a password in an argument is seen by everybody on the machine",
            notes=[
                f"put the DSN into {_VARIABLE}, or into a variable that --history env:NAME names"
            ],
        )
    return HistoryPlace(dsn=dsn, source=source)


@contextmanager
def writing(place: HistoryPlace) -> Iterator[History]:
    """The history, made where it is not there yet. Raises SmokeError."""
    if place.file is not None:
        from smoke.history import sqlite

        with sqlite.writing(place.file) as history:
            yield history
        return
    from smoke.history import postgres

    with postgres.writing(place.dsn, place.called) as history:
        yield history


@contextmanager
def reading(place: HistoryPlace) -> Iterator[History | None]:
    """The history, which is not changed; None when there is none yet. Raises SmokeError."""
    if place.file is not None:
        from smoke.history import sqlite

        with sqlite.reading(place.file) as history:
            yield history
        return
    from smoke.history import postgres

    with postgres.reading(place.dsn, place.called) as history:
        yield history


def past_of(history: History, record: RunRecord) -> list[RunRecord]:
    """The records of a target's runs before one, the newest first."""
    runs = history.recent(record.run.target, WINDOW, record.run.started)
    return history.records([row for row in runs if row.id != record.run.id])


def meant(history: History | None, word: str, target: str = "") -> list[RunRecord]:
    """The records that a word means, the newest first: a run, or all runs of a build. Raises SmokeError when there is none."""
    runs = history.named(word, target) or history.named(word) if history is not None else []
    if not runs:
        known: list[str] = []
        if history is not None and target:
            known = [*history.builds(target), *(row.id for row in history.recent(target, WINDOW))]
        near = nearest(word, known)
        raise SmokeError.of(
            "unknown-build",
            f"the history has no run and no build '{word}'",
            notes=[f"did you mean '{near}'?" if near else "`smoke history` lists them"],
        )
    builds = {row.version for row in runs}
    if len(builds) > 1 and len({row.id for row in runs}) > 1:
        names = ", ".join(sorted(build or "(no build)" for build in builds)[:10])
        raise SmokeError.of(
            "unknown-build", f"'{word}' begins more than one: {names}", notes=["write more of it"]
        )
    return history.records(runs) if history is not None else []


def last_pass(past: Sequence[RunRecord]) -> list[RunRecord]:
    """The last run that passed, and no other."""
    return next(([record] for record in past if record.run.passed), [])


def today() -> dt.date:
    """The day, for what expires."""
    return dt.datetime.now(dt.UTC).date()


def import_runs(place: HistoryPlace, folders: Sequence[Path]) -> tuple[int, tuple[str, ...]]:
    """Take the runs of folders in that are not there yet: how many, and which could not be read. Raises SmokeError."""
    from smoke.history.recording import record_of
    from smoke.store import RunEmptyError, list_runs

    count, problems = 0, []
    with writing(place) as history:
        for stored in (stored for folder in folders for stored in list_runs(folder)):
            try:
                with stored.folder() as folder:
                    if folder.in_use or any(
                        row.id == stored.id for row in history.named(stored.id)
                    ):
                        continue
                    run = folder.run()
                    if run.shard is not None or run.by_hand:
                        continue  # the merged run tells all of it; what a person changed tells nothing
                    history.add(record_of(run))
            except RunEmptyError:
                continue
            except SmokeError as error:
                problems.append(str(error))
                continue
            count += 1
    return count, tuple(problems)
