"""Asking a real database changes nothing in it, whoever asks and through whatever."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import conninfo

from smoke.database.dsn import Dsn, read_dsn
from smoke.database.enrich import enrich
from smoke.database.identity import identify
from smoke.database.lookup import constraint
from smoke.database.migration.applied import applied
from smoke.database.same import find_marker
from smoke.database.session import Database, Limits, Refusal, connect
from smoke.database.tables import table
from smoke.demo.account import server_account
from smoke.demo.postgres import EmbeddedServer
from smoke.diagnostic import SmokeError
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Finding
from tests.support.asked import every_question
from tests.support.migrations import fresh

BEFORE = """
create table jobs (id int primary key, recipient int not null, step text, order_id text,
                   constraint jobs_uq unique (recipient, step));
insert into jobs values (1, 1, 'a', 'order-marker-1'), (2, 2, 'a', 'order-2');
create view seen as select id from jobs;
"""
MIGRATION = """
alter table jobs drop constraint if exists jobs_uq; create index i on jobs (lower(step)) where id > 1;
alter table jobs add constraint c check (id > 0 and step in ('a', 'b'));
create or replace view seen as select id, step from jobs; drop table jobs cascade;
"""


def ask_everything(database: Database) -> None:
    identify(database)
    constraint(database, "jobs_uq", "jobs")
    constraint(database, "jobs_u", "jobs")
    table(database, "jobs")
    applied(database, [("m.sql", MIGRATION)])
    find_marker(database, "order-marker-1")
    for error in every_question():
        enrich(database, Finding(code="x", title="", database_error=error))
    enrich(
        database,
        Finding(
            code="unique-violation",
            title="",
            database_error=DatabaseError(
                constraint_name="jobs_uq",
                message_detail="Key (recipient, step)=(1, a) already exists.",
            ),
        ),
    )


def written(dsn: str) -> tuple[object, ...]:
    with psycopg.connect(dsn, autocommit=True) as database:
        database.execute("SELECT pg_stat_force_next_flush()")
        row = database.execute(
            "SELECT tup_inserted, tup_updated, tup_deleted, temp_files, pg_current_wal_insert_lsn()::text"
            " FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
        assert row is not None
        return row


def test_nothing_is_written_whatever_is_asked(demo_server: EmbeddedServer) -> None:
    with fresh(demo_server, BEFORE) as dsn:
        with psycopg.connect(dsn, autocommit=True) as warm:
            warm.execute("VACUUM FREEZE ANALYZE")
            warm.execute("CHECKPOINT")
        with connect(read_dsn(dsn, "X")) as database:
            ask_everything(
                database
            )  # what the first reader of a page writes is PostgreSQL's, not ours
        for _ in range(5):
            before = written(dsn)
            with connect(read_dsn(dsn, "X")) as database:
                ask_everything(database)
            after = written(dsn)
            assert after[:-1] == before[:-1]
            if after == before:
                return
        pytest.fail(
            "the log of the server grew at every attempt, not only when it wrote something of its own"
        )


@pytest.mark.parametrize(
    "sql",
    [
        "insert into jobs values (9, 9, 'z', 'z')",
        "drop table jobs cascade",
        "create table x (a int)",
        "select nextval('s')",
        "set transaction read write",
        "select set_config('transaction_read_only', 'off', true)",
        "commit; drop table jobs cascade",
        "select 1; delete from jobs",
    ],
)
def test_a_statement_that_writes_is_refused(demo_server: EmbeddedServer, sql: str) -> None:
    with fresh(demo_server, BEFORE + "create sequence s;") as dsn:
        with connect(read_dsn(dsn, "X")) as database:
            assert isinstance(database.untrusted(sql), Refusal)
            assert database.rows("SELECT current_setting('transaction_read_only')") == [("on",)]
            with pytest.raises(SmokeError):
                database.rows("CREATE TABLE written (a int)")
        with psycopg.connect(dsn) as after:
            assert after.execute("select count(*) from jobs").fetchone() == (2,)


def test_the_session_has_limits_and_a_name_inside_its_transaction(
    demo_server: EmbeddedServer,
) -> None:
    with connect(read_dsn(demo_server.dsn(), "X"), Limits(statement=1.5)) as database:
        row = database.row(
            "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),"
            " current_setting('default_transaction_read_only'), current_setting('application_name')"
        )
        assert row == ("1500ms", "2s", "on", "smoke")


def test_a_question_that_takes_too_long_is_a_message(demo_server: EmbeddedServer) -> None:
    with (
        pytest.raises(SmokeError) as caught,
        connect(read_dsn(demo_server.dsn(), "X"), Limits(statement=0.05)) as database,
    ):
        database.attempt("SELECT pg_sleep(30)")
    assert caught.value.diagnostics[0].code == "database-timeout"


def test_a_role_that_may_only_connect_learns_of_the_catalogue_and_is_told_of_rows(
    demo_server: EmbeddedServer,
) -> None:
    role = "do $$ begin create role connects_only login; exception when duplicate_object then null; end $$;"
    with fresh(demo_server, role + BEFORE) as dsn:
        poor = dsn.replace("user=postgres", "user=connects_only")
        with connect(read_dsn(poor, "X")) as database:
            assert constraint(database, "jobs_uq").exists
            assert not table(database, "jobs").found[0].reads
            assert identify(database).user == "connects_only"
            assert identify(database).fingerprint
            search = find_marker(database, "order-marker-1")
            assert search.places == ()
            assert search.skipped == (("public.jobs", "the role may not read it"),)
            with pytest.raises(SmokeError) as caught:
                database.rows("SELECT * FROM jobs")
    assert caught.value.diagnostics[0].code == "database-permission"


def test_a_connection_that_fails_says_why_and_never_the_password() -> None:
    for text in (
        "postgresql://u:hunter2@127.0.0.1:1/db",
        "host=127.0.0.1 port=1 password=hunter2 nonsense=1",
        "password=hunter2 host",
    ):
        with pytest.raises(SmokeError) as caught, connect(read_dsn(text, "SMOKE_DSN")):
            pass
        assert "hunter2" not in repr(caught.value.diagnostics)
        assert "SMOKE_DSN" in str(caught.value)


def test_two_databases_are_told_apart_and_equal_schemas_have_equal_fingerprints(
    demo_server: EmbeddedServer,
) -> None:
    with fresh(demo_server, BEFORE) as one, fresh(demo_server, BEFORE) as two:
        with connect(read_dsn(one, "X")) as a, connect(read_dsn(two, "X")) as b:
            first, second = identify(a), identify(b)
        assert first.database != second.database
        assert first.fingerprint == second.fingerprint
        assert first.system_identifier == second.system_identifier != ""
        with psycopg.connect(two) as change:
            change.execute("ALTER TABLE jobs DROP CONSTRAINT jobs_uq")
        with connect(read_dsn(two, "X")) as b:
            assert identify(b).fingerprint != first.fingerprint
        assert first.line().count("\n") == 0
        assert first.database in first.line()


@pytest.fixture
def pooler(demo_server: EmbeddedServer) -> Iterator[str]:
    """The DSN of a pgbouncer in transaction mode in front of the server."""
    binary = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if binary is None:
        pytest.skip("pgbouncer is not installed")
    account = server_account()
    folder = demo_server.folder / "server"
    config, log = folder / "pgbouncer.ini", folder / "pgbouncer.log"
    config.write_text(
        f"[databases]\n* = host={folder} port=5432 user=postgres\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\n"
        f"unix_socket_dir = {folder}\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 1\n"
    )
    config.chmod(0o644)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [binary, str(config)],
            stdout=out,
            stderr=out,
            user=None if account is None else account.uid,
            group=None if account is None else account.gid,
            extra_groups=None if account is None else [],
        )
        try:
            socket = folder / ".s.PGSQL.6432"
            deadline = time.monotonic() + 20
            while not socket.exists():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.01)
            yield f"host={folder} port=6432 user=postgres"
        finally:
            process.terminate()
            process.wait(20)


def test_everything_works_through_a_pooler_in_transaction_mode(
    demo_server: EmbeddedServer, pooler: str
) -> None:
    with fresh(demo_server, BEFORE) as dsn:
        name = str(conninfo.conninfo_to_dict(dsn)["dbname"])
        with connect(Dsn(f"{pooler} dbname={name}", "X")) as database:
            assert database.endpoint.pooled
            ask_everything(database)
            many = DatabaseError(sqlstate="53300")
            told = enrich(database, Finding(code="x", title="", database_error=many))
            assert any("goes through a pooler" in line for line in told.lines())
            assert told.untold == ()
            assert database.rows("SELECT current_setting('transaction_read_only')") == [("on",)]
            assert database.rows("SELECT current_setting('statement_timeout')") == [("15s",)]
            with pytest.raises(SmokeError):
                database.rows("CREATE TABLE written (a int)")
