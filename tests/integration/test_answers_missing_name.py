"""A table, column, function, type or schema that is not there: where it is, what is named alike, what would make it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from smoke.demo.postgres import EmbeddedServer
from smoke.model.dberror import DatabaseError
from tests.support.asked import APP, CAMEL, CONNECTS, READER, SNAKE, by, refused, said, shop_of

EVERYBODY = ("", READER, CONNECTS)


@pytest.fixture
def garden(demo_server: EmbeddedServer) -> Iterator[str]:
    with shop_of(demo_server, SNAKE) as dsn:
        yield dsn


@pytest.fixture
def camel(demo_server: EmbeddedServer) -> Iterator[str]:
    with shop_of(demo_server, CAMEL) as dsn:
        yield dsn


def run(dsn: str, sql: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(sql.encode())


def said_to(role: str, dsn: str, error: DatabaseError) -> str:
    return said(by(role, dsn) if role else dsn, error)


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_table_in_a_schema_that_the_search_path_leaves_out(garden: str, role: str) -> None:
    name = conninfo_to_dict(garden)["dbname"]
    run(garden, f"ALTER ROLE {APP} IN DATABASE {name} SET search_path = garden, public")
    text = said_to(role, garden, refused(garden, "SELECT * FROM orders"))
    if role == CONNECTS:
        assert f"{CONNECTS} (the role of this DSN) has no USAGE on the schema garden" in text
    else:
        path = f'the search_path of {role or "postgres"} ("$user", public)'
        assert f"garden.orders is there, in a schema that {path} leaves out" in text
    assert f"set for {APP} here: search_path = garden, public" in text


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_table_of_another_schema_than_was_said(garden: str, role: str) -> None:
    text = said_to(role, garden, refused(garden, "SELECT * FROM public.orders"))
    assert "the schema public has no table orders; there is garden.orders" in text


def test_a_table_that_is_spelled_otherwise(garden: str, camel: str) -> None:
    text = said(by(CONNECTS, garden), refused(garden, "SELECT * FROM garden.ordres"))
    assert "no table ordres in any schema; the nearest: garden.orders" in text
    text = said(garden, refused(garden, "SELECT * FROM garden.h2sdispatchjob"))
    assert "the nearest: garden.h2s_dispatch_jobs" in text
    text = said(by(READER, camel), refused(camel, "SELECT * FROM Customer"))
    assert 'no table customer in any schema; written otherwise there: public."Customer"' in text
    assert "without quotation marks SQL reads every name in lower case" in text


def test_a_table_that_is_there_by_now(garden: str) -> None:
    error = refused(garden, "SELECT * FROM coupons")
    assert "no table coupons in any schema" in said(garden, error)
    run(garden, "CREATE TABLE coupons (id int)")
    assert "public.coupons is there now: it was made since" in said(garden, error)


def test_a_database_without_tables(demo_server: EmbeddedServer) -> None:
    with shop_of(demo_server, "") as empty:
        text = said(by(CONNECTS, empty), refused(empty, "SELECT * FROM orders"))
    assert "this database has no tables of its own" in text


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_table_or_a_column_in_another_database_of_the_server(
    demo_server: EmbeddedServer, role: str
) -> None:
    with shop_of(demo_server, SNAKE) as garden, shop_of(demo_server, "") as empty:
        other = conninfo_to_dict(garden)["dbname"]
        dsn = by(role, empty) if role else empty
        error = refused(empty, "SELECT * FROM h2s_dispatch_jobs")
        text = said(dsn, error, elsewhere=True)
        assert f"database {other} of the same server has h2s_dispatch_jobs" in text
        assert "same server" not in said(dsn, error)
        run(empty, "CREATE TABLE h2s_dispatch_jobs (id int)")
        error = refused(empty, "INSERT INTO h2s_dispatch_jobs (step_id) VALUES (1)")
        text = said(dsn, error, elsewhere=True)
        assert "public.h2s_dispatch_jobs has no column step_id" in text
        assert f"database {other} of the same server has h2s_dispatch_jobs.step_id" in text


def test_what_a_migration_that_is_not_applied_would_make(garden: str, tmp_path: Path) -> None:
    fix = tmp_path / "0009_coupons.sql"
    fix.write_text(
        "ALTER TABLE garden.orders ADD COLUMN coupon text;\nCREATE TABLE coupons (id int);\n"
    )
    error = refused(garden, "SELECT * FROM coupons")
    assert "0009_coupons.sql:2 names it and is not applied here: CREATE TABLE coupons" in said(
        garden, error, fix=fix
    )
    error = refused(garden, "SELECT coupon FROM garden.orders")
    assert "0009_coupons.sql:1 names it and is not applied here" in said(garden, error, fix=fix)
    run(garden, fix.read_text())
    assert "names it" not in said(garden, error, fix=fix)


def test_a_migration_beside_the_scenarios_own(garden: str, tmp_path: Path) -> None:
    fix = tmp_path / "0007_fix.sql"
    fix.write_text("ALTER TABLE garden.orders ADD COLUMN gift boolean;\n")
    (tmp_path / "0008_coupons.sql").write_text("-- coupons\nCREATE TABLE coupons (id int);\n")
    (tmp_path / "0009_other.sql").write_text("CREATE TABLE couponses (id int);\n")
    error = refused(garden, "SELECT * FROM coupons")
    text = said(garden, error, fix=fix)
    assert "0008_coupons.sql:2 names it and is not applied here: CREATE TABLE coupons" in text
    assert "0009" not in text
    run(garden, "CREATE TABLE coupons (id int)")
    assert "names it" not in said(garden, error, fix=fix)
    folders = tmp_path / "prisma"
    for name, sql in (("1_init", "SELECT 1;"), ("2_baskets", "CREATE TABLE baskets (id int);")):
        (folders / name).mkdir(parents=True)
        (folders / name / "migration.sql").write_text(sql)
    error = refused(garden, "SELECT * FROM baskets")
    assert "2_baskets/migration.sql:1 names it" in said(
        garden, error, fix=folders / "1_init" / "migration.sql"
    )


def test_a_role_that_does_not_see_the_schema(garden: str) -> None:
    run(garden, f"ALTER ROLE {CONNECTS} SET search_path = garden")
    try:
        error = refused(by(CONNECTS, garden), "SELECT * FROM orders")
        assert error.sqlstate == "42P01"
        with psycopg.connect(by(CONNECTS, garden)):
            text = said(by(READER, garden), error)
        assert f"{CONNECTS} (connected now) has no USAGE on the schema garden" in text
        assert f"{READER} (the role" not in text
        text = said(by(CONNECTS, garden), error)
        assert "garden.orders is there\n" in text
        assert "leaves out" not in text
        assert f"{CONNECTS} (the role of this DSN) has no USAGE on the schema garden" in text
    finally:
        run(garden, f"ALTER ROLE {CONNECTS} RESET search_path")


def test_a_column_that_is_spelled_otherwise(garden: str, camel: str) -> None:
    error = refused(garden, "INSERT INTO garden.orders (customerId) VALUES (1)")
    assert error.table_name == "orders"
    text = said(by(CONNECTS, garden), error)
    assert "garden.orders has no column customerid; the nearest: customer_id" in text
    error = refused(camel, 'INSERT INTO "Customer" (email) VALUES (1)')
    assert 'public."Customer" has no column email; the nearest: "eMail"' in said(camel, error)


def test_a_column_of_an_alias_or_of_nothing(garden: str) -> None:
    text = said(by(CONNECTS, garden), refused(garden, "SELECT o.recipient_id FROM garden.orders o"))
    assert "a column recipient_id is in garden.h2s_dispatch_jobs" in text
    text = said(garden, refused(garden, "SELECT recipientid FROM garden.orders"))
    assert (
        "no table of this database has a column recipientid; the nearest: garden.h2s_dispatch_jobs.recipient_id"
        in text
    )


def test_a_column_of_a_table_of_that_name_in_another_schema(garden: str) -> None:
    run(garden, "CREATE TABLE public.orders (id int)")
    text = said(garden, refused(garden, "INSERT INTO orders (status) VALUES ('x')"))
    assert "public.orders has no column status" in text
    assert "garden.orders has it: a table of that name in another schema" in text


def test_an_alias_is_no_missing_table(garden: str) -> None:
    error = refused(garden, "SELECT x.id FROM garden.orders o")
    assert error.sqlstate == "42P01"
    assert "a name that the query itself uses without introducing it" in said(garden, error)


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_function(garden: str, role: str) -> None:
    run(
        garden,
        "CREATE FUNCTION garden.place_order(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE FUNCTION public.cancel_order(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    )
    text = said_to(role, garden, refused(garden, "SELECT place_order(1)"))
    assert "garden.place_order(a integer) is there" in text
    text = said_to(role, garden, refused(garden, "SELECT cancel_order('a'::text, 2)"))
    assert "it was called with (text, integer), and there is public.cancel_order(a integer)" in text
    text = said_to(role, garden, refused(garden, "SELECT garden.placeorder(1)"))
    assert "the nearest: garden.place_order(a integer)" in text or (
        "written otherwise there: garden.place_order(a integer)" in text
    )
    text = said_to(role, garden, refused(garden, "SELECT uuid_generate_v4()"))
    assert "it comes with the extension uuid-ossp, which is not installed in this database" in text
    assert said_to(role, garden, refused(garden, "SELECT 'a'::text = 1")) == ""


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_type_and_a_schema(garden: str, role: str) -> None:
    text = said_to(role, garden, refused(garden, "SELECT 'new'::order_state"))
    assert "garden.order_state is there" in text
    text = said_to(role, garden, refused(garden, "SELECT 'new'::citext"))
    assert "the extension citext, which is not installed" in text
    error = refused(garden, "CREATE TABLE gardens.x (id int)")
    assert error.sqlstate == "3F000"
    assert "this database has no schema gardens; the nearest: garden; it has garden, public" in (
        said_to(role, garden, error)
    )
