"""The SQL that verifies runs as it is pasted, wherever the table is and whatever it is called."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from smoke.advice import advise
from smoke.advice.explanations import BY_SQLSTATE
from smoke.classify.sqlstate import CONDITIONS
from smoke.demo.postgres import EmbeddedServer
from smoke.facts.advice import commented
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Finding, Known
from smoke.sql import identifier, literal

SCHEMAS = ("public", "garden", 'my "Shop"')
NAMES = ("outbox", "Order Lines", "Bestellung_ä", 'a"b', "x'y", "order", "back\\slash", "日本")

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def connection(demo_server: EmbeddedServer) -> Iterator[Connection]:
    """Every name in every schema of a database; none is on the search_path but `public`."""
    dsn = demo_server.create_database("places")
    try:
        with psycopg.connect(dsn, autocommit=True) as connected:
            for schema in SCHEMAS[1:]:
                connected.execute(f"CREATE SCHEMA {identifier(schema)}")
            for schema in SCHEMAS:
                for name in NAMES:
                    table = f"{identifier(schema)}.{identifier(name)}"
                    connected.execute(
                        f"CREATE TABLE {table} (id int PRIMARY KEY, {identifier(name)} text NOT NULL,"
                        f" CONSTRAINT {identifier(name + ' u')} UNIQUE ({identifier(name)}),"
                        f" CONSTRAINT {identifier(name + ' c')} CHECK (id > 0),"
                        f" CONSTRAINT {identifier(name + ' f')} FOREIGN KEY (id) REFERENCES {table} (id))"
                    )
            connected.execute("CREATE TABLE garden.only_here (id serial PRIMARY KEY)")
            yield connected
    finally:
        demo_server.drop_database(dsn)


def finding(known: Known = Known(), **fields: str | None) -> Finding:
    error = DatabaseError(**fields)  # type: ignore[arg-type]  # any field by name
    return Finding("database-error", "x", database_error=error, known=known)


def pasted(connection: Connection, given: Finding) -> list[list[tuple[object, ...]]]:
    """What each statement answers when all of them are pasted at once, comments too. None may fail."""
    found = []
    connection.execute("BEGIN READ ONLY")
    try:
        for statement in advise(given).verify:
            text = "\n".join(commented(statement))
            found.append(connection.execute(text).fetchall())
    finally:
        connection.execute("ROLLBACK")
    return found


CODES = sorted({*BY_SQLSTATE, *CONDITIONS, "23505"})


@pytest.mark.parametrize("schema", [None, *SCHEMAS])
@pytest.mark.parametrize("name", NAMES)
def test_the_sql_of_every_code_runs_for_every_name(
    connection: Connection, schema: str | None, name: str
) -> None:
    for code in CODES:
        kind = {"23503": "f", "23001": "f", "23514": "c", "23P01": "c"}.get(code, "u")
        pasted(
            connection,
            finding(
                sqlstate=code,
                schema_name=schema,
                table_name=name,
                column_name=name,
                constraint_name=f"{name} {kind}",
            ),
        )


@pytest.mark.parametrize(
    "names",
    [
        {"table_name": "nowhere"},
        {"table_name": "nowhere", "column_name": "id"},
        {"column_name": "id"},
        {"schema_name": "nowhere"},
        {"constraint_name": "outbox u"},
        {"table_name": "nowhere", "constraint_name": "outbox u"},
        {"datatype_name": "email", "constraint_name": "email_check"},
    ],
)
def test_what_is_not_there_is_no_error(connection: Connection, names: dict[str, str]) -> None:
    for code in CODES:
        pasted(connection, finding(Known(), sqlstate=code, **names))


def test_a_table_without_its_schema_is_found_in_every_schema(connection: Connection) -> None:
    (rule, *_) = pasted(
        connection, finding(sqlstate="23505", table_name="outbox", constraint_name="outbox u")
    )
    found = sorted(row[:4] for row in rule)
    assert found == sorted((s, "outbox", "outbox u", "u") for s in SCHEMAS)


def test_the_schema_that_the_database_told_is_used(connection: Connection) -> None:
    error: dict[str, str | None] = {
        "sqlstate": "23505",
        "table_name": "outbox",
        "constraint_name": "outbox u",
    }
    given = finding(Known(schema="garden", table="outbox"), **error)
    assert "'garden.outbox'::regclass" in advise(given).verify[0].sql
    assert pasted(connection, given)[0] == [("outbox u", "u")]
    assert all("garden.outbox" in s.sql for s in advise(given).remedies[:1])
    alone = finding(Known(schema="garden", table="outbox"), **{**error, "table_name": None})
    assert pasted(connection, alone)[0] == [("outbox u", "u")]


def test_a_sequence_is_looked_up_in_whatever_schema(connection: Connection) -> None:
    connection.execute("SELECT setval('garden.only_here_id_seq', 7)")
    found = pasted(
        connection,
        finding(sqlstate="23505", table_name="only_here", constraint_name="only_here_pkey"),
    )
    assert found[1] == [("garden", "id", "garden.only_here_id_seq", 7)]


def test_holders_of_a_lock_are_listed_though_nobody_waits(
    demo_server: EmbeddedServer, connection: Connection
) -> None:
    with psycopg.connect(connection.info.dsn, password="", autocommit=False) as holder:
        holder.execute('SELECT * FROM garden."Order Lines" FOR UPDATE')
        named = pasted(connection, finding(sqlstate="55P03", table_name="Order Lines"))
        bare = pasted(connection, finding(sqlstate="55P03"))
        for found in (named, bare):
            assert [(row[0], row[6], row[7], row[8]) for row in found[0]] == [
                (holder.info.backend_pid, "garden", "Order Lines", "RowShareLock")
            ]
        holder.rollback()
    assert pasted(connection, finding(sqlstate="55P03", table_name="Order Lines"))[0] == []


def test_quoting_is_for_its_language() -> None:
    name = 'x"; DROP TABLE orders; --'
    given = finding(sqlstate="23505", schema_name="s", table_name="t", constraint_name=name)
    advice = advise(given)
    assert literal(name) in advice.verify[0].sql
    assert f"DROP CONSTRAINT IF EXISTS {identifier(name)};" in advice.remedies[0].sql
    assert '"x""; DROP TABLE orders; --"' in advice.remedies[0].sql
