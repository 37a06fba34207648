"""A row that refers to another: there now, marked as deleted, in another schema, never there; who still refers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from smoke.demo.postgres import EmbeddedServer
from smoke.model.dberror import DatabaseError
from tests.support.asked import CAMEL, CONNECTS, READER, SNAKE, by, refused, said, shop_of

ORDER = "INSERT INTO garden.orders (id, product_id, status) VALUES ('ord-9', {}, 'new')"


@pytest.fixture
def garden(demo_server: EmbeddedServer) -> Iterator[str]:
    with shop_of(demo_server, SNAKE) as dsn:
        yield dsn


def run(dsn: str, sql: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(sql.encode())


def test_a_parent_that_is_not_there(garden: str) -> None:
    error = refused(garden, ORDER.format(7))
    for dsn in (garden, by(READER, garden)):
        text = said(dsn, error)
        assert "foreign key orders_product_fk on garden.orders" in text
        assert "garden.products has no row with that (id) now" in text
        assert "it is larger than every one that is there" in text
        assert "the server counted no deleted row there" in text
    text = said(by(CONNECTS, garden), error)
    assert (
        "whether garden.products has a row with that (id) is not known: permission denied" in text
    )
    assert "has no row" not in text


def test_a_parent_that_came_later_or_is_marked_as_deleted(garden: str) -> None:
    error = refused(garden, ORDER.format(7))
    run(garden, "INSERT INTO garden.products VALUES (7, 'cup')")
    text = said(by(READER, garden), error)
    assert (
        "garden.products has the row with that (id) now, made less than a minute ago (created_at)"
        in text
    )
    assert "marked as deleted" not in text
    run(
        garden,
        "UPDATE garden.products SET deleted_at = now(), created_at = now() - interval '3 days'",
    )
    text = said(garden, error)
    assert "made about 3 days ago (created_at), marked as deleted (deleted_at)" in text


def test_a_parent_in_the_table_of_another_schema(garden: str) -> None:
    error = refused(garden, ORDER.format(7))
    run(
        garden,
        "CREATE TABLE public.products (id int, name text); INSERT INTO products VALUES (7, 'x')",
    )
    text = said(garden, error)
    assert "garden.products has no row with that (id) now" in text
    assert "but public.products has it: the rule looks into garden.products only" in text


def test_an_empty_parent_table(garden: str) -> None:
    run(garden, "DELETE FROM garden.orders; DELETE FROM garden.products")
    error = refused(garden, ORDER.format(1))
    text = said(garden, error)
    assert "garden.products has no row with that (id) now; the table is empty" in text
    assert "larger than" not in text


def test_deleted_rows_are_counted(garden: str) -> None:
    run(garden, "DELETE FROM garden.products WHERE id = 2; SELECT pg_stat_force_next_flush()")
    error = refused(garden, ORDER.format(2))
    assert "the server counted 1 deleted row there" in said(garden, error)


def test_rows_that_still_refer_to_one_that_was_to_go(garden: str) -> None:
    run(
        garden,
        "CREATE TABLE garden.stock (product int CONSTRAINT stock_fk REFERENCES garden.products);"
        f"INSERT INTO garden.stock VALUES (1); GRANT SELECT ON garden.stock TO {READER};"
        "CREATE TABLE garden.likes (product int REFERENCES garden.products ON DELETE CASCADE);"
        "INSERT INTO garden.likes VALUES (1)",
    )
    error = refused(garden, "DELETE FROM garden.products WHERE id = 1")
    for dsn in (garden, by(READER, garden)):
        text = said(dsn, error)
        assert "2 rows of garden.orders (product_id) refer to it by orders_product_fk" in text
        assert "1 row of garden.stock (product) refers to it by stock_fk" in text
        assert "likes" not in text
    assert "how many rows of garden.orders (product_id) refer to it is not known" in said(
        by(CONNECTS, garden), error
    )


def test_the_other_side_is_taken_for_the_rules_table(garden: str) -> None:
    """`update or delete on table "products" violates …`: some libraries pass on that name."""
    error = refused(garden, "DELETE FROM garden.products WHERE id = 1")
    said_otherwise = replace(error, schema_name=None, table_name="products")
    text = said(garden, said_otherwise)
    assert "still there: foreign key orders_product_fk on garden.orders" in text
    assert "2 rows of garden.orders (product_id) refer to it" in text
    stranger = replace(error, schema_name=None, table_name="customers")
    assert "orders_product_fk is not in this database" in said(garden, stranger)


def test_names_that_need_quotes(demo_server: EmbeddedServer) -> None:
    with shop_of(demo_server, CAMEL) as camel:
        error = refused(
            camel,
            """INSERT INTO "Order" ("customerId") VALUES ('0b5f7a9e-0000-4000-8000-000000000009')""",
        )
        for dsn in (camel, by(READER, camel)):
            text = said(dsn, error)
            assert 'public."Customer" has no row with that (id) now' in text
            assert "larger than" not in text
        error = refused(camel, 'DELETE FROM "Customer"')
        assert '1 row of public."Order" (customerId) refers to it' in said(camel, error)


def test_a_key_that_is_not_told_or_masked_or_hidden(garden: str) -> None:
    silent = DatabaseError(sqlstate="23503", constraint_name="orders_product_fk")
    assert "the finding does not tell the key's values" in said(garden, silent)
    masked = DatabaseError(
        sqlstate="23503",
        constraint_name="orders_product_fk",
        message_detail='Key (product_id)=([masked:card]) is not present in table "products".',
    )
    assert "its key is masked in the evidence" in said(garden, masked)
    error = refused(garden, ORDER.format(7))
    run(garden, "ALTER TABLE garden.products ENABLE ROW LEVEL SECURITY")
    text = said(by(READER, garden), error)
    assert "row-level security may hide it" in text
    assert "has no row" not in text
