"""A migration is carried out in a copy of the schema, and what it would still change is told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from smoke.app.replay import Replayed, db_replay
from smoke.demo.postgres import EmbeddedServer
from tests.support.migrations import fresh, run

BEFORE = """
create table h2s_dispatch_jobs (job_id int primary key, recipient_id int, step_id int, order_id text,
  constraint h2s_dispatch_jobs_recipient_step_uq unique (recipient_id, step_id));
insert into h2s_dispatch_jobs values (1, 2, 3, 'secret-row');
"""
FIX = """
begin;
alter table h2s_dispatch_jobs drop constraint if exists h2s_dispatch_jobs_recipient_step_uq;
create unique index if not exists h2s_dispatch_jobs_order_id_uq on h2s_dispatch_jobs (order_id);
commit;
"""


@pytest.fixture(scope="module")
def database(demo_server: EmbeddedServer) -> Iterator[str]:
    with fresh(demo_server, BEFORE) as dsn:
        yield dsn


def replayed(server: EmbeddedServer, dsn: str, folder: Path, sql: str) -> Replayed:
    (folder / "fix.sql").write_text(sql)
    return db_replay(folder / "fix.sql", server=server, environ={"SMOKE_DSN": dsn})


def test_what_a_migration_would_still_change_is_told_and_nothing_is_changed(
    demo_server: EmbeddedServer, database: str, tmp_path: Path
) -> None:
    found = replayed(demo_server, database, tmp_path, FIX)
    assert found.exit_status == 1
    (added,), (removed,) = found.added, found.removed
    assert added.startswith("CREATE UNIQUE INDEX h2s_dispatch_jobs_order_id_uq")
    assert (
        "ADD CONSTRAINT h2s_dispatch_jobs_recipient_step_uq UNIQUE (recipient_id, step_id)"
        in removed
    )
    with psycopg.connect(database) as connection:
        count = connection.execute("select count(*) from pg_constraint where conname like 'h2s%uq'")
        assert count.fetchone() == (1,)


def test_a_migration_that_ran_changes_nothing_more(
    demo_server: EmbeddedServer, tmp_path: Path
) -> None:
    with fresh(demo_server, BEFORE) as dsn:
        run(dsn, FIX)
        again = replayed(demo_server, dsn, tmp_path, FIX)
        plain = replayed(demo_server, dsn, tmp_path, FIX.replace("if not exists ", ""))
    assert (again.exit_status, again.refused) == (0, ())
    assert (plain.exit_status, plain.refused[0].already) == (0, True)
    assert "already exists" in plain.refused[0].message


def test_the_command_says_it_in_its_first_line(database: str, tmp_path: Path) -> None:
    (tmp_path / "fix.sql").write_text(FIX)
    done = subprocess.run(
        [sys.executable, "-m", "smoke", "db", "applied", "fix.sql", "--replay"],
        cwd=tmp_path,
        env={**os.environ, "SMOKE_DSN": database, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "IT WOULD STILL CHANGE database" in done.stdout.splitlines()[0]
    assert "+ CREATE UNIQUE INDEX h2s_dispatch_jobs_order_id_uq" in done.stdout
    assert "secret-row" not in done.stdout


def test_what_a_schema_does_not_show_is_no_green_answer(
    demo_server: EmbeddedServer, database: str, tmp_path: Path
) -> None:
    rows = replayed(demo_server, database, tmp_path, "update h2s_dispatch_jobs set step_id = 4;")
    assert (rows.exit_status, len(rows.unseen)) == (3, 1)
    other = replayed(demo_server, database, tmp_path, "alter table elsewhere add column a int;")
    assert (other.exit_status, other.refused[0].already) == (3, False)


def test_what_is_replayed_reaches_nothing_of_the_machine(
    demo_server: EmbeddedServer, database: str, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    sql = f"copy (select 1) to program 'touch {mark}'; copy (select 1) to '{mark}'; alter role smoke_replica superuser;"
    found = replayed(demo_server, database, tmp_path, sql)
    assert len(found.refused) == 3
    assert not mark.exists()
