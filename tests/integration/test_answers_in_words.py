"""A table that a response names only in words, and a rule that it does not name: found in the catalogue, or not."""

from __future__ import annotations

import json
from collections.abc import Iterator

import psycopg
import pytest

from smoke.classify import classify_response
from smoke.database.enrich import Enrichment
from smoke.demo.postgres import EmbeddedServer
from smoke.model.dberror import DatabaseError
from tests.support.asked import CAMEL, CONNECTS, READER, SNAKE, ask, by, shop_of


@pytest.fixture
def garden(demo_server: EmbeddedServer) -> Iterator[str]:
    with shop_of(demo_server, SNAKE) as dsn:
        yield dsn


def in_words(message: str) -> DatabaseError:
    """The error that the classifier reads out of a sentence of Medusa's."""
    body = json.dumps({"type": "invalid_data", "message": message}).encode()
    (finding,) = classify_response(400, [("content-type", "application/json")], body)
    assert finding.database_error is not None
    assert finding.database_error.constraint_name is None
    return finding.database_error


def run(dsn: str, sql: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(sql.encode())


def text(told: Enrichment) -> str:
    return "\n".join(told.lines())


def test_columns_and_a_table_in_words_name_the_rule_and_the_order(garden: str) -> None:
    error = in_words("H2s dispatch jobs with recipient_id: 7, step_id: 2, already exists.")
    assert error.table_name == "H2s dispatch jobs"
    for dsn in (garden, by(READER, garden), by(CONNECTS, garden)):
        told = ask(dsn, error, orders={"shop/Order 1": "ord-1"})
        assert told.completed is not None
        assert told.completed.constraint_name == "jobs_recipient_step_uq"
        assert told.completed.table_name == "h2s_dispatch_jobs"
        assert told.completed.schema_name == "garden"
        assert told.completed.sqlstate == "23505"
        assert set(told.inferred) == {"constraint_name", "table_name", "schema_name"}
        assert told.inferred_by == "the columns and the table's name in words"
        assert (
            "inferred from the columns and the table's name in words by the database's catalogue, no other unique rule"
            " fits (the response does not name it): unique constraint jobs_recipient_step_uq"
            in text(told)
        )
        assert "still there" not in text(told)
    assert "1 row has that (recipient_id, step_id): id (not shown), made by shop/Order 1" in text(
        ask(by(READER, garden), error, orders={"shop/Order 1": "ord-1"})
    )


def test_the_singular_and_columns_before_their_values(garden: str) -> None:
    error = in_words("H2s dispatch job with step_id, recipient_id: 2, 7, already exists.")
    told = ask(garden, error)
    assert told.completed is not None
    assert told.completed.constraint_name == "jobs_recipient_step_uq"
    assert told.completed.columns == ("step_id", "recipient_id")  # as the response has them
    assert "1 row has that (recipient_id, step_id)" in text(told)


def test_of_several_rules_none_is_named(garden: str) -> None:
    run(
        garden,
        "CREATE UNIQUE INDEX other_uq ON garden.h2s_dispatch_jobs (step_id, recipient_id) WHERE step_id > 1",
    )
    told = ask(
        garden, in_words("H2s dispatch jobs with recipient_id: 7, step_id: 2, already exists.")
    )
    assert told.completed is None
    assert told.inferred == ()
    assert told.candidates == (
        "jobs_recipient_step_uq on garden.h2s_dispatch_jobs",
        "other_uq on garden.h2s_dispatch_jobs",
    )
    assert "it is is not known: jobs_recipient_step_uq on" in text(told)
    assert not told.remedies
    assert told.collision is None


def test_of_several_foreign_keys_it_is_told_what_each_would_mean(garden: str) -> None:
    run(
        garden,
        "CREATE TABLE garden.gifts (id int PRIMARY KEY); INSERT INTO garden.gifts VALUES (7);"
        "CREATE TABLE garden.parcels (product_id int CONSTRAINT parcels_fk REFERENCES garden.gifts)",
    )
    message = "You tried to set relationship product_id: 7, but such entity does not exist"
    told = ask(garden, in_words(message))
    assert told.completed is None
    assert len(told.candidates) == 2
    assert (
        "if it is orders_product_fk on garden.orders: garden.products has no row with that (id) now"
        in text(told)
    )
    assert "if it is parcels_fk on garden.parcels: garden.gifts has the row with that (id) now" in (
        text(told)
    )


def test_two_tables_that_the_words_may_mean(garden: str) -> None:
    run(
        garden,
        "CREATE SCHEMA old; CREATE TABLE old.h2s_dispatch_job (recipient_id int, step_id int, UNIQUE (recipient_id, step_id));"
        'CREATE TABLE public."H2sDispatchJobs" (recipient_id int, step_id int, UNIQUE (recipient_id, step_id))',
    )
    error = in_words("H2s dispatch jobs with recipient_id: 7, step_id: 2, already exists.")
    told = ask(garden, error)
    assert told.completed is None
    assert len(told.candidates) == 2  # the singular is further away than another spelling
    run(garden, 'ALTER TABLE public."H2sDispatchJobs" RENAME step_id TO step')
    fits = ask(garden, error).completed
    assert fits is not None
    assert fits.constraint_name == "jobs_recipient_step_uq"


def test_no_rule_fits(garden: str) -> None:
    told = ask(garden, in_words("Order with customer_id, status: 7, new, already exists."))
    assert told.completed is None
    assert "no unique rule over (customer_id, status) is on garden.orders" in text(told)
    told = ask(garden, in_words("Basket with customer_id, status: 7, new, already exists."))
    assert (
        'no table with a name like "Basket" and (customer_id, status) is in this database'
        in text(told)
    )


def test_columns_alone(garden: str) -> None:
    """Prisma names the fields, and no table."""
    error = DatabaseError(sqlstate="23505", columns=("recipient_id", "step_id"))
    told = ask(garden, error)
    assert told.completed is not None
    assert told.completed.constraint_name == "jobs_recipient_step_uq"
    assert told.inferred_by == "the columns"
    by_id = ask(garden, DatabaseError(sqlstate="23505", columns=("id",)))
    assert by_id.completed is None
    assert len(by_id.candidates) > 2


def test_a_relationship_and_a_field_in_words(garden: str) -> None:
    told = ask(
        garden,
        in_words("You tried to set relationship product_id: 7, but such entity does not exist"),
    )
    assert told.completed is not None
    assert told.completed.constraint_name == "orders_product_fk"
    assert "garden.products has no row with that (id) now" in text(told)
    told = ask(garden, in_words("Cannot set field 'status' of Order to null"))
    assert told.completed is not None
    assert (told.completed.table_name, told.completed.column_name) == ("orders", "status")
    assert told.completed.constraint_name is None
    assert '"Order" is the table garden.orders' in text(told)


def test_the_rule_of_a_name_tells_its_table_and_columns(demo_server: EmbeddedServer) -> None:
    with shop_of(demo_server, CAMEL) as camel:
        error = DatabaseError(sqlstate="23505", constraint_name="Customer_eMail_key")
        told = ask(by(CONNECTS, camel), error)
        assert told.completed is not None
        assert told.completed.table_name == "Customer"
        assert told.completed.columns == ("eMail",)
        assert told.inferred_by == "the constraint's name"
        complete = DatabaseError(
            sqlstate="23505",
            schema_name="public",
            table_name="Customer",
            columns=("eMail",),
            constraint_name="Customer_eMail_key",
        )
        assert ask(camel, complete).completed is None


def test_a_rule_by_its_name_beside_a_table_in_words(garden: str) -> None:
    error = DatabaseError(
        sqlstate="23505",
        table_name="H2s dispatch job",
        constraint_name="jobs_recipient_step_uq",
        message_detail="Key (recipient_id, step_id)=(7, 2) already exists.",
    )
    said = text(ask(garden, error))
    assert "still there: unique constraint jobs_recipient_step_uq" in said
    assert "1 row has that (recipient_id, step_id)" in said


def test_a_target_of_on_conflict_without_a_rule(garden: str) -> None:
    error = DatabaseError(sqlstate="42P10", table_name="h2s_dispatch_jobs")
    said = text(ask(by(CONNECTS, garden), error))
    assert "unique there: unique constraint jobs_recipient_step_uq" in said
    nothing = DatabaseError(sqlstate="42P10", table_name="basket")
    assert "basket has no unique rule" in text(ask(garden, nothing))


def test_partitions_are_no_rules_of_their_own(garden: str) -> None:
    run(
        garden,
        "CREATE TABLE garden.visits (day int, visitor int, UNIQUE (day, visitor)) PARTITION BY RANGE (day);"
        "CREATE TABLE garden.visits_1 PARTITION OF garden.visits FOR VALUES FROM (0) TO (9);"
        "CREATE TABLE garden.visits_2 PARTITION OF garden.visits FOR VALUES FROM (9) TO (19)",
    )
    told = ask(garden, in_words("Visit with day: 7, visitor: 2, already exists."))
    assert told.completed is not None
    assert told.completed.table_name == "visits"
