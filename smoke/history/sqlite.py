"""The history in a file: SQLite, so that two runs may write at once and one that is killed leaves no half of a run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from smoke import system
from smoke.diagnostic import SmokeError
from smoke.history.tables import History

_WAIT = 5.0
"""Seconds for which another run may be writing."""


class _File:
    """A connection to the file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Sequence[Any]]:
        return list(self._connection.execute(sql, values))

    def change(self, sql: str, many: Iterable[Sequence[object]] = ((),)) -> None:
        self._connection.executemany(sql, many) if sql.startswith(
            ("INSERT", "DELETE")
        ) else self._connection.execute(sql)


@contextmanager
def writing(path: Path) -> Iterator[History]:
    """The history of a file, made where it is not there yet; all of it is written at the end, or nothing. Raises SmokeError."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _make(path)
        with closing(sqlite3.connect(path, timeout=_WAIT, isolation_level=None)) as connection:
            # readers and a writer do not wait for one another; after a crash of the machine the last run may be missing
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("BEGIN IMMEDIATE")
            history = History(_File(connection), str(path))
            history.prepare()
            yield history
            connection.execute("COMMIT")
    except (OSError, sqlite3.Error) as error:
        raise _cannot("write", path, error) from error


@contextmanager
def reading(path: Path) -> Iterator[History | None]:
    """The history of a file, which is not changed; None when there is none. Raises SmokeError."""
    if not path.exists():
        yield None
        return
    try:
        with closing(_readable(path)) as connection:
            history = History(_File(connection), str(path))
            history.check()
            yield history
    except (OSError, sqlite3.Error) as error:
        raise _cannot("read", path, error) from error


def _readable(path: Path) -> sqlite3.Connection:
    """The file opened for reading; where its folder cannot be written to, as a file that nobody changes."""
    address = path.absolute().as_uri()
    connection = sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=_WAIT)
    try:
        connection.execute("SELECT 1 FROM smoke_history")
    except sqlite3.OperationalError:
        connection.close()
        if Path(f"{path}-wal").exists():  # what is in there would be missed
            raise
        return sqlite3.connect(f"{address}?immutable=1", uri=True)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _make(path: Path) -> None:
    """An empty file that only its owner may read; another run may be first."""
    import os

    try:
        os.close(system.open_new(path))
    except FileExistsError:
        return


def _cannot(doing: str, path: Path, error: Exception) -> SmokeError:
    words = (error.strerror if isinstance(error, OSError) else None) or str(error)
    damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(
        error, sqlite3.OperationalError
    )
    note = (
        f"move {path} away; `smoke history --import` makes a new one of the runs that are kept"
        if damaged
        else "--history FILE names another place, --history off none"
    )
    return SmokeError.of(
        "history-failed", f"cannot {doing} the history {path}: {words}", notes=[note]
    )
