"""A value that is refused: by a check, by NOT NULL, by its column's type, by its type's labels, by the partitions."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from smoke.demo.postgres import EmbeddedServer
from smoke.model.dberror import DatabaseError
from tests.support.asked import CAMEL, CONNECTS, READER, SNAKE, by, refused, said, shop_of

ORDER = "INSERT INTO garden.orders (id, status, {}) VALUES ('o', '{}', {})"


@pytest.fixture
def garden(demo_server: EmbeddedServer) -> Iterator[str]:
    with shop_of(demo_server, SNAKE) as dsn:
        yield dsn


def run(dsn: str, sql: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(sql.encode())


def test_a_check_of_one_column(garden: str) -> None:
    error = refused(garden, ORDER.format("quantity", "secret-state", "1"))
    for dsn in (garden, by(READER, garden), by(CONNECTS, garden)):
        text = said(dsn, error)
        assert "check constraint orders_status_ck on garden.orders: CHECK ((status = ANY" in text
        assert "the refused value is the one of the column status" in text
        assert "secret-state" not in text
    assert "the refused row had status secret-state" in said(garden, error, show_values=True)


def test_a_check_of_two_columns(garden: str) -> None:
    error = refused(garden, ORDER.format("quantity, discount", "new", "3, 77"))
    text = said(garden, error)
    assert "it compares the columns discount, quantity" in text
    assert "77" not in text
    shown = said(garden, error, show_values=True)
    assert "the refused row had discount 77, quantity 3" in shown
    commas = DatabaseError(
        sqlstate="23514",
        constraint_name="orders_discount_ck",
        message_detail="Failing row contains (a, b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10).",
    )
    assert "had" not in said(garden, commas, show_values=True)


def test_a_domain_and_a_row_without_partition(garden: str) -> None:
    run(
        garden,
        "CREATE DOMAIN garden.sku AS text CONSTRAINT sku_ck CHECK (value ~ '^[a-z]+$');"
        "CREATE TABLE garden.visits (day int) PARTITION BY RANGE (day);"
        "CREATE TABLE garden.visits_1 PARTITION OF garden.visits FOR VALUES FROM (0) TO (9)",
    )
    error = refused(garden, "SELECT 'A1'::garden.sku")
    assert "garden.sku is a domain" in said(by(CONNECTS, garden), error)
    error = refused(garden, "INSERT INTO garden.visits VALUES (30)")
    assert error.sqlstate == "23514"
    assert (
        "garden.visits is partitioned by RANGE (day), without a default partition; its partitions: visits_1 FOR VALUES"
        " FROM (0) TO (9)" in said(by(CONNECTS, garden), error)
    )


def test_a_column_that_must_have_a_value(garden: str) -> None:
    error = refused(garden, "INSERT INTO garden.orders (id) VALUES ('o')")
    text = said(by(CONNECTS, garden), error)
    assert (
        "garden.orders.status is text NOT NULL, without a default: the statement has to give it"
        in text
    )
    assert "as well without a default: id" in text
    error = refused(
        garden, "INSERT INTO garden.orders (id, status, total) VALUES ('o', 'new', NULL)"
    )
    assert (
        "total is numeric(6,2) NOT NULL, default 0, which NULL in the statement overrides"
        in said(garden, error)
    )
    error = refused(garden, "INSERT INTO garden.orders (id) VALUES ('o')")
    run(garden, "ALTER TABLE garden.orders ALTER status DROP NOT NULL")
    assert "garden.orders.status may be NULL in this database" in said(garden, error)
    run(garden, "ALTER TABLE garden.orders DROP status")
    assert "garden.orders has no column status in this database" in said(garden, error)


def test_a_column_of_camel_case_that_must_have_a_value(demo_server: EmbeddedServer) -> None:
    with shop_of(demo_server, CAMEL) as camel:
        error = refused(camel, 'INSERT INTO "Customer" ("isDeleted") VALUES (true)')
        assert 'public."Customer"."eMail" is text NOT NULL, without a default' in said(
            by(READER, camel), error
        )


def test_a_text_that_is_too_long(garden: str) -> None:
    error = refused(
        garden, f"INSERT INTO garden.customers (email, phone) VALUES ('x', '{'1' * 30}')"
    )
    text = said(by(CONNECTS, garden), error)
    assert (
        "garden.customers.phone is the only column of character varying(20) in this database"
        in text
    )
    run(garden, "CREATE TABLE garden.people (phone varchar(20))")
    text = said(garden, error)
    assert "which column it is is not known; of type character varying(20)" in text
    assert "garden.customers.phone, garden.people.phone" in text
    assert "only column" not in text


def test_a_number_that_is_too_large(garden: str) -> None:
    error = refused(garden, ORDER.format("total", "new", "123456789"))
    assert error.sqlstate == "22003"
    assert "garden.orders.total is the only column of numeric(6,2) in this database" in said(
        by(CONNECTS, garden), error
    )
    out_of_range = refused(garden, ORDER.format("quantity", "new", "99999999999"))
    assert said(garden, out_of_range) == ""  # any integer column may be meant: nothing is said


def test_a_type_is_found_behind_a_domain_and_in_an_array(garden: str) -> None:
    run(
        garden,
        "CREATE DOMAIN garden.seven AS varchar(7); CREATE TABLE garden.tags (one garden.seven, many varchar(7)[], other varchar(8))",
    )
    error = DatabaseError(
        sqlstate="22001", message_primary="value too long for type character varying(7)"
    )
    assert (
        "which column it is is not known; of type character varying(7) in this database: garden.tags.one, garden.tags.many"
        in said(garden, error)
    )


def test_a_label_that_the_type_does_not_have(garden: str) -> None:
    run(garden, "SELECT 1")
    error = refused(garden, "SET search_path = garden", ORDER.format("state", "new", "'Shiped'"))
    text = said(by(CONNECTS, garden), error)
    assert "garden.order_state has these labels: new, paid, shipped; the nearest is shipped" in text
    run(garden, "ALTER TYPE garden.order_state ADD VALUE 'Shiped'")
    assert "has that label now" in said(garden, error)
