"""Databases in the states that the corpus of migrations describes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec.yaml
import psycopg

from smoke.database.dsn import read_dsn
from smoke.database.migration.applied import Applied, applied
from smoke.database.session import Database, Endpoint, connect
from smoke.demo.postgres import EmbeddedServer

CORPUS = Path(__file__).resolve().parent.parent / "corpus" / "migrations"
ROLES = ("app_reader", "app_writer", "anon", "authenticated", "service_role")


@dataclass(frozen=True)
class Group:
    """Statements that share what was there before."""

    name: str
    before: str
    statements: list[str]
    executed: dict[int, list[str]] = field(default_factory=dict)
    unexecuted: dict[int, list[str]] = field(default_factory=dict)
    skip: list[int] = field(default_factory=list)


def groups() -> list[Group]:
    return [Group(**group) for group in load("one_by_one.yaml")]


def load(name: str) -> list[dict[str, Any]]:
    # by libyaml: every worker reads these while it collects
    return msgspec.yaml.decode((CORPUS / name).read_bytes(), type=list[dict[str, Any]])


def run(dsn: str, sql: str) -> None:
    """Run SQL as the owner, each statement for itself (psql does the same)."""
    with psycopg.connect(dsn, autocommit=True) as database:
        database.execute(sql.encode())


def ask(dsn: str, sql: str, name: str = "migration.sql") -> Applied:
    with connect(read_dsn(dsn, "TEST_DSN")) as database:
        return applied(database, [(name, sql)])


def verdicts(answer: Applied) -> list[str]:
    return [statement.verdict.value for statement in answer.statements]


def reasons(answer: Applied) -> str:
    return " | ".join(statement.reason for statement in answer.statements)


def make_roles(server: EmbeddedServer) -> None:
    """The roles of the corpus, none a member of another: they belong to the server, and a case before may have made one so."""
    with psycopg.connect(server.dsn(), autocommit=True) as database:
        for role in ROLES:
            known = database.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
            if known.fetchone() is None:
                database.execute(f"CREATE ROLE {role}".encode())
        members = database.execute(
            "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members"
            " WHERE roleid::regrole::text = ANY(%s) AND member::regrole::text = ANY(%s)",
            (list(ROLES), list(ROLES)),
        ).fetchall()
        for role, member in members:
            database.execute(f"REVOKE {role} FROM {member}".encode())


@contextmanager
def fresh(server: EmbeddedServer, before: str) -> Iterator[str]:
    """The DSN of a database of its own in that state."""
    make_roles(server)
    dsn = server.create_database("migrated")
    try:
        if before:
            run(dsn, before)
        yield dsn
    finally:
        server.drop_database(dsn)


@contextmanager
def as_if_run(dsn: str, sql: str) -> Iterator[Database]:
    """A database to ask in which a statement has run, though nobody else will ever see it: it is rolled back."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("BEGIN")
        connection.execute(sql.encode())
        connection.execute("SAVEPOINT asked")
        yield Database(
            connection,
            Endpoint("test", 0, "postgres", "test", tls=False, pooled=False, source=""),
            "",
            "",
        )
        connection.execute("ROLLBACK")
