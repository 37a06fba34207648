"""Nothing is written by asking, and a role that may only read is enough."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from smoke.database.checks import rows
from smoke.database.dsn import read_dsn
from smoke.database.identity import identify
from smoke.database.lookup import constraint
from smoke.database.migration.applied import applied
from smoke.database.same import find_marker
from smoke.database.session import Database, Refusal, connect
from smoke.demo.postgres import EmbeddedServer

_SCHEMA = """
create table jobs (id int primary key, step int, constraint jobs_step_uq unique (step));
create table hidden (id int primary key);
insert into jobs values (1, 1);
"""
_MIGRATION = """
alter table jobs drop constraint jobs_step_uq;
create unique index jobs_id_step_uq on jobs (id, step);
alter table jobs add column note text not null default 'x' check (note <> '');
"""


@pytest.fixture
def owner(demo_server: EmbeddedServer) -> Iterator[str]:
    dsn = demo_server.create_database("never_written")
    with psycopg.connect(dsn, autocommit=True) as database:
        database.execute(_SCHEMA)
    yield dsn
    demo_server.drop_database(dsn)


@pytest.fixture
def reader(owner: str) -> Iterator[str]:
    """The DSN of a role that may connect and read one table."""
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute("create role only_reads login; grant select on jobs to only_reads")
    yield make_conninfo(owner, user="only_reads")
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute("drop owned by only_reads; drop role only_reads")


def _ask(database: Database) -> list[str]:
    identify(database)
    assert not find_marker(database, "a-marker-that-is-nowhere").places
    checked = rows.run(rows.Spec(query="select id from jobs", count=1), database)
    assert checked.ok, checked.message
    assert constraint(database, "jobs_step_uq", "jobs").found
    answer = applied(database, [("migration.sql", _MIGRATION)])
    return [statement.verdict.value for statement in answer.statements]


def test_no_question_needs_a_transaction_id(owner: str) -> None:
    with connect(read_dsn(owner, "TEST_DSN")) as database:
        _ask(database)
        assert database.row("SELECT pg_current_xact_id_if_assigned()") == (None,)


def test_the_log_of_changes_does_not_grow(owner: str) -> None:
    # the server itself writes now and then (a snapshot, a hint bit): once without growth is proof enough,
    # since a question that wrote would do so every time
    with psycopg.connect(owner, autocommit=True) as watcher:
        grown = []
        for _ in range(5):
            before = watcher.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
            with connect(read_dsn(owner, "TEST_DSN")) as database:
                _ask(database)
            after = watcher.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
            grown.append(before != after)
    assert not all(grown)


@pytest.mark.parametrize(
    "sql", ["delete from jobs", "create table made (id int)", "select nextval('s')"]
)
def test_the_owner_is_refused_too(owner: str, sql: str) -> None:
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute("create sequence s")
    with connect(read_dsn(owner, "TEST_DSN")) as database:
        answer = database.untrusted(sql)
    assert isinstance(answer, Refusal)
    assert answer.sqlstate == "25006"


def test_a_role_that_may_only_read_gets_the_same_verdicts(owner: str, reader: str) -> None:
    with connect(read_dsn(owner, "TEST_DSN")) as database:
        wanted = _ask(database)
    with connect(read_dsn(reader, "TEST_DSN")) as database:
        assert _ask(database) == wanted == ["not applied"] * 3


def test_a_table_that_may_not_be_read_is_named(reader: str) -> None:
    with connect(read_dsn(reader, "TEST_DSN")) as database:
        answer = database.untrusted("select * from hidden")
    assert isinstance(answer, Refusal)
    assert (answer.sqlstate, "hidden" in answer.message) == ("42501", True)
