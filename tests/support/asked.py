"""Two shops of different schemas, statements that they refuse, and what their database answers to three roles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from smoke.classify import classify_response
from smoke.database.dsn import read_dsn
from smoke.database.enrich import Enrichment, enrich
from smoke.database.session import connect
from smoke.demo.postgres import EmbeddedServer
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Finding
from tests.support.migrations import fresh

READER = "asked_reader"
"""May read every table."""
CONNECTS = "asked_connects"
"""May connect, and read nothing but the catalogue."""
APP = "asked_app"
"""The shop's own role where it is not the owner: some privileges are missing to it."""
ROLES = (READER, CONNECTS, APP)

SNAKE = """
CREATE SCHEMA garden;
CREATE TABLE garden.customers (id serial PRIMARY KEY, email text NOT NULL, tenant int, phone varchar(20),
    deleted_at timestamptz, created_at timestamptz NOT NULL DEFAULT now());
CREATE UNIQUE INDEX customers_email_uq ON garden.customers (lower(email)) WHERE deleted_at IS NULL;
CREATE TABLE garden.products (id int PRIMARY KEY, name text, deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now());
CREATE TYPE garden.order_state AS ENUM ('new', 'paid', 'shipped');
CREATE TABLE garden.orders (id text PRIMARY KEY, customer_id int REFERENCES garden.customers (id),
    product_id int CONSTRAINT orders_product_fk REFERENCES garden.products (id), total numeric(6, 2) NOT NULL DEFAULT 0,
    status text NOT NULL, state garden.order_state, quantity int, discount int,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT orders_status_ck CHECK (status IN ('new', 'paid')),
    CONSTRAINT orders_discount_ck CHECK (discount <= quantity));
CREATE TABLE garden.h2s_dispatch_jobs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, recipient_id int, step_id int,
    slot text, order_id text, CONSTRAINT jobs_recipient_step_uq UNIQUE (recipient_id, step_id),
    CONSTRAINT jobs_slot_uq UNIQUE NULLS NOT DISTINCT (slot, order_id));
INSERT INTO garden.customers (email) VALUES ('a@b.example'), ('c%d@b.example');
INSERT INTO garden.products VALUES (1, 'tea'), (2, 'pot');
INSERT INTO garden.orders (id, customer_id, product_id, status) VALUES ('ord-1', 1, 1, 'new'), ('ord-2', 1, 1, 'new');
INSERT INTO garden.h2s_dispatch_jobs (recipient_id, step_id, slot, order_id)
VALUES (7, 2, 'one', 'ord-1'), (8, 2, 'two', NULL);
"""
CAMEL = """
CREATE TABLE "Customer" ("id" uuid PRIMARY KEY DEFAULT gen_random_uuid(), "eMail" text NOT NULL, "isDeleted" boolean,
    "createdAt" timestamp(3) NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'), CONSTRAINT "Customer_eMail_key" UNIQUE ("eMail"));
CREATE TABLE "Order" ("id" serial PRIMARY KEY, "customerId" uuid CONSTRAINT "Order_customerId_fkey" REFERENCES "Customer",
    "Note, to us" text, "number%" int, "during" tstzrange,
    CONSTRAINT "Order_number%_key" UNIQUE ("number%", "Note, to us"),
    CONSTRAINT "Order_during_excl" EXCLUDE USING gist ("during" WITH &&));
INSERT INTO "Customer" ("id", "eMail") VALUES ('0b5f7a9e-0000-4000-8000-000000000001', 'x@y.example');
INSERT INTO "Order" ("customerId", "Note, to us", "number%", "during")
VALUES ('0b5f7a9e-0000-4000-8000-000000000001', 'gift', 5, '[2026-01-01, 2026-02-01)');
"""


@contextmanager
def shop_of(server: EmbeddedServer, schema: str) -> Iterator[str]:
    """The owner's DSN of a database with a shop's tables, which the reader may read."""
    roles = "".join(
        f"do $$ begin create role {role} login; exception when duplicate_object then null; end $$;"
        for role in ROLES
    )
    with fresh(server, roles + schema) as dsn:
        with psycopg.connect(dsn, autocommit=True) as owner:
            for (name,) in owner.execute(
                "SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
            ).fetchall():
                owner.execute(f"GRANT USAGE ON SCHEMA {name} TO {READER}".encode())
                owner.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO {READER}".encode())
        yield dsn


def by(role: str, dsn: str) -> str:
    """The DSN as another role."""
    return make_conninfo(dsn, user=role)


def error_of(refused: psycopg.Error) -> DatabaseError:
    """What the classifier reads out of a response that shows all that the server said."""
    told = refused.diag
    fields = {
        "code": told.sqlstate,
        "severity": told.severity,
        "message": told.message_primary,
        "detail": told.message_detail,
        "schema": told.schema_name,
        "table": told.table_name,
        "column": told.column_name,
        "dataType": told.datatype_name,
        "constraint": told.constraint_name,
    }
    body = json.dumps({"error": {name: value for name, value in fields.items() if value}})
    found = classify_response(500, [("content-type", "application/json")], body.encode())
    error = found[0].database_error
    assert error is not None
    assert error.sqlstate == told.sqlstate
    return error


def refused(dsn: str, *statements: str) -> DatabaseError:
    """The error with which the server refuses the last of these statements."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements[:-1]:
            connection.execute(statement.encode())
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(statements[-1].encode())
    return error_of(caught.value)


def ask(dsn: str, error: DatabaseError, **more: Any) -> Enrichment:
    """What the database answers to a finding with that error."""
    finding = Finding(code="database-error", title="", database_error=error)
    with connect(read_dsn(dsn, "SMOKE_DSN")) as database:
        told = enrich(database, finding, **more)
        # no question needs a transaction id: nothing was written
        assert database.row("SELECT pg_current_xact_id_if_assigned()") == (None,)
    return told


def said(dsn: str, error: DatabaseError, **more: Any) -> str:
    """The answer as a person reads it, without the line that names the database."""
    return "\n".join(ask(dsn, error, **more).lines()[:-1])


def every_question() -> list[DatabaseError]:
    """An error for each question that there is, about the tables of SNAKE; most of them have a lot to tell."""
    key = "Key (recipient_id, step_id)=(7, 2) already exists."
    child = 'Key (product_id)=(7) is not present in table "products".'
    parent = 'Key (id)=(1) is still referenced from table "orders".'
    row = "Failing row contains (o, 1, 1, 0, x, null, 1, 2, now)."
    called = "function place_order(integer) does not exist"
    return [
        DatabaseError(
            sqlstate="23505", constraint_name="jobs_recipient_step_uq", message_detail=key
        ),
        DatabaseError(
            sqlstate="23505",
            constraint_name="customers_email_uq",
            message_detail="Key (lower(email))=(x) is",
        ),
        DatabaseError(
            sqlstate="23505", table_name="H2s dispatch job", columns=("recipient_id", "step_id")
        ),
        DatabaseError(sqlstate="23503", constraint_name="orders_product_fk", message_detail=child),
        DatabaseError(sqlstate="23503", constraint_name="orders_product_fk", message_detail=parent),
        DatabaseError(sqlstate="23514", constraint_name="orders_discount_ck", message_detail=row),
        DatabaseError(sqlstate="23514", table_name="orders"),
        DatabaseError(sqlstate="23502", table_name="orders", column_name="status"),
        DatabaseError(
            sqlstate="22001", message_primary="value too long for type character varying(20)"
        ),
        DatabaseError(
            sqlstate="22003", message_detail="A field with precision 6, scale 2 must round."
        ),
        DatabaseError(sqlstate="22P02", datatype_name="order_state"),
        DatabaseError(sqlstate="3F000", schema_name="gardens"),
        DatabaseError(sqlstate="42P01", table_name="ordrs"),
        DatabaseError(sqlstate="42703", table_name="orders", column_name="customerid"),
        DatabaseError(sqlstate="42703", column_name="customerid"),
        DatabaseError(sqlstate="42704", datatype_name="order_states"),
        DatabaseError(sqlstate="42883", message_primary=called),
        DatabaseError(sqlstate="42P10", table_name="orders"),
        DatabaseError(sqlstate="42501", table_name="orders"),
        DatabaseError(sqlstate="42501", message_primary="permission denied for schema garden"),
        *(
            DatabaseError(
                sqlstate=state, message_detail="Process 1 waits on relation 2 of database 3"
            )
            for state in ("40001", "40P01", "55P03", "57014", "57P05", "53300", "53200", "53100")
        ),
        *(DatabaseError(sqlstate=state) for state in ("25006", "57P01", "57P02", "57P03", "08006")),
    ]


def until_it_waits(dsn: str, pid: int) -> None:
    """Come back when that session waits for a lock."""
    with psycopg.connect(dsn, autocommit=True) as watch:
        blocked = "SELECT 1 FROM pg_locks WHERE NOT granted AND pid = %s"
        for _ in range(3000):
            if watch.execute(blocked, (pid,)).fetchone() is not None:
                return
            watch.execute("SELECT pg_sleep(0.01)")
    pytest.fail("it never had to wait")
