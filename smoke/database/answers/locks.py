"""Who holds what now, and which limits of waiting are set: for a lock, a time limit, a deadlock, a serialization failure.

All of it is of the moment, the names of locked tables too (a lock knows its table by a number), so none of it is the catalogue's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smoke.database.answers.question import DatabaseAnswer, Question
from smoke.database.answers.rows import ago
from smoke.database.answers.sessions import ServerSession, sessions, settings
from smoke.database.session import Database
from smoke.sql import literal, relation

_MOST = 5
_LONG = 1.0
"""Seconds that a session sits idle in its transaction, which are told without anybody waiting for it."""
_TIMES = (
    *("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"),
    *("transaction_timeout", "deadlock_timeout"),
)
_PROCESS = re.compile(r"\b(?:[Pp]rocess|[Pp]rozess|[Pp]rocessus|[Pp]roceso) (\d{1,10})\b")
_RELATION = re.compile(r"\brelation (\d{1,10}) of database (\d{1,10})\b")


def tell(question: Question) -> DatabaseAnswer:
    """Of a statement that waited too long, or was cut off: what stands in its way now."""
    lines = [
        *(question.part("who was part of the deadlock", lambda: _deadlock(question)) or ()),
        *(question.part("who holds locks now", lambda: _held(question)) or ()),
        *(question.part("the limits of waiting", lambda: _limits(question)) or ()),
    ]
    return DatabaseAnswer(lines=tuple(lines))


@dataclass(slots=True)
class _Holder:
    holds: list[str] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    waited_for_by: list[int] = field(default_factory=list)
    on_it: bool = False


def in_the_way(question: Question) -> list[str]:
    """Sessions that others wait for now, or that sit idle in a transaction with a lock. Raises SmokeError.

    One that has only just become idle is looked at again: a transaction of a healthy shop has ended by then.
    """
    holders, known = _seen(question.database)
    found = [
        pid for pid in known if holders[pid].waited_for_by or _sits(holders[pid], known[pid], _LONG)
    ]
    if not found and any(_sits(holders[pid], known[pid], 0.0) for pid in known):
        question.database.rows("SELECT pg_sleep(%s)", _LONG)
        question.database.rows("SELECT pg_stat_clear_snapshot()")
        holders, known = _seen(question.database)
        found = [pid for pid in known if _sits(holders[pid], known[pid], _LONG)]
    lines = [
        _line(known[pid], holders[pid], show_values=question.show_values) for pid in found[:_MOST]
    ]
    return [*lines, *_prepared(question.database)]


def _seen(database: Database) -> tuple[Mapping[int, _Holder], dict[int, ServerSession]]:
    holders = _holders(database, "")
    return holders, sessions(database, list(holders))


def _sits(holder: _Holder, session: ServerSession, seconds: float) -> bool:
    """Whether a session has been idle in a transaction that holds a lock for so long."""
    idle = session.state.startswith("idle in transaction")
    return bool(idle and holder.holds) and (session.in_state or 0.0) >= seconds


def _held(question: Question) -> list[str]:
    database = question.database
    holders = _holders(database, question.error.table_name or "")
    known = sessions(database, list(holders))
    order = sorted(
        (pid for pid in holders if pid in known),
        key=lambda pid: (
            not holders[pid].waited_for_by,
            not holders[pid].on_it,
            not known[pid].state.startswith("idle in"),
            -(known[pid].in_transaction or 0.0),
        ),
    )
    lines = [
        _line(known[pid], holders[pid], show_values=question.show_values) for pid in order[:_MOST]
    ]
    if len(order) > _MOST:
        lines.append(f"and {len(order) - _MOST} sessions more hold or await locks on tables")
    lines += _prepared(database)
    return lines or [
        "no other session holds a lock that keeps others from writing to a table of this database now: whoever did has ended"
    ]


def _holders(database: Database, table: str) -> Mapping[int, _Holder]:
    """Sessions that hold a lock on a table that is more than a reader's, or wait for one."""
    rows = database.rows(
        "SELECT l.pid, l.mode, l.granted, n.nspname, c.relname FROM pg_locks l"
        " JOIN pg_class c ON c.oid = l.relation AND c.relkind IN ('r', 'p')"
        " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
        # a prepared transaction has locks and no process
        " WHERE l.locktype = 'relation' AND l.pid IS NOT NULL AND l.pid <> pg_backend_pid()"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND (l.mode <> 'AccessShareLock' OR NOT l.granted) ORDER BY 1, 4, 5, 2 LIMIT 2000"
    )
    found: dict[int, _Holder] = {}
    for pid, mode, granted, schema, name in rows:
        holder = found.setdefault(int(pid), _Holder())
        (holder.holds if granted else holder.waits).append(f"{mode} on {relation(name, schema)}")
        holder.on_it = holder.on_it or name == table
    waiting = database.rows(
        "SELECT w.pid, pg_blocking_pids(w.pid) FROM (SELECT DISTINCT pid FROM pg_locks WHERE NOT granted AND pid IS NOT NULL) w"
        " JOIN pg_stat_activity a ON a.pid = w.pid WHERE a.datname = current_database() LIMIT 200"
    )
    for pid, blockers in waiting:
        for blocker in blockers:
            if blocker:  # 0 is a prepared transaction
                found.setdefault(int(blocker), _Holder()).waited_for_by.append(int(pid))
        waits = found.setdefault(int(pid), _Holder()).waits
        if not waits:
            waits.append("another transaction's end")
    return found


def _prepared(database: Database) -> list[str]:
    """Transactions that were prepared for two-phase commit: they hold their locks until somebody ends them."""
    rows = database.rows(
        "SELECT gid, owner, extract(epoch FROM clock_timestamp() - prepared)::float8 FROM pg_prepared_xacts"
        " WHERE database = current_database() ORDER BY prepared LIMIT %s",
        _MOST,
    )
    return [
        f"a prepared transaction of {owner}, {ago(age)}, keeps its locks until COMMIT PREPARED or ROLLBACK PREPARED"
        f" {literal(str(gid))}"
        for gid, owner, age in rows
    ]


def _line(session: ServerSession, holder: _Holder, *, show_values: bool) -> str:
    holds = list(dict.fromkeys(holder.holds))
    told = []
    if holds:
        more = f" and {len(holds) - _MOST} locks more" if len(holds) > _MOST else ""
        told.append(f"holds {', '.join(holds[:_MOST])}{more}")
    if holder.waits:
        told.append(f"waits for {', '.join(dict.fromkeys(holder.waits))}")
    if holder.waited_for_by:
        told.append(f"pid {', '.join(map(str, holder.waited_for_by[:_MOST]))} waits for it")
    return f"now {session.line(show_values=show_values)}: {'; '.join(told)}"


def _deadlock(question: Question) -> list[str]:
    """The tables and the sessions that a deadlock's detail names by their numbers."""
    detail = (question.error.message_detail or "")[:5000]
    database = question.database
    lines: list[str] = []
    for oid, of in dict.fromkeys(_RELATION.findall(detail)):
        row = database.row(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = %s::oid"
            " AND %s::oid = (SELECT oid FROM pg_database WHERE datname = current_database())",
            oid,
            of,
        )
        if row is not None:
            lines.append(f"relation {oid} is {relation(row[1], row[0])}")
    pids = list(dict.fromkeys(int(pid) for pid in _PROCESS.findall(detail)))
    still = sessions(database, pids[:20])
    lines += [
        f"still connected: {still[pid].line(show_values=question.show_values)}"
        for pid in pids
        if pid in still
    ]
    return lines


def _limits(question: Question) -> list[str]:
    names = list(_TIMES)
    if question.error.sqlstate == "40001":
        names.append("default_transaction_isolation")
    return _settings(settings(question.database, names), names)


def _settings(made: Sequence[str], names: Sequence[str]) -> list[str]:
    if made:
        return [f"set here: {'; '.join(made)}"]
    return [
        (
            f"no {names[0]} or {names[1]} is set for a role or this database: the limit is the server's, the pooler's or the"
            " application's own"
        )
    ]
