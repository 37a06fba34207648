"""A candidate fix is proven in a copy that is thrown away, and the real database is only read."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import smoke
from smoke.app.trial import Trial
from smoke.cli.db_try import tell
from smoke.cli.terminal import Terminal
from smoke.demo.postgres import EmbeddedServer
from smoke.model.dberror import DatabaseError
from tests.support.demo import ShopFactory
from tests.support.migrations import fresh

RULE = "h2s_dispatch_jobs_recipient_step_uq"
SCHEMA = f"""
create domain step_name as text check (value <> '');
create table recipients (id int primary key, name text not null);
create table jobs (
  id bigint generated always as identity primary key,
  recipient_id int not null references recipients,
  step_id step_name not null,
  order_id varchar(12) not null,
  note text, size int constraint jobs_size_positive check (size > 0),
  constraint {RULE} unique (recipient_id, step_id));
create function audit() returns trigger language plpgsql as $$ begin raise exception 'never here'; end $$;
insert into recipients values (1, 'secret-name'), (2, 'other');
insert into jobs (recipient_id, step_id, order_id, size) values
  (1, 'step-1', 'o-1', 5), (2, 'step-1', 'o-1', 5), (2, 'step-2', 'o-22', null);
create trigger audited before insert on jobs for each row execute function audit();
"""
COLLISION = DatabaseError(
    sqlstate="23505",
    constraint_name=RULE,
    table_name="jobs",
    message_detail="Key (recipient_id, step_id)=(1, step-1) already exists.",
)


@pytest.fixture(scope="module")
def database(demo_server: EmbeddedServer) -> Iterator[str]:
    with fresh(demo_server, SCHEMA) as dsn:
        yield dsn


class Tries:
    def __init__(self, server: EmbeddedServer, dsn: str, folder: Path) -> None:
        self.server, self.dsn, self.folder = server, dsn, folder

    def __call__(self, sql: str, error: DatabaseError = COLLISION) -> Trial:
        file = self.folder / "fix.sql"
        file.write_text(sql)
        return smoke.db_try(file, error=error, server=self.server, environ={"SMOKE_DSN": self.dsn})


@pytest.fixture
def tries(demo_server: EmbeddedServer, database: str, tmp_path: Path) -> Tries:
    return Tries(demo_server, database, tmp_path)


def test_the_rule_that_refused_decides_with_a_row_like_the_refused_one(tries: Tries) -> None:
    good = tries(f"alter table jobs drop constraint {RULE}")
    assert (good.exit_status, good.passing.would) == (0, True)
    assert "2 rows in question" in good.notes[0]
    assert "is taken after it" in good.passing.by
    stream = io.StringIO()
    tell(good, Terminal.of(stream, {}), as_json=False)
    assert "IT WOULD PASS in database" in stream.getvalue().splitlines()[0]
    assert "secret-name" not in stream.getvalue()
    other = tries("alter table jobs drop constraint jobs_size_positive")
    assert (other.exit_status, other.passing.would) == (1, False)
    # the same rule again by another name, and a narrower one
    again = tries(
        f"alter table jobs drop constraint {RULE}; create unique index again on jobs (step_id, recipient_id);"
    )
    assert (again.passing.would, again.breaks) == (False, False)
    assert "again refuses it" in again.passing.words
    wider = tries(
        f"alter table jobs drop constraint {RULE}; alter table jobs add unique (recipient_id, step_id, order_id)"
    )
    assert wider.exit_status == 0
    removed = tries("delete from jobs where recipient_id = 1")
    assert removed.passing.would


def test_rows_that_break_the_fix_are_counted_in_the_real_database(tries: Tries) -> None:
    found = tries(
        f"""alter table jobs drop constraint {RULE};
alter table jobs add constraint one_job unique (order_id);
alter table jobs alter size set not null;
alter table jobs add check (recipient_id < 2);
alter table jobs add foreign key (recipient_id) references recipients;
alter table jobs alter order_id type varchar(3);
alter table jobs alter step_id type int using substr(step_id, 6)::int;
alter table jobs alter note type int using note::int;"""
    )
    told = {each.place.rpartition(":")[2]: (each.breaks, each.rows) for each in found.breaking}
    assert told == {
        "2": (True, 2),
        "3": (True, 1),
        "4": (True, 2),
        "5": (False, 0),
        "6": (True, 1),
        "7": (False, 0),
        "8": (False, 0),
    }
    first = found.breaking[0]
    assert first.line() == "UNIQUE (order_id) of public.jobs: 1 key in 2 rows break it"
    assert found.exit_status == 1
    new = tries("alter table recipients add stamp int not null", DatabaseError(sqlstate="40P01"))
    assert ([each.breaks for each in new.breaking], new.exit_status) == ([True], 1)
    # what the fix changes first cannot be counted as it will be then
    changed = tries(
        f"alter table jobs drop constraint {RULE}; delete from jobs where id > 1; alter table jobs add unique (order_id)"
    )
    assert ([each.breaks for each in changed.breaking], changed.exit_status) == ([None], 3)


def test_locks_are_told_with_what_they_stop_and_how_long(tries: Tries) -> None:
    found = tries(
        f"""begin;
alter table jobs drop constraint {RULE};
alter table recipients alter id type bigint;
commit;
create index concurrently on jobs (order_id);
create index on recipients (name);
alter table jobs add check (id > 0) not valid;"""
    )
    told = [
        (
            lock.place.rpartition(":")[2],
            lock.table,
            lock.mode,
            lock.work,
            lock.until.rpartition(":")[2],
        )
        for lock in found.locks
        if lock.table == "public.jobs" or lock.work != "catalogue"
    ]
    assert told[0] == ("2", "public.jobs", "ACCESS EXCLUSIVE", "catalogue", "4 (COMMIT)")
    assert ("3", "public.recipients", "ACCESS EXCLUSIVE", "rewrite", "4 (COMMIT)") in told
    assert ("5", "public.jobs", "SHARE UPDATE EXCLUSIVE", "index", "") in told
    assert ("6", "public.recipients", "SHARE", "index", "") in told
    assert ("7", "public.jobs", "ACCESS EXCLUSIVE", "catalogue", "") in told
    assert "nobody reads or writes it meanwhile; an instant" in found.locks[0].line()


def test_who_holds_the_table_now_is_told(tries: Tries, database: str) -> None:
    with psycopg.connect(database) as reader:
        reader.execute("select count(*) from jobs")
        found = tries(f"alter table jobs drop constraint {RULE}")
    assert "now it would wait for 1 session" in found.locks[0].line()


def test_what_a_fix_does_is_judged_as_the_file_does_it(tries: Tries) -> None:
    never = tries(f"begin; alter table jobs drop constraint {RULE};")
    assert never.passing.would is False
    assert any("never committed" in note for note in never.notes)
    failing = tries(
        f"alter table jobs drop constraint {RULE}; alter table elsewhere drop column a;"
    )
    assert failing.exit_status == 1
    assert failing.refused[0].place.endswith("fix.sql:1")
    early = tries(f"alter table jobs drop constraint {RULE}, add stamp int not null")
    assert (early.exit_status, early.refused[0].refused and early.refused[0].refused.sqlstate) == (
        1,
        "23502",
    )
    needs = tries(
        f"delete from jobs; alter table jobs drop constraint {RULE}, add stamp int not null"
    )
    assert "requires a value of stamp" in needs.passing.words
    role = tries(f"alter table jobs drop constraint {RULE}; grant select on jobs to nobody_here")
    assert (role.exit_status, role.passing.would, len(role.untried)) == (3, True, 1)


@pytest.mark.parametrize(
    ("error", "good", "bad"),
    [
        (
            DatabaseError(sqlstate="23502", table_name="jobs", column_name="order_id"),
            "alter table jobs alter order_id drop not null",
            "alter table jobs alter recipient_id drop not null",
        ),
        (
            DatabaseError(
                sqlstate="23514",
                table_name="jobs",
                constraint_name="jobs_size_positive",
                message_detail="Failing row contains (9, 1, step-7, o-9, null, 0).",
            ),
            "alter table jobs drop constraint jobs_size_positive, add constraint jobs_size_positive check (size >= 0)",
            "alter table jobs drop constraint jobs_size_positive, add constraint jobs_size_positive check (size > 1)",
        ),
        (
            DatabaseError(
                sqlstate="23503",
                table_name="jobs",
                constraint_name="jobs_recipient_id_fkey",
                message_detail='Key (recipient_id)=(7) is not present in table "recipients".',
            ),
            "insert into recipients values (7, 'now')",
            "insert into recipients values (8, 'now')",
        ),
        (
            DatabaseError(
                sqlstate="42703", message_primary='column "stamp" of relation "jobs" does not exist'
            ),
            "alter table jobs add stamp int",
            "alter table jobs add stamped int",
        ),
        (
            DatabaseError(sqlstate="42P01", table_name="outbox"),
            "create table outbox (id int)",
            "create table out_box (id int)",
        ),
    ],
)
def test_each_kind_of_error_has_its_proof(
    tries: Tries, error: DatabaseError, good: str, bad: str
) -> None:
    assert (tries(good, error).passing.would, tries(bad, error).passing.would) == (True, False)


def test_what_a_copy_does_not_show_is_no_green_answer(tries: Tries) -> None:
    deadlock = tries("alter table jobs add a int", DatabaseError(sqlstate="40P01"))
    assert (deadlock.exit_status, deadlock.passing.would) == (3, None)
    gone = tries("alter table jobs add a int", DatabaseError(sqlstate="23505", constraint_name="x"))
    assert "is not in this database" in gone.passing.words


def test_the_database_stays_as_it_is_and_nothing_of_its_rows_is_told(
    tries: Tries, database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        seen = "select (select count(*) from jobs), (select count(*) from pg_class), pg_current_xact_id_if_assigned()"
        before = connection.execute(seen).fetchone()
        found = tries(f"alter table jobs drop constraint {RULE}; delete from recipients;")
        assert connection.execute(seen).fetchone() == before
        left = "select count(*) from pg_database where datname like 'replica%'"
        assert connection.execute(left).fetchone() == (0,)
    assert "secret-name" not in repr(found)


def test_the_command_proves_the_fix_of_a_stored_run(shop: ShopFactory, tmp_path: Path) -> None:
    broken = shop("broken")
    out = tmp_path / "runs"
    smoke.run("repeat-customer", url=broken.url, out=out)
    (tmp_path / "good.sql").write_text(f"alter table h2s_dispatch_jobs drop constraint {RULE};\n")
    (tmp_path / "wrong.sql").write_text("alter table h2s_dispatch_jobs\n  drop constraintt x;\n")

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "smoke", "db", "try", *words, "--out", str(out)],
            cwd=tmp_path,
            env={**os.environ, "SMOKE_DSN": broken.dsn, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    good = command("good.sql", "--scenario", "repeat-customer", "--json")
    assert good.returncode == 0, good.stdout + good.stderr
    told = json.loads(good.stdout)
    assert (told["would_pass"], told["failed"]["sqlstate"]) == (True, "23505")
    wrong = command("wrong.sql")
    assert (wrong.returncode, "wrong.sql:2:20" in wrong.stderr) == (2, True)
    strange = command("good.sql", "--scenario", "repeat-custumer")
    assert (strange.returncode, "repeat-customer" in strange.stderr) == (2, True)
