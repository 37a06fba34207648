"""Who waits for a lock since a request was under way: its own session, where its id stands in it, or somebody else's."""

from __future__ import annotations

from dataclasses import dataclass

from smoke.database.answers.sessions import sessions
from smoke.database.session import Database
from smoke.text import plural

_MOST = 3
_SLACK = 0.25
"""Seconds by which what was begun before a request may seem to be younger: two clocks, and the way of its bytes."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A request as the database can know it: since how many seconds it is under way, and the ids that it carried.

    `answered`: an answer came, which tells no error.
    """

    since: float
    names: tuple[str, ...] = ()
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Waiting:
    """Sessions that wait for a lock since then. `own`: it is the request's, by its id in the session or the statement."""

    lines: tuple[str, ...] = ()
    own: bool = False


def since(database: Database, request: UnderWay, *, show_values: bool = False) -> Waiting:
    """The sessions that wait for a lock with a statement that began while the request was under way. Raises SmokeError.

    What a role may not see, it is not told: then there are none.
    """
    rows = database.rows(
        "SELECT pid, extract(epoch FROM clock_timestamp() - query_start)::float8, application_name || ' ' || query"
        " FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        " AND pid <> pg_backend_pid() AND query_start IS NOT NULL"
        " ORDER BY query_start LIMIT 200"
    )
    ours = [
        int(pid)
        for pid, age, text in rows
        if age <= request.since + _SLACK and any(name in text for name in request.names)
    ]
    found = ours or [int(pid) for pid, age, _ in rows if age <= request.since + _SLACK]
    known = sessions(database, found[:_MOST])
    own = bool(ours)
    what = (
        "the statement of this very request, whose id stands in it or in its session, waits for a lock"
        if own
        else "a statement that began while this request was under way waits for a lock"
    )
    lines = [
        f"{what}: now {known[pid].line(show_values=show_values)}"
        for pid in found[:_MOST]
        if pid in known
    ]
    if len(found) > _MOST:
        lines.append(f"and {plural(len(found) - _MOST, 'session')} more since then")
    return Waiting(tuple(lines), own=own)
