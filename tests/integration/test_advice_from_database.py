"""What the database behind the deployment tells is used in the advice: the schema, who makes the key, where a key leads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from smoke.advice import advise_in
from smoke.demo.postgres import EmbeddedServer
from smoke.model.finding import Advice
from tests.support.running import run_text
from tests.support.scripted import scripted

SCHEMA = """
CREATE SCHEMA garden;
CREATE TABLE garden.products (id int PRIMARY KEY);
CREATE TABLE garden.outbox (
    id serial PRIMARY KEY, product int, status text, order_id text, slot text,
    CONSTRAINT outbox_product_fk FOREIGN KEY (product) REFERENCES garden.products (id),
    CONSTRAINT outbox_status_ck CHECK (status IN ('new')),
    CONSTRAINT outbox_slot_uq UNIQUE (slot));
INSERT INTO garden.outbox (id, order_id, slot) VALUES (1, 'somebody', 's-1');
"""
ORDER = """
name: one
summary: One.
steps:
  - name: First
    request: {url: /first, json: {a: 1}}
    places_order: {id: $.id}
    expect: {status: 201}
  - name: Second
    request: {url: /second, json: {a: 1}}
    places_order: {id: $.id}
    expect: {status: 201}
"""


@pytest.fixture
def dsn(demo_server: EmbeddedServer) -> Iterator[str]:
    made = demo_server.create_database("garden")
    with psycopg.connect(made, autocommit=True) as connection:
        connection.execute(SCHEMA)
    yield made
    demo_server.drop_database(made)


def advice_for(dsn: str, folder: Path, statement: str) -> Advice:
    """The advice of a run whose shop shows what the server said to the statement, and no schema."""
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(psycopg.Error) as refused,
    ):
        connection.execute(statement)
    told = refused.value.diag
    body = {
        "code": told.sqlstate,
        "message": told.message_primary,
        "detail": told.message_detail,
        "table": told.table_name,
        "constraint": told.constraint_name,
    }
    with scripted() as shop:
        shop.on("POST /first", 201, {"id": "ord-1"})
        shop.on("POST /second", 500, {"error": body})
        run = run_text(folder, shop.url, ORDER, environ={"SMOKE_DSN": dsn})
    (finding,) = run.findings
    assert finding.database_error is not None
    # the response does not tell the schema
    assert ("schema_name", "database") in [(s.field, s.where) for s in finding.sources]
    assert finding.known.schema == "garden"
    return advise_in(run, finding)


def carried_out(dsn: str, advice: Advice) -> None:
    """Every question and every remedy, in that order, is SQL that the server takes."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in (*advice.verify, *advice.remedies):
            assert "garden" in statement.sql or not statement.writes
            connection.execute(statement.sql)


def test_a_sequence_that_is_behind(dsn: str, tmp_path: Path) -> None:
    advice = advice_for(dsn, tmp_path, "INSERT INTO garden.outbox (status) VALUES ('new')")
    assert "'garden.outbox'::regclass" in advice.verify[0].sql
    assert "Likely, from what was seen: the database hands out id by itself" in advice.explanation
    assert advice.remedies[0].sql.startswith("SELECT setval('garden.outbox_id_seq'")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(advice.remedies[0].sql)
        connection.execute("INSERT INTO garden.outbox (status) VALUES ('new')")
    carried_out(dsn, advice)


def test_a_row_that_is_not_there(dsn: str, tmp_path: Path) -> None:
    advice = advice_for(dsn, tmp_path, "INSERT INTO garden.outbox (id, product) VALUES (9, 7)")
    look, later, last = advice.remedies
    assert look.sql == "SELECT count(*) FROM garden.products WHERE id::text = '7';"
    assert not look.writes
    assert "DEFERRABLE INITIALLY DEFERRED" in later.sql
    assert "last resort" in last.purpose
    carried_out(dsn, advice)


def test_a_value_that_the_rule_does_not_know(dsn: str, tmp_path: Path) -> None:
    advice = advice_for(dsn, tmp_path, "INSERT INTO garden.outbox (id, status) VALUES (9, 'paid')")
    widened, last = advice.remedies
    assert "ADD CONSTRAINT outbox_status_ck CHECK ((status = 'new'::text)) NOT VALID" in widened.sql
    assert "last resort" in last.purpose
    carried_out(dsn, advice)


def test_no_index_is_proposed_on_a_column_that_tells_nothing(dsn: str, tmp_path: Path) -> None:
    advice = advice_for(dsn, tmp_path, "INSERT INTO garden.outbox (id, slot) VALUES (9, 's-1')")
    assert not any("CREATE UNIQUE INDEX" in s.sql for s in advice.remedies)


def test_an_index_is_proposed_where_the_colliding_row_names_the_runs_order(
    dsn: str, tmp_path: Path
) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("UPDATE garden.outbox SET order_id = 'ord-1'")
    advice = advice_for(dsn, tmp_path, "INSERT INTO garden.outbox (id, slot) VALUES (9, 's-1')")
    (index,) = [s for s in advice.remedies if "CREATE UNIQUE INDEX" in s.sql]
    assert "(order_id)" in index.sql
    assert "has the id of the order one/First there" in index.purpose
    carried_out(dsn, advice)
