"""The SQLSTATE the table gives a message is the one a real server sends with it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from smoke.classify.messages import find_messages
from smoke.demo.postgres import EmbeddedServer

SCHEMA = """
CREATE TABLE p (id int PRIMARY KEY, code varchar(3), n numeric(4, 2), at date);
CREATE TABLE c (p int REFERENCES p, q int REFERENCES p ON DELETE RESTRICT);
CREATE TABLE parts (at date) PARTITION BY RANGE (at);
CREATE TABLE slots (during int4range, EXCLUDE USING gist (during WITH &&));
CREATE DOMAIN positive AS int CONSTRAINT positive_check CHECK (VALUE > 0);
CREATE TYPE state AS ENUM ('new');
CREATE SEQUENCE short MAXVALUE 2;
CREATE SEQUENCE short2;
CREATE VIEW seen AS SELECT * FROM p WHERE id > 10 WITH CHECK OPTION;
CREATE VIEW sums AS SELECT count(*) FROM p;
CREATE TABLE generated (a int GENERATED ALWAYS AS IDENTITY);
CREATE TABLE guarded (a int);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE ROLE customer;
GRANT INSERT ON guarded TO customer;
CREATE FUNCTION nothing() RETURNS int LANGUAGE plpgsql AS 'BEGIN END';
INSERT INTO p VALUES (1), (2);
INSERT INTO c VALUES (1, 2);
SELECT nextval('short'), nextval('short');
"""
STATEMENTS = [
    "INSERT INTO p VALUES (1)",
    "INSERT INTO c VALUES (7)",
    "DELETE FROM p WHERE id = 1",
    "DELETE FROM p WHERE id = 2",
    "INSERT INTO p VALUES (NULL)",
    "ALTER TABLE p ALTER COLUMN code SET NOT NULL",
    "ALTER TABLE p ADD CHECK (id > 1)",
    "SELECT 0::positive",
    "INSERT INTO parts VALUES ('2026-01-01')",
    "INSERT INTO slots VALUES ('[1,3)'), ('[2,4)')",
    "INSERT INTO p VALUES (9, 'long')",
    "INSERT INTO p (id, n) VALUES (9, 1000)",
    "SELECT 2147483647 + 1",
    "SELECT '99999999999'::int",
    "SELECT 'x'::int",
    "SELECT 'x'::uuid",
    "SELECT 'x'::date",
    "SELECT 'x'::state",
    "SELECT '{'::int[]",
    "SELECT '{'::json",
    "SELECT '2026-13-01'::date",
    "SELECT 1 / 0",
    "SELECT (SELECT id FROM p)",
    "INSERT INTO p VALUES (9), (9) ON CONFLICT (id) DO UPDATE SET code = ''",
    "INSERT INTO p VALUES (9) ON CONFLICT (code) DO NOTHING",
    "SELECT nextval('short')",
    "SELECT id FROM p LIMIT -1",
    "SELECT id FROM p OFFSET -1",
    "SELECT 'x' AT TIME ZONE 'Nowhere', now() AT TIME ZONE 'Nowhere'",
    "INSERT INTO seen VALUES (3)",
    "INSERT INTO sums VALUES (3)",
    "INSERT INTO generated VALUES (1)",
    "SELECT * FROM nowhere",
    "SELECT * FROM public.nowhere",
    "SELECT nothing FROM p",
    "SELECT p.nothing FROM p",
    "INSERT INTO p (nothing) VALUES (1)",
    "SELECT id FROM p, p AS r",
    "SELECT nothing(1)",
    "SELECT 1 + 'x'::text",
    "SELECT x.id FROM p",
    "SELECT id, count(*) FROM p",
    "UPDATE p SET at = 1",
    "SELECT true::date",
    "SELEC 1",
    "SELECT (",
    "INSERT INTO p (id) VALUES (1, 2)",
    "INSERT INTO p (id, id) VALUES (1, 2)",
    "CREATE TABLE p ()",
    "CREATE SCHEMA public",
    "CREATE DATABASE postgres",
    "CREATE TABLE none.x ()",
    "ALTER TABLE p DROP CONSTRAINT none",
    "DROP INDEX none",
    "DROP TABLE p",
    "SET none.x.y TO 1; SHOW none",
    "GRANT nobody_there TO customer",
    "SET statement_timeout TO 'x'",
    "SET ROLE customer; SELECT * FROM p",
    "SET ROLE customer; INSERT INTO guarded VALUES (1)",
    "SET ROLE customer; CREATE TABLE public.x ()",
    "SET ROLE customer; ALTER TABLE p ADD x int",
    "BEGIN READ ONLY; INSERT INTO p VALUES (9)",
    "SAVEPOINT x; ROLLBACK TO y",
    "ROLLBACK TO y",
    "VACUUM; BEGIN; VACUUM",
    "SELECT currval('short2')",
    "EXECUTE nothing_prepared",
    "PREPARE a AS SELECT 1; PREPARE a AS SELECT 1",
    "CLOSE nothing_open",
    "SELECT nothing()",
    "DO 'BEGIN ASSERT false; END'",
    "DO 'DECLARE x int; BEGIN SELECT id INTO STRICT x FROM p WHERE id = 77; END'",
    "DO 'DECLARE x int; BEGIN SELECT id INTO STRICT x FROM p; END'",
    "DO 'BEGIN CASE 1 WHEN 2 THEN NULL; END CASE; END'",
    "DO 'DECLARE x int NOT NULL := 1; BEGIN x := NULL; END'",
    "SET statement_timeout TO 1; SELECT pg_sleep(10)",
    "SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(10)",
    "SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(10)",
    "SET idle_in_transaction_session_timeout TO 0; SELECT repeat('(', 100000)::tsquery",
    "SELECT '\\u0000'::jsonb",
]


@pytest.fixture(scope="module")
def prepared() -> Iterator[str]:
    with EmbeddedServer() as server:
        dsn = server.create_database("messages")
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(SCHEMA)
        yield dsn


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_table_gives_a_message_the_sqlstate_that_the_server_does(
    prepared: str, statement: str
) -> None:
    with (
        psycopg.connect(prepared, autocommit=True) as connection,
        pytest.raises(psycopg.Error) as caught,
    ):
        connection.execute(statement.encode())
    found = [
        match
        for match in find_messages(caught.value.diag.message_primary or "")
        if match.kind == "primary"
    ]
    assert [match.sqlstate for match in found] == [caught.value.sqlstate], (
        caught.value.diag.message_primary
    )
    for name in ("constraint_name", "datatype_name"):
        sent = getattr(caught.value.diag, name)
        assert sent is None or found[0].value(name) == sent
    for name in ("table_name", "column_name"):
        sent, read = getattr(caught.value.diag, name), found[0].value(name)
        assert sent is None or read in {None, sent}
