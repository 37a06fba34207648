"""Locks, time limits, deadlocks, connections, restarts, read-only servers: what the database says of its sessions now."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from smoke.database.answers.sessions import without_values
from smoke.demo.postgres import EmbeddedServer
from smoke.model.dberror import DatabaseError
from tests.support.asked import (
    APP,
    CAMEL,
    CONNECTS,
    READER,
    SNAKE,
    by,
    error_of,
    refused,
    said,
    shop_of,
    until_it_waits,
)

EVERYBODY = ("", READER, CONNECTS)


@pytest.fixture
def garden(demo_server: EmbeddedServer) -> Iterator[str]:
    with shop_of(demo_server, SNAKE) as dsn:
        yield dsn


def run(dsn: str, sql: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(sql.encode())


def said_to(role: str, dsn: str, error: DatabaseError) -> str:
    return said(by(role, dsn) if role else dsn, error)


@contextmanager
def holding(dsn: str, sql: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A session that has run a statement and sits in its transaction."""
    with psycopg.connect(make_conninfo(dsn, application_name="a-worker")) as connection:
        connection.execute(sql.encode())
        yield connection
        connection.rollback()


UPDATE = "UPDATE garden.orders SET status = 'paid' WHERE id = 'ord-1'"


@pytest.mark.parametrize(
    ("limit", "state"), [("lock_timeout", "55P03"), ("statement_timeout", "57014")]
)
@pytest.mark.parametrize("role", EVERYBODY)
def test_who_holds_the_lock_that_was_waited_for(
    garden: str, role: str, limit: str, state: str
) -> None:
    with holding(garden, UPDATE) as holder:
        error = refused(garden, f"SET {limit} = '50ms'", UPDATE)
        assert error.sqlstate == state
        text = said_to(role, garden, error)
        pid = holder.info.backend_pid
    assert f"now pid {pid} (postgres, a-worker, " in text
    assert "RowExclusiveLock on garden.orders" in text
    assert "ord-1" not in text
    if role:
        assert "its state is not shown to this role" in text
    else:
        assert "idle in transaction for less than a minute" in text
        assert "last statement: UPDATE garden.orders SET status = ? WHERE id = ?" in text
        with holding(garden, UPDATE):
            assert "id = 'ord-1'" in said(garden, error, show_values=True)
    assert "whoever did has ended" in said_to(role, garden, error)


def test_who_waits_for_whom_and_which_limits_are_set(garden: str) -> None:
    name = conninfo_to_dict(garden)["dbname"]
    run(
        garden,
        f"ALTER ROLE {APP} SET lock_timeout = '3s'; ALTER DATABASE {name} SET statement_timeout = '30s'",
    )
    try:
        error = refused(garden, "SET statement_timeout = '20ms'", "SELECT pg_sleep(9)")
        lock = "LOCK TABLE garden.orders IN ACCESS EXCLUSIVE MODE"
        with holding(garden, lock) as holder, psycopg.connect(garden) as waiter:
            pids = (holder.info.backend_pid, waiter.info.backend_pid)
            waiting = threading.Thread(target=waiter.execute, args=(UPDATE,))
            waiting.start()
            until_it_waits(garden, pids[1])
            text = said(by(CONNECTS, garden), error)
            holder.rollback()
            waiting.join()
        first, second, *_ = text.split("\n")
        assert first.startswith(f"now pid {pids[0]} (postgres, a-worker")
        assert "AccessExclusiveLock on garden.orders" in first
        assert f"pid {pids[1]} waits for it" in first
        assert "waits for RowExclusiveLock on garden.orders" in second
        assert f"lock_timeout=3s for the role {APP}" in text
        assert "statement_timeout=30s for every role in this database" in text
    finally:
        run(garden, f"ALTER ROLE {APP} RESET lock_timeout")


def test_a_deadlock_names_its_tables_and_who_is_still_there(demo_server: EmbeddedServer) -> None:
    with (
        shop_of(demo_server, CAMEL) as camel,
        psycopg.connect(camel) as one,
        psycopg.connect(camel) as two,
    ):
        one.execute("SET deadlock_timeout = '50ms'")
        one.commit()
        one.execute('LOCK TABLE "Order"')
        two.execute('LOCK TABLE "Customer"')
        other = threading.Thread(target=two.execute, args=('LOCK TABLE "Order"',))
        other.start()
        until_it_waits(camel, two.info.backend_pid)
        with pytest.raises(psycopg.errors.DeadlockDetected) as caught:
            one.execute('LOCK TABLE "Customer"')
        other.join()
        pid = two.info.backend_pid
        text = said(by(READER, camel), error_of(caught.value))
    assert 'is public."Order"' in text
    assert 'is public."Customer"' in text
    assert f"still connected: pid {pid} (postgres, " in text


def test_a_serialization_failure(garden: str) -> None:
    run(garden, f"ALTER ROLE {APP} SET default_transaction_isolation = 'serializable'")
    try:
        with psycopg.connect(garden) as one:
            one.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            one.execute("SELECT * FROM garden.orders")
            run(garden, UPDATE)
            with pytest.raises(psycopg.errors.SerializationFailure) as caught:
                one.execute(UPDATE.encode())
        text = said(by(CONNECTS, garden), error_of(caught.value))
        assert f"default_transaction_isolation=serializable for the role {APP}" in text
    finally:
        run(garden, f"ALTER ROLE {APP} RESET default_transaction_isolation")


@pytest.mark.parametrize("role", EVERYBODY)
def test_connections_of_server_role_and_database(garden: str, role: str) -> None:
    name = conninfo_to_dict(garden)["dbname"]
    run(garden, f"ALTER ROLE {APP} CONNECTION LIMIT 1; ALTER DATABASE {name} CONNECTION LIMIT 40")
    shop = make_conninfo(by(APP, garden), application_name="the-shop")
    try:
        with psycopg.connect(shop):
            with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
                psycopg.connect(shop)
            error = DatabaseError(
                sqlstate="53300", message_primary=f'too many connections for role "{APP}"'
            )
            text = said_to(role, garden, error)
        assert "the server takes 100 connections, 3 of them only for superusers; " in text
        assert f"the role {APP} may have 1 and has 1 now" in text
        assert f"the database {name} may have 40 and has 2 now" in text
        assert f"1 connection of the-shop as {APP} to {name} now: 1 " in text
        assert "pooler" not in text
    finally:
        run(garden, f"ALTER ROLE {APP} CONNECTION LIMIT -1")


@pytest.mark.parametrize("role", EVERYBODY)
def test_the_server_itself(garden: str, role: str) -> None:
    def told(sqlstate: str) -> str:
        return said_to(role, garden, DatabaseError(sqlstate=sqlstate))

    for sqlstate in ("57P01", "57P03"):
        assert "the server was started less than a minute ago" in told(sqlstate) or (
            "the server was started about" in told(sqlstate)
        )
    assert "this server is no replica, and no role and no database is set to read only" in told(
        "25006"
    )
    run(
        garden,
        f"ALTER DATABASE {conninfo_to_dict(garden)['dbname']} SET default_transaction_read_only = on",
    )
    assert "default_transaction_read_only=on for every role in this database" in told("25006")
    assert "this database takes" in told("53100")
    assert "the table of locks has room for about" in told("53200")


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("SELECT 'it''s', 5, t1.\"a 1\" FROM t1", 'SELECT ?, ?, t1."a ?" FROM t1'),
        (
            "INSERT INTO t VALUES ($1, $$pass'word$$, E'x') -- card 4111",
            "INSERT INTO t VALUES ($1, ?, ?)",
        ),
        ("UPDATE t SET a = 'cut off here and", "UPDATE t SET a = ?"),
        ("SELECT 1 /* traceparent='00-abc' */ + 2.50", "SELECT ? + ?"),
    ],
)
def test_a_statement_without_its_values(sql: str, shown: str) -> None:
    assert without_values(sql) == shown
    assert without_values("'" * 100_001) == "?"
