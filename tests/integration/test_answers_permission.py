"""A privilege that is missing and policies that refuse: who may do what, for the three roles that may ask."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from smoke.demo.postgres import EmbeddedServer
from smoke.model.dberror import DatabaseError
from tests.support.asked import APP, CAMEL, CONNECTS, READER, SNAKE, by, refused, said, shop_of

EVERYBODY = ("", READER, CONNECTS)


@pytest.fixture
def garden(demo_server: EmbeddedServer) -> Iterator[str]:
    with shop_of(demo_server, SNAKE) as dsn:
        run(dsn, f"GRANT USAGE ON SCHEMA garden TO {APP}")
        yield dsn


def run(dsn: str, sql: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(sql.encode())


def said_to(role: str, dsn: str, error: DatabaseError) -> str:
    return said(by(role, dsn) if role else dsn, error)


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_table_that_the_shops_role_may_not_write(garden: str, role: str) -> None:
    run(garden, f"GRANT SELECT, UPDATE (status) ON garden.orders TO {APP}")
    error = refused(by(APP, garden), "INSERT INTO garden.orders (id, status) VALUES ('o', 'new')")
    assert error.sqlstate == "42501"
    with psycopg.connect(by(APP, garden)):  # the shop's pool
        text = said_to(role, garden, error)
    assert "garden.orders belongs to postgres; granted: " in text
    assert f"{APP}: SELECT" in text
    assert f"{APP}: UPDATE (status)" in text
    assert f"{APP} (connected now) lacks INSERT, DELETE on garden.orders" in text
    assert "which role the deployment uses is not known" not in text


def test_the_dsn_s_role_is_perhaps_not_the_shops(garden: str) -> None:
    error = refused(by(APP, garden), "DELETE FROM garden.orders")
    text = said(by(READER, garden), error)
    assert f"{READER} (the role of this DSN) lacks INSERT, UPDATE, DELETE on garden.orders" in text
    assert "which role the deployment uses is not known, no other is connected now" in text
    text = said(by(CONNECTS, garden), error)
    assert "and USAGE on the schema garden" in text
    text = said(garden, error)
    assert (
        "postgres (the role of this DSN) lacks nothing on garden.orders: the deployment uses another role or database"
        in text
    )


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_schema_a_sequence_and_a_function(garden: str, role: str) -> None:
    run(
        garden,
        f"GRANT INSERT ON garden.customers TO {APP};"
        "CREATE FUNCTION garden.total() RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "REVOKE EXECUTE ON FUNCTION garden.total FROM PUBLIC",
    )
    error = refused(by(CONNECTS, garden), "SELECT * FROM garden.orders")
    text = said_to(role, garden, error)
    assert "the schema garden belongs to postgres; granted: " in text
    assert f"{APP}: USAGE" in text
    error = refused(by(APP, garden), "INSERT INTO garden.customers (email) VALUES ('n')")
    assert error.message_primary == "permission denied for sequence customers_id_seq"
    with psycopg.connect(by(APP, garden)):
        text = said_to(role, garden, error)
    assert f"{APP} (connected now) lacks USAGE on the sequence garden.customers_id_seq" in text
    error = refused(by(APP, garden), "SELECT garden.total()")
    with psycopg.connect(by(APP, garden)):
        text = said_to(role, garden, error)
    assert f"{APP} (connected now) lacks EXECUTE on the function garden.total()" in text


@pytest.mark.parametrize("role", EVERYBODY)
def test_the_policies_of_a_table(demo_server: EmbeddedServer, role: str) -> None:
    with shop_of(demo_server, CAMEL) as camel:
        run(
            camel,
            f'GRANT ALL ON ALL TABLES IN SCHEMA public TO {APP}; ALTER TABLE "Customer" ENABLE ROW LEVEL SECURITY;'
            f'CREATE POLICY "own rows" ON "Customer" FOR INSERT TO {APP} WITH CHECK ("eMail" = current_user);'
            'CREATE POLICY readable ON "Customer" FOR SELECT USING (NOT "isDeleted");'
            'CREATE POLICY narrow ON "Customer" AS RESTRICTIVE USING (true)',
        )
        error = refused(by(APP, camel), """INSERT INTO "Customer" ("eMail") VALUES ('z')""")
        assert error.sqlstate == "42501"
        with psycopg.connect(by(APP, camel)):
            lines = said_to(role, camel, error).split("\n")
    assert lines[0] == (
        'row-level security is on for public."Customer"; only its owner and roles with BYPASSRLS are free of it'
    )
    assert "restrictive policy narrow for ALL to everybody: USING (true)" in lines
    assert any(
        line.startswith(
            f'policy "own rows" for INSERT to {APP}: WITH CHECK ("eMail" = CURRENT_USER'
        )
        for line in lines
    )
    assert 'policy readable for SELECT to everybody: USING (NOT "isDeleted")' in lines
    assert "no policy allows UPDATE, DELETE: every such row is refused" in lines
    assert any(line.startswith(f"{APP} (connected now) lacks nothing") for line in lines)


def test_row_security_without_a_policy(garden: str) -> None:
    run(
        garden,
        f"GRANT INSERT ON garden.orders TO {APP}; ALTER TABLE garden.orders ENABLE ROW LEVEL SECURITY;"
        "ALTER TABLE garden.orders FORCE ROW LEVEL SECURITY",
    )
    error = refused(by(APP, garden), "INSERT INTO garden.orders (id, status) VALUES ('o', 'new')")
    text = said(by(CONNECTS, garden), error)
    assert (
        "row-level security is on for garden.orders; only roles with BYPASSRLS are free of it, and there is no policy:"
        " every row is refused" in text
    )
