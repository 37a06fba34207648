"""No connection to be had: whose limit was reached is in the message alone, and each has its own way out.

PostgreSQL sends 53300 for the server's limit, a role's and a database's (`InitPostgres`, `InitProcess`); poolers have
limits of their own, under 53300, 08P01 (PgBouncer) or XX000 (Supavisor).
"""

# ruff: noqa: S608  (text for a person: nothing is run here, and every value is quoted by smoke.sql)

from __future__ import annotations

import re

from smoke.advice.subject import Subject
from smoke.model.finding import Statement
from smoke.sql import literal, usable_name

_ROLE = re.compile(r'too many connections for role "(.{1,200})"', re.DOTALL)
_DATABASE = re.compile(r'too many connections for database "(.{1,200})"', re.DOTALL)
_RESERVED = re.compile(r"remaining connection slots are reserved", re.IGNORECASE)
_SERVER = re.compile(r"too many clients already", re.IGNORECASE)
_POOLER = re.compile(
    r"max_?client|MaxClients|max client connections reached|max clients reached|EMAXCONN"
    r"|no more connections allowed|query_wait_timeout|max_(?:db|user)_connections",
    re.IGNORECASE,
)


def pooler_full(message: str) -> bool:
    """Whether a pooler in front of the server says that it has no connection left, under whatever SQLSTATE."""
    return _POOLER.search(message) is not None


def explain_limit(s: Subject) -> str:
    """Whose limit it is, as far as the message tells."""
    message = s.message
    if role := _ROLE.search(message):
        return (
            f"The role {role[1]} has used up its own limit of connections (CONNECTION LIMIT), whatever the server has "
            "free: too many instances, pools that are too large, or connections that are never given back."
        )
    if database := _DATABASE.search(message):
        return (
            f"The database {database[1]} has used up its own limit of connections (CONNECTION LIMIT), whatever the "
            "server has free: too many instances, pools that are too large, or connections that are never given back."
        )
    if pooler_full(message):
        return (
            "The pooler in front of the database takes no more clients, or had no server connection free for this one: "
            "the limit is the pooler's (pool_size, max_client_conn), and the server may have connections left. In "
            "session mode each client keeps one for as long as it is connected: serverless deployments need "
            "transaction mode, and small pools of their own."
        )
    if _RESERVED.search(message):
        return (
            "All connections that ordinary roles may have are in use; what is left is reserved for administrators "
            "(superuser_reserved_connections, reserved_connections): too many instances, pools that are too large, or "
            "connections that are never given back. Serverless deployments need a pooler in front of the database."
        )
    if _SERVER.search(message):
        return (
            "The server has no connection left (max_connections): too many instances or pools that are too large, or "
            "connections that are never given back. Serverless deployments need a pooler in front of the database."
        )
    return (
        "No connection was free: a limit of the server, of the database or of the shop's role was reached, and the "
        "message does not tell which. Too many instances, pools that are too large, or connections that are never "
        "given back."
    )


def limits(s: Subject) -> tuple[Statement, ...]:
    """The limit that was reached beside what is in use, and who holds the connections."""
    message = s.message
    if pooler_full(message):
        return (
            _holders("does the server itself have connections left? (the limit is the pooler's)"),
            _server_limit(),
        )
    if role := _ROLE.search(message):
        return (_role_limit(role[1]), _holders("who holds them?"))
    if database := _DATABASE.search(message):
        return (_database_limit(database[1]), _holders("who holds them?"))
    if _RESERVED.search(message) or _SERVER.search(message):
        return (_server_limit(), _holders("who holds the connections?"))
    return (
        _server_limit(),
        _role_limit(""),
        _database_limit(""),
        _holders("who holds the connections?"),
    )


def _holders(purpose: str) -> Statement:
    return Statement(
        purpose=purpose,
        sql=(
            "SELECT datname, usename, application_name, state, count(*) FROM pg_stat_activity\n"
            "WHERE backend_type = 'client backend' GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC LIMIT 20;"
        ),
        expect=(("never given back", "many in state `idle` or `idle in transaction`"),),
    )


def _server_limit() -> Statement:
    return Statement(
        purpose="how many may the server have, and how many are in use?",
        sql=(
            "SELECT count(*) AS in_use, current_setting('max_connections')::int AS most,\n"
            "  current_setting('superuser_reserved_connections')::int AS for_superusers,\n"
            "  coalesce(current_setting('reserved_connections', true), '0')::int AS reserved\n"
            "FROM pg_stat_activity WHERE backend_type = 'client backend';"
        ),
        expect=(("used up", "in_use is near most, less what is reserved"),),
    )


def _role_limit(name: str) -> Statement:
    one = f"r.rolname = {literal(name)}" if usable_name(name) else "r.rolconnlimit >= 0"
    return Statement(
        purpose="what may the role have, and what has it?",
        sql=(
            "SELECT r.rolname, r.rolconnlimit,\n"
            "  (SELECT count(*) FROM pg_stat_activity a WHERE a.usesysid = r.oid) AS in_use\n"
            f"FROM pg_roles r WHERE {one};"
        ),
        expect=(("used up", "in_use is rolconnlimit"), ("no limit of its own", "rolconnlimit -1")),
    )


def _database_limit(name: str) -> Statement:
    one = f"d.datname = {literal(name)}" if usable_name(name) else "d.datconnlimit >= 0"
    return Statement(
        purpose="what may the database have, and what has it?",
        sql=(
            "SELECT d.datname, d.datconnlimit,\n"
            "  (SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid) AS in_use\n"
            f"FROM pg_database d WHERE {one};"
        ),
        expect=(("used up", "in_use is datconnlimit"), ("no limit of its own", "datconnlimit -1")),
    )
