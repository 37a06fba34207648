"""How many connections there may be, and who has them now: of the server, the role, the database, and a pooler."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from smoke.database.answers.question import DatabaseAnswer, Question
from smoke.database.session import Database
from smoke.sql import identifier
from smoke.text import plural

_MOST = 6
_POOLERS = ("supavisor", "pgbouncer", "pgcat", "odyssey", "pgpool", "pgdog")


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of connections: the server's (without a name), a role's or a database's, and how many count against it now."""

    of: str
    name: str
    most: int
    used: int
    own: bool
    """Whether the connection that asks is one of them."""

    @property
    def reached(self) -> bool:
        """Whether it was reached without the connection that asks: that one came afterwards."""
        return self.used - self.own >= self.most

    def line(self) -> str:
        """What may be, and what is."""
        what = f"the {self.of} {identifier(self.name)}" if self.name else f"the {self.of}"
        ours = ", this one among them" if self.own else ""
        return f"{what} may have {plural(self.most, 'connection')} and has {self.used} now{ours}"

    def refuses(self, message: str) -> bool:
        """Whether it is this limit that a refusal speaks of: those of a role and of a database are named in it."""
        if self.name:
            return f'"{self.name}"' in message
        return '"' not in message or '"pg_use_reserved_connections"' in message


def of_each(database: Database) -> list[Limit]:
    """The limits of the server, and of every role and this database that has one. Raises SmokeError."""
    rows = database.rows(
        "WITH clients AS (SELECT usesysid, datid FROM pg_stat_activity WHERE usesysid IS NOT NULL AND datid IS NOT NULL"
        " AND (backend_type IS NULL OR backend_type = 'client backend'))"
        " SELECT 'server', '', current_setting('max_connections')::int"
        " - current_setting('superuser_reserved_connections')::int"
        " - coalesce(current_setting('reserved_connections', true)::int, 0), (SELECT count(*) FROM clients), true"
        " UNION ALL SELECT 'role', rolname, rolconnlimit, (SELECT count(*) FROM clients c WHERE c.usesysid = r.oid),"
        " r.rolname = session_user FROM pg_roles r WHERE rolconnlimit > 0 AND rolcanlogin AND NOT rolsuper"
        " UNION ALL SELECT 'database', datname, datconnlimit, (SELECT count(*) FROM clients c WHERE c.datid = d.oid), true"
        " FROM pg_database d WHERE datconnlimit > 0 AND datname = current_database() LIMIT 500"
    )
    return [
        Limit(str(of), str(name), int(most), int(used), bool(own))
        for of, name, most, used, own in rows
    ]


def tell(question: Question) -> DatabaseAnswer:
    """Of a connection that was refused because there were too many."""
    database = question.database
    lines = [
        *(question.part("the server's limit", lambda: _server(database)) or ()),
        *(question.part("the limits of roles and databases", lambda: _narrower(database)) or ()),
        *(question.part("who is connected", lambda: _users(database)) or ()),
    ]
    if database.endpoint.pooled:
        lines.append(
            "this DSN goes through a pooler: how many clients and server connections that allows is not seen through it"
        )
    return DatabaseAnswer(lines=tuple(lines))


def _server(database: Database) -> list[str]:
    row = database.row(
        "SELECT current_setting('max_connections')::int, current_setting('superuser_reserved_connections')::int,"
        " coalesce(current_setting('reserved_connections', true)::int, 0),"
        " (SELECT count(*) FROM pg_stat_activity WHERE usesysid IS NOT NULL AND datid IS NOT NULL)"
    )
    assert row is not None
    most, superusers, others, used = row
    kept = [f"{superusers} of them only for superusers"] if superusers else []
    kept += [f"{others} only for pg_use_reserved_connections"] if others else []
    return [
        (
            f"the server takes {plural(most, 'connection')}{''.join(f', {text}' for text in kept)}; {used} are in use now"
            " (this one among them)"
        )
    ]


def _narrower(database: Database) -> list[str]:
    roles = database.rows(
        "SELECT r.rolname, r.rolconnlimit, (SELECT count(*) FROM pg_stat_activity a WHERE a.usesysid = r.oid)"
        " FROM pg_roles r WHERE r.rolconnlimit >= 0 AND r.rolcanlogin ORDER BY 3 DESC, 1 LIMIT %s",
        _MOST,
    )
    bases = database.rows(
        "SELECT d.datname, d.datconnlimit, (SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid)"
        " FROM pg_database d WHERE d.datconnlimit >= 0 AND (d.datname = current_database() OR NOT d.datistemplate)"
        " ORDER BY d.datname <> current_database(), 1 LIMIT %s",
        _MOST,
    )
    lines = [
        f"the role {identifier(str(name))} may have {limit} and has {used} now"
        for name, limit, used in roles
    ]
    lines += [
        f"the database {identifier(str(name))} may have {limit} and has {used} now"
        for name, limit, used in bases
    ]
    return lines or ["no role and no database has a limit of its own"]


def _users(database: Database) -> list[str]:
    rows = database.rows(
        "SELECT coalesce(usename, ''), coalesce(application_name, ''), coalesce(state, ''), coalesce(datname, ''), count(*)"
        " FROM pg_stat_activity WHERE usesysid IS NOT NULL AND datid IS NOT NULL AND pid <> pg_backend_pid()"
        " GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC LIMIT 200"
    )
    groups: dict[tuple[str, str, str], Counter[str]] = {}
    for user, application, state, name, count in rows:
        groups.setdefault((user, application, name), Counter())[state] += count
    most = sorted(groups.items(), key=lambda item: (-item[1].total(), item[0]))
    lines = []
    for (user, application, name), states in most[:_MOST]:
        doing = ", ".join(
            f"{count} {state or 'in a state that is not shown to this role'}"
            for state, count in states.most_common()
        )
        pooler = ", a pooler" if application.lower().startswith(_POOLERS) else ""
        who = f"{application or 'no application name'}{pooler}"
        lines.append(
            f"{plural(states.total(), 'connection')} of {who} as {user} to {name} now: {doing}"
        )
    if len(most) > _MOST:
        rest = sum(states.total() for _, states in most[_MOST:])
        lines.append(f"and {plural(rest, 'connection')} of others")
    return lines or ["nobody else is connected now"]
