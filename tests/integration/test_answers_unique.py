"""A key that is there already: constraint, unique index, partial, over an expression, with NULLs that are equal."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from smoke.demo.postgres import EmbeddedServer
from smoke.model.dberror import DatabaseError
from tests.support.asked import APP, CAMEL, CONNECTS, READER, SNAKE, ask, by, refused, said, shop_of


@pytest.fixture
def garden(demo_server: EmbeddedServer) -> Iterator[str]:
    with shop_of(demo_server, SNAKE) as dsn:
        yield dsn


@pytest.fixture
def camel(demo_server: EmbeddedServer) -> Iterator[str]:
    with shop_of(demo_server, CAMEL) as dsn:
        yield dsn


JOBS = "INSERT INTO garden.h2s_dispatch_jobs (recipient_id, step_id, slot, order_id) VALUES "


def test_the_colliding_row_and_the_order_that_made_it(garden: str) -> None:
    error = refused(garden, JOBS + "(7, 2, 'x', 'y')")
    for dsn in (garden, by(READER, garden)):
        told = ask(dsn, error, orders={"shop/Order 1": "ord-1", "shop/Order 2": "ord-2"})
        text = "\n".join(told.lines())
        assert "unique constraint jobs_recipient_step_uq on garden.h2s_dispatch_jobs" in text
        assert (
            "1 row has that (recipient_id, step_id): id (not shown), made by shop/Order 1" in text
        )
    others = said(garden, error, orders={"shop/Order 9": "ord-9"})
    assert "no id of this scenario's orders is in it" in others
    assert "id 1" in said(garden, error, show_values=True)


def test_a_role_that_may_read_nothing_says_so(garden: str) -> None:
    error = refused(garden, JOBS + "(7, 2, 'x', 'y')")
    text = said(by(CONNECTS, garden), error)
    assert "still there: unique constraint jobs_recipient_step_uq" in text
    assert "the database did not tell: permission denied for schema garden" in text
    assert "row has" not in text


def test_a_role_that_may_read_the_keys_columns_only_knows_that_the_row_is_there(
    garden: str,
) -> None:
    with psycopg.connect(garden, autocommit=True) as owner:
        owner.execute(f"GRANT USAGE ON SCHEMA garden TO {APP}".encode())
        owner.execute(
            f"GRANT SELECT (recipient_id, step_id) ON garden.h2s_dispatch_jobs TO {APP}".encode()
        )
    error = refused(garden, JOBS + "(7, 2, 'x', 'y')")
    assert "1 row has that (recipient_id, step_id)" in said(by(APP, garden), error)


def test_a_partial_index_over_an_expression_that_is_no_constraint(garden: str) -> None:
    error = refused(garden, "INSERT INTO garden.customers (email) VALUES ('A@B.example')")
    assert error.constraint_name == "customers_email_uq"
    text = said(by(READER, garden), error)
    assert "unique index customers_email_uq on garden.customers" in text
    assert "1 row has that (lower(email)) among those WHERE (deleted_at IS NULL)" in text
    assert "made less than a minute ago (created_at)" in text
    with psycopg.connect(garden, autocommit=True) as owner:
        owner.execute("UPDATE garden.customers SET deleted_at = now()")
    gone = said(garden, error)
    assert "no row has that (lower(email)) now among those WHERE (deleted_at IS NULL)" in gone


def test_a_value_with_a_percent_sign(garden: str) -> None:
    error = refused(garden, "INSERT INTO garden.customers (email) VALUES ('C%D@b.example')")
    assert "1 row has that (lower(email))" in said(garden, error)


def test_nulls_that_are_not_distinct(garden: str) -> None:
    error = refused(garden, JOBS + "(1, 1, 'two', NULL)")
    assert error.message_detail == "Key (slot, order_id)=(two, null) already exists."
    text = said(garden, error)
    assert "UNIQUE NULLS NOT DISTINCT (slot, order_id)" in text
    assert "1 row has that (slot, order_id): id (not shown)" in text


def test_names_that_need_quotes(camel: str) -> None:
    error = refused(camel, """INSERT INTO "Order" ("Note, to us", "number%") VALUES ('gift', 5)""")
    for dsn in (camel, by(READER, camel)):
        text = said(dsn, error, orders={"shop/Order 1": "gift"})
        assert "1 row has that (number%, Note, to us): id (not shown), made by shop/Order 1" in text
    error = refused(camel, """INSERT INTO "Customer" ("eMail") VALUES ('x@y.example')""")
    assert "made less than a minute ago (createdAt, taken as UTC)" in said(camel, error)


def test_a_range_that_overlaps(camel: str) -> None:
    error = refused(camel, """INSERT INTO "Order" ("during") VALUES ('[2026-01-15, 2026-01-16)')""")
    assert error.sqlstate == "23P01"
    text = said(camel, error)
    assert "exclusion constraint Order_during_excl" in text
    assert "1 row has that (during): id (not shown)" in text


def test_values_that_hold_commas(garden: str) -> None:
    with psycopg.connect(garden, autocommit=True) as owner:
        owner.execute(
            "UPDATE garden.h2s_dispatch_jobs SET slot = 'Main St 1, Berlin', order_id = 'a, b' WHERE recipient_id = 7"
        )
    error = refused(garden, JOBS + "(1, 1, 'Main St 1, Berlin', 'a, b')")
    text = said(garden, error, show_values=True)
    assert "1 row has that (slot, order_id): id 1" in text
    with psycopg.connect(garden, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO garden.h2s_dispatch_jobs (slot, order_id) VALUES ('Main St 1', 'Berlin, a, b')"
        )
    assert "does not tell the key's values apart" in said(garden, error)


def test_a_key_that_the_finding_does_not_tell(garden: str) -> None:
    for detail in (None, "Key (recipient_id, step_id)=(7, 2, 3) already exists."):
        error = DatabaseError(
            sqlstate="23505", constraint_name="jobs_recipient_step_uq", message_detail=detail
        )
        assert "the finding does not tell the key's values" in said(garden, error)
    masked = DatabaseError(
        sqlstate="23505",
        constraint_name="jobs_recipient_step_uq",
        message_detail="Key (recipient_id, step_id)=([masked:phone], 2) already exists.",
    )
    assert "a value of it is masked in the evidence" in said(garden, masked)


def test_a_row_that_row_security_hides_is_not_called_gone(garden: str) -> None:
    error = refused(garden, JOBS + "(7, 2, 'x', 'y')")
    with psycopg.connect(garden, autocommit=True) as owner:
        owner.execute("ALTER TABLE garden.h2s_dispatch_jobs ENABLE ROW LEVEL SECURITY")
    text = said(by(READER, garden), error)
    assert f"row-level security may hide it from the role {READER}" in text
    assert "no row has" not in text


def test_a_text_type_that_ignores_case_is_compared_as_its_index_does(
    demo_server: EmbeddedServer,
) -> None:
    schema = """
    CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions;
    CREATE TABLE people (id int PRIMARY KEY, email extensions.citext CONSTRAINT people_email_uq UNIQUE);
    INSERT INTO people VALUES (1, 'Ann@x.example');
    """
    with shop_of(demo_server, schema) as dsn:
        error = refused(dsn, "INSERT INTO people VALUES (2, 'ann@X.example')")
        assert "1 row has that (email)" in said(by(READER, dsn), error)
