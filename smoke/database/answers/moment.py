"""What stands out in the database now, for an error that nobody names.

Sessions that wait, full limits, no writes, rows that earlier orders left in the way of another. None of it is called
the cause: it is what a person would look for first.
"""

from __future__ import annotations

from smoke.database.answers import earlier
from smoke.database.answers.locks import in_the_way
from smoke.database.answers.question import DatabaseAnswer, Question
from smoke.database.answers.sessions import settings
from smoke.database.session import Database
from smoke.text import plural

_NEARLY = 0.9
"""The part of a limit from which on it is told."""


def tell(question: Question) -> DatabaseAnswer:
    """What stands out now; that nothing does is said too."""
    database = question.database
    lines = [
        *(question.part("whether it takes writes", lambda: _read_only(database)) or ()),
        *(question.part("who waits for a lock", lambda: in_the_way(question)) or ()),
        *(question.part("who is connected", lambda: _full(database)) or ()),
        *(question.part("what earlier orders left", lambda: earlier.in_the_way(question)) or ()),
    ]
    if not lines and not question.untold:
        return DatabaseAnswer(
            lines=(
                (
                    "the answer does not name its error; in the database nothing stands out now: it takes writes, nobody waits"
                    " for a lock, no limit of connections is nearly reached"
                ),
            )
        )
    return DatabaseAnswer(
        lines=tuple(f"perhaps, since the answer does not name its error: {line}" for line in lines)
    )


def _read_only(database: Database) -> list[str]:
    row = database.row("SELECT pg_is_in_recovery()")
    if row is not None and row[0]:
        return ["this server is a replica: it takes no writes"]
    made = [
        text for text in settings(database, ("default_transaction_read_only",)) if "=on " in text
    ]
    return [f"writing is off: {'; '.join(made)}"] if made else []


def _full(database: Database) -> list[str]:
    rows = database.rows(
        "SELECT 'the server', current_setting('max_connections')::int"
        " - current_setting('superuser_reserved_connections')::int,"
        " (SELECT count(*) FROM pg_stat_activity WHERE usesysid IS NOT NULL AND datid IS NOT NULL)"
        " UNION ALL SELECT 'the role ' || rolname, rolconnlimit,"
        " (SELECT count(*) FROM pg_stat_activity a WHERE a.usesysid = r.oid)"
        " FROM pg_roles r WHERE rolconnlimit > 0 AND rolcanlogin"
        " UNION ALL SELECT 'the database ' || datname, datconnlimit,"
        " (SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid)"
        " FROM pg_database d WHERE datconnlimit > 0 AND datname = current_database() LIMIT 500"
    )
    return [
        f"{what} may have {plural(most, 'connection')} and has {used} now"
        for what, most, used in rows
        if used >= most * _NEARLY
    ]
