"""The server itself: since when it runs, whether it takes writes, what fills its disk and its memory."""

from __future__ import annotations

from smoke.database.answers.question import DatabaseAnswer, Question
from smoke.database.answers.rows import ago
from smoke.database.answers.sessions import settings
from smoke.database.session import Database, Refusal
from smoke.sql import identifier
from smoke.text import plural


def restarted(question: Question) -> DatabaseAnswer:
    """Of a connection that the server ended, or did not take yet."""
    return DatabaseAnswer(
        lines=tuple(question.part("since when it runs", lambda: _started(question.database)) or ())
    )


def _started(database: Database) -> list[str]:
    row = database.row(
        "SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8, pg_is_in_recovery()"
    )
    assert row is not None
    replica = "; it is a replica, or still in recovery" if row[1] else ""
    return [f"the server was started {ago(row[0])} and takes connections now{replica}"]


def read_only(question: Question) -> DatabaseAnswer:
    """Of a statement that wanted to write where nothing may be written."""
    return DatabaseAnswer(
        lines=tuple(
            question.part("whether it takes writes", lambda: _read_only(question.database)) or ()
        )
    )


def _read_only(database: Database) -> list[str]:
    row = database.row("SELECT pg_is_in_recovery()")
    if row is not None and row[0]:
        return [
            "this server is a replica: it takes no writes; does the deployment's DSN lead to it?"
        ]
    made = settings(database, ("default_transaction_read_only",))
    if made:
        return [f"this server is no replica; set here: {'; '.join(made)}"]
    return [
        (
            "this server is no replica, and no role and no database is set to read only: the server's setting, the"
            " application's transaction, or another server"
        )
    ]


def disk(question: Question) -> DatabaseAnswer:
    """Of a disk that is full."""
    return DatabaseAnswer(
        lines=tuple(question.part("what fills the disk", lambda: _disk(question.database)) or ())
    )


def _disk(database: Database) -> list[str]:
    lines: list[str] = []
    size = database.attempt("SELECT pg_size_pretty(pg_database_size(current_database()))")
    if not isinstance(size, Refusal):
        lines.append(f"this database takes {size[0][0]}")
    kept = database.attempt(
        "SELECT slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))"
        " FROM pg_replication_slots WHERE restart_lsn IS NOT NULL"
        " ORDER BY pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) DESC LIMIT 3"
    )
    if not isinstance(kept, Refusal):
        lines += [
            f"the replication slot {identifier(str(name))} holds {size} of WAL back{'' if active else ', and nobody reads it'}"
            for name, active, size in kept
        ]
    return lines


def memory(question: Question) -> DatabaseAnswer:
    """Of memory that was not enough: mostly that of the table of locks."""
    return DatabaseAnswer(
        lines=tuple(question.part("the table of locks", lambda: _memory(question.database)) or ())
    )


def _memory(database: Database) -> list[str]:
    row = database.row(
        "SELECT current_setting('max_locks_per_transaction')::bigint * (current_setting('max_connections')::bigint"
        " + current_setting('max_prepared_transactions')::bigint), (SELECT count(*) FROM pg_locks),"
        " (SELECT count(DISTINCT pid) FROM pg_locks)"
    )
    assert row is not None
    room, locks, by = row
    return [
        (
            f"the table of locks has room for about {room} (max_locks_per_transaction); {plural(locks, 'lock')} of"
            f" {plural(by, 'session')} now"
        )
    ]
