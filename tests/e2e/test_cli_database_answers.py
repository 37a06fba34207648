"""`smoke run --dsn-env`: what the database says of the order that it refused just now, printed as a user reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from smoke.demo.postgres import EmbeddedServer
from tests.support.asked import APP, CAMEL, CONNECTS, READER, SNAKE, by, shop_of
from tests.support.cli import smoke
from tests.support.scripted import Answer, Shop, scripted

ORDER = """
name: orders
summary: One order after the other.
steps:
  - name: First
    request: {url: /first, json: {a: 1}}
    places_order: {id: $.id}
    expect: {status: 201}
  - name: Second
    request: {url: /second, json: {a: 1}}
    places_order: {id: $.id}
    expect: {status: 201}
teardown:
  - name: Clean up
    request: {method: DELETE, url: /orders}
    expect: {status: 200}
"""


@pytest.fixture
def garden(demo_server: EmbeddedServer) -> Iterator[str]:
    with shop_of(demo_server, SNAKE) as dsn:
        run(dsn, f"GRANT USAGE ON SCHEMA garden TO {APP}; GRANT SELECT ON garden.products TO {APP}")
        yield dsn


def run(dsn: str, sql: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(sql.encode())


def ordering(shop: Shop, dsn: str, *statements: str, masked: str = "", status: int = 400) -> None:
    """The second order carries out these statements, and answers with what the server says of the last."""

    def second(_: bytes) -> Answer:
        try:
            with psycopg.connect(dsn, autocommit=True) as connection:
                for statement in statements:
                    connection.execute(statement.encode())
        except psycopg.Error as error:
            told = error.diag
            fields = {
                "code": told.sqlstate or "53300",
                "message": told.message_primary or str(error).rpartition("FATAL:")[2].strip(),
                "detail": told.message_detail,
                "table": told.table_name,
                "constraint": told.constraint_name,
            }
            body = {"type": "invalid_data", "message": masked} if masked else {"error": fields}
            return (
                status if masked else 500,
                {"Content-Type": "application/json"},
                json.dumps(body).encode(),
            )
        return 201, {"Content-Type": "application/json"}, b'{"id": "ord-9"}'

    shop.on("POST /first", 201, {"id": "ord-1"})
    shop.on("DELETE /orders", body={})
    shop.routes["POST /second"] = second


def printed(folder: Path, shop: Shop, dsn: str, *more: str) -> str:
    (folder / "orders.yaml").write_text(ORDER)
    done = smoke(
        ["run", "orders.yaml", "--url", shop.url, "--dsn-env", "READER_DSN", *more],
        folder,
        env={"READER_DSN": dsn},
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert shop.paths()[-1] == "DELETE /orders"
    return " ".join(done.stdout.split())


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        yield running


JOB = "INSERT INTO garden.h2s_dispatch_jobs (recipient_id, step_id, slot) VALUES (7, 2, 'x')"
MEDUSA = "H2s dispatch jobs with recipient_id: 7, step_id: 2, already exists."


def test_a_key_that_is_there(garden: str, shop: Shop, tmp_path: Path) -> None:
    ordering(shop, garden, JOB)
    text = printed(tmp_path, shop, by(READER, garden))
    assert "1 row has that (recipient_id, step_id): id (not shown), made by orders/First" in text
    assert "asked through READER_DSN" in text


def test_a_rule_that_is_named_in_words_only(garden: str, shop: Shop, tmp_path: Path) -> None:
    ordering(shop, garden, JOB, masked=MEDUSA)
    text = printed(tmp_path, shop, by(READER, garden))
    assert (
        "inferred from the columns and the table's name in words by the database's catalogue"
        in text
    )
    assert "unique constraint jobs_recipient_step_uq on garden.h2s_dispatch_jobs" in text
    assert "made by orders/First" in text


def test_a_row_that_another_refers_to(garden: str, shop: Shop, tmp_path: Path) -> None:
    ordering(
        shop, garden, "INSERT INTO garden.orders (id, product_id, status) VALUES ('o', 7, 'new')"
    )
    text = printed(tmp_path, shop, by(READER, garden))
    assert "garden.products has no row with that (id) now; it is larger than every one" in text
    text = printed(tmp_path, shop, by(CONNECTS, garden))
    assert (
        "whether garden.products has a row with that (id) is not known: permission denied" in text
    )


def test_a_table_in_another_schema_and_database(
    demo_server: EmbeddedServer, garden: str, shop: Shop, tmp_path: Path
) -> None:
    ordering(shop, garden, "INSERT INTO orders (id) VALUES ('o')")
    text = printed(tmp_path, shop, by(READER, garden))
    assert f"garden.orders is there, in a schema that the search_path of {READER}" in text
    with shop_of(demo_server, CAMEL) as camel:
        ordering(shop, camel, "INSERT INTO h2s_dispatch_jobs (id) VALUES (1)")
        text = printed(tmp_path, shop, by(READER, camel))
    assert "of the same server has h2s_dispatch_jobs: does the deployment mean that one?" in text


def test_a_privilege_and_a_policy(garden: str, shop: Shop, tmp_path: Path) -> None:
    insert = "INSERT INTO garden.orders (id, status) VALUES ('o', 'new')"
    ordering(shop, by(APP, garden), insert)
    with psycopg.connect(by(APP, garden)):
        text = printed(tmp_path, shop, by(READER, garden))
    assert f"{APP} (connected now) lacks SELECT, INSERT, UPDATE, DELETE on garden.orders" in text
    run(
        garden,
        f"GRANT INSERT ON garden.orders TO {APP}; ALTER TABLE garden.orders ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY mine ON garden.orders FOR INSERT WITH CHECK (id LIKE 'mine-%')",
    )
    text = printed(tmp_path, shop, by(READER, garden))
    assert "policy mine for INSERT to everybody: WITH CHECK (id ~~ 'mine-%'::text)" in text


@pytest.mark.parametrize("limit", ["lock_timeout", "statement_timeout"])
def test_a_lock_that_somebody_holds(garden: str, shop: Shop, tmp_path: Path, limit: str) -> None:
    update = "UPDATE garden.orders SET status = 'paid' WHERE id = 'ord-1'"
    ordering(shop, garden, f"SET {limit} = '100ms'", update)
    with psycopg.connect(make_conninfo(garden, application_name="night-job")) as holder:
        holder.execute(update.encode())
        text = printed(tmp_path, shop, garden)
        pid = holder.info.backend_pid
        holder.rollback()
    assert f"now pid {pid} (postgres, night-job, idle in transaction for less than a minute" in text
    assert "RowExclusiveLock on garden.orders" in text
    assert "statement: UPDATE garden.orders SET status = ? WHERE id = ?" in text


def test_an_answer_that_hides_a_lock(garden: str, shop: Shop, tmp_path: Path) -> None:
    update = "UPDATE garden.orders SET status = 'paid' WHERE id = 'ord-1'"
    wait = "SET lock_timeout = '1500ms'"
    ordering(shop, garden, wait, update, masked="Internal Server Error", status=500)
    with psycopg.connect(make_conninfo(garden, application_name="night-job")) as holder:
        holder.execute(update.encode())
        text = printed(tmp_path, shop, garden)
        pid = holder.info.backend_pid
        holder.rollback()
    hint = "perhaps, since the answer does not name its error: now"
    assert f"{hint} pid {pid} (postgres, night-job, idle in transaction" in text
    judged = smoke(
        ["judge", "latest", "--dsn-env", "READER_DSN"], tmp_path, env={"READER_DSN": garden}
    )
    assert "stands out" not in judged.stdout  # what is so now says nothing of a run that is over
    assert "lock_not_available" not in text


def test_too_many_connections(garden: str, shop: Shop, tmp_path: Path) -> None:
    run(garden, f"ALTER ROLE {APP} CONNECTION LIMIT 1")
    ordering(shop, by(APP, garden), "SELECT 1")
    try:
        with psycopg.connect(make_conninfo(by(APP, garden), application_name="the-pool")):
            text = printed(tmp_path, shop, by(READER, garden))
    finally:
        run(garden, f"ALTER ROLE {APP} CONNECTION LIMIT -1")
    assert f"the role {APP} may have 1 and has 1 now" in text
    assert f"1 connection of the-pool as {APP}" in text


def test_values_of_rows_are_printed_only_when_they_are_asked_for(
    garden: str, shop: Shop, tmp_path: Path
) -> None:
    run(
        garden,
        "UPDATE garden.h2s_dispatch_jobs SET order_id = 'ord-1', slot = 'zebra-slot' WHERE recipient_id = 7",
    )
    ordering(shop, garden, JOB)
    assert "zebra-slot" not in printed(tmp_path, shop, by(READER, garden))
    text = printed(tmp_path, shop, by(READER, garden), "--show-values")
    assert "(recipient_id, step_id): id 1, made by orders/First" in text
