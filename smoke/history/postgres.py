"""The history of a team: tables of a PostgreSQL that all their runs write to. Not the shop's database, which is only read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from smoke.diagnostic import SmokeError
from smoke.extras import install_command
from smoke.history.tables import History

if TYPE_CHECKING:
    import psycopg

_PLACE = "of PostgreSQL"
_ONE_AT_A_TIME = 7_402_118_830_551
"""The advisory lock under which tables are made: two that make one at once would fail."""


_LAST_MADE = """
SELECT EXISTS (
  SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relname = 'smoke_failures_by_run' AND n.nspname = ANY (current_schemas(false)))"""


class _Session:
    """A transaction of a session."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Sequence[Any]]:
        found = self._connection.execute(_marked(sql), values)
        return list(found.fetchall())

    def change(self, sql: str, many: Iterable[Sequence[object]] = ((),)) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_marked(sql), list(many))


def _marked(sql: str) -> bytes:
    return sql.replace("?", "%s").encode()


@contextmanager
def writing(dsn: str, place: str = _PLACE) -> Iterator[History]:
    """The history of a DSN, its tables made where they are not there yet; all is written, or nothing. Raises SmokeError."""
    with _connected(dsn, place) as session:
        history = History(session, place)
        if not _is_made(session):
            session.rows(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})")
        if not _is_made(session):
            history.prepare()  # of tables that are there it would lock them, one run waiting for another
        history.check()
        yield history


@contextmanager
def reading(dsn: str, place: str = _PLACE) -> Iterator[History | None]:
    """The history of a DSN, which is not changed; None when no run has written to it. Raises SmokeError."""
    with _connected(dsn, place) as session:
        session.rows("SELECT set_config('transaction_read_only', 'on', true)")
        if not _is_made(session):
            yield None
            return
        history = History(session, place)
        history.check()
        yield history


def _is_made(session: _Session) -> bool:
    """Whether the tables are there: the index that is made last. `to_regclass` would remember that it was not."""
    return bool(session.rows(_LAST_MADE)[0][0])


@contextmanager
def _connected(dsn: str, place: str) -> Iterator[_Session]:
    try:
        import psycopg
    except ImportError as error:
        raise SmokeError.of(
            "database-missing-extra",
            f"the history {place} needs psycopg",
            notes=[install_command("db")],
        ) from error
    try:
        with psycopg.connect(
            dsn, connect_timeout=5, application_name="smoke history", prepare_threshold=None
        ) as connection:
            connection.execute("SET LOCAL statement_timeout = '10s'")
            connection.execute("SET LOCAL lock_timeout = '5s'")
            connection.execute("SET LOCAL client_min_messages = 'warning'")
            yield _Session(connection)
    except psycopg.Error as error:
        # what libpq says of a DSN that it cannot read quotes it, the password too
        said = error.sqlstate or (
            "no connection" if isinstance(error, psycopg.OperationalError) else ""
        )
        primary = error.diag.message_primary if error.sqlstate else ""
        words = ": ".join(filter(None, (said or type(error).__name__, primary)))
        raise SmokeError.of(
            "history-failed",
            f"the history {place} cannot be used: {words}",
            notes=["--history FILE names another place, --history off none"],
        ) from error
