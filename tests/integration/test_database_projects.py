"""Projects of real migration tools beside a real database: what is told of each migration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import smoke
from smoke.database.listing import Listed, State
from smoke.database.session import Database
from smoke.demo.postgres import EmbeddedServer
from tests.support.layouts import TOOLS, Recorded, recorded
from tests.support.migrations import fresh, make_roles, run

FIX = "one_job_per_order"
STILL_THERE = "h2s_dispatch_jobs_recipient_step_uq is still there"


@pytest.fixture(scope="module")
def database(demo_server: EmbeddedServer) -> Iterator[str]:
    """A database that each test empties for itself."""
    with fresh(demo_server, "") as dsn:
        yield dsn


@pytest.fixture(scope="module")
def staging(demo_server: EmbeddedServer) -> Iterator[str]:
    with fresh(demo_server, "") as dsn:
        yield dsn


def told(root: Path, dsn: str, **options: bool) -> tuple[int, tuple[Listed, ...]]:
    found = smoke.db_migrations(root, environ={"SMOKE_DSN": dsn}, **options)  # type: ignore[arg-type]  # bools only
    (project,) = found.projects
    return found.exit_status, project.rows


@pytest.mark.parametrize("tool", TOOLS)
def test_each_state_of_a_project_is_told_in_one_line(
    tmp_path: Path, database: str, tool: str
) -> None:
    made = recorded(tool)
    made.lay(tmp_path)
    states: dict[str, tuple[int, State, str]] = {}
    for state in ("healthy", "pending", "marked, not run", "run by hand"):
        made.put(database, state)
        status, rows = told(tmp_path, database, here_only=True)
        *others, last = rows
        assert len(rows) == 3
        assert last.name.endswith(FIX)
        assert {row.state for row in others} <= {State.APPLIED, State.MARKED}, rows
        assert all(row.state is State.APPLIED or row.language for row in others)
        states[state] = (status, last.state, " ".join(last.why))
    assert states["healthy"] == (0, State.APPLIED, "")
    assert states["pending"] == (1, State.PENDING, "")
    assert states["run by hand"] == (1, State.UNMARKED, "")
    status, state, why = states["marked, not run"]
    assert (status, state) == (1, State.MISSING)
    assert STILL_THERE in why


@pytest.mark.parametrize("tool", ["Prisma", "Alembic"])
def test_a_migration_that_went_to_another_database_is_found_there(
    tmp_path: Path, database: str, staging: str, tool: str
) -> None:
    made = recorded(tool)
    made.lay(tmp_path)
    made.put(database, "pending")
    made.put(staging, "healthy")
    _, rows = told(tmp_path, database)
    name = staging.rpartition("dbname=")[2]
    assert [row.elsewhere for row in rows[:2]] == [(), ()]
    assert name in rows[2].elsewhere  # shops of other tests, on the same server, may have it too


SUPABASE = {
    "supabase/migrations/20261101100000_init.sql": (
        "create table h2s_dispatch_jobs (job_id int primary key, recipient_id int, step_id int, order_id text,\n"
        "  constraint h2s_dispatch_jobs_recipient_step_uq unique (recipient_id, step_id));\n"
    ),
    "supabase/migrations/20261120080000_one_job_per_order.sql": (
        "alter table h2s_dispatch_jobs drop constraint h2s_dispatch_jobs_recipient_step_uq;\n"
    ),
}
SUPABASE_TABLE = (
    "create schema supabase_migrations; create table supabase_migrations.schema_migrations"
    " (version text primary key, statements text[], name text)"
)


def supabase(root: Path, dsn: str, *, ran: int, marked: int) -> Recorded:
    """The incident's project: the first `ran` migrations ran, the first `marked` are in the table as they were run."""
    made = Recorded("Supabase", "", SUPABASE, "", "", list(SUPABASE.values()))
    made.lay(root)
    run(
        dsn,
        "drop schema if exists supabase_migrations cascade; drop schema public cascade; create schema public",
    )
    run(dsn, ";".join([SUPABASE_TABLE, *made.runs[:ran]]))
    for name, sql in list(SUPABASE.items())[:marked]:
        version, _, title = Path(name).stem.partition("_")
        statement = sql.strip().rstrip(";").replace("'", "''")
        row = f"('{version}', array['{statement}'], '{title}')"
        run(dsn, f"insert into supabase_migrations.schema_migrations values {row}")
    return made


def command(
    root: Path, dsn: str, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    plain = {
        k: v for k, v in os.environ.items() if k not in ("CI", "GITHUB_ACTIONS", "FORCE_COLOR")
    }
    return subprocess.run(
        [sys.executable, "-m", "smoke", "db", "applied", *arguments],
        cwd=root,
        env={**plain, "SMOKE_DSN": dsn, "COLUMNS": "200", "PYTHONUTF8": "1", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_incident_is_said_in_the_first_line(
    tmp_path: Path, demo_server: EmbeddedServer
) -> None:
    with fresh(demo_server, "") as dsn:
        supabase(tmp_path, dsn, ran=1, marked=2)
        done = command(tmp_path, dsn, "--here-only")
        (folder,) = (tmp_path / "supabase").iterdir()
        named = command(tmp_path, dsn, str(folder.relative_to(tmp_path)), "--here-only")
    first = done.stdout.splitlines()[0]
    assert (
        "20261120080000_one_job_per_order is marked as applied in supabase_migrations.schema_migrations"
        in first
    )
    assert f"but its effect is missing: constraint {STILL_THERE}" in first
    assert done.returncode == named.returncode == 1
    assert named.stdout.splitlines()[0] == first


def test_what_was_changed_since_it_ran_is_said(tmp_path: Path, database: str) -> None:
    made = supabase(tmp_path, database, ran=2, marked=2)
    status, rows = told(tmp_path, database)
    assert (status, [row.changed for row in rows]) == (0, [False, False])
    (tmp_path / list(made.files)[1]).write_text(
        "-- a word more is no change\n"
        + made.runs[1].replace("drop constraint", "drop  constraint")
    )
    assert not told(tmp_path, database)[1][1].changed
    (tmp_path / list(made.files)[1]).write_text(
        made.runs[1] + "alter table h2s_dispatch_jobs add note text;\n"
    )
    _, rows = told(tmp_path, database)
    assert [row.changed for row in rows] == [False, True]
    assert rows[1].state is State.MISSING


@pytest.mark.parametrize("tool", ["Prisma", "Drizzle"])
def test_a_checksum_is_compared_as_the_tool_does(tmp_path: Path, database: str, tool: str) -> None:
    made = recorded(tool)
    made.lay(tmp_path)
    made.put(database, "healthy")
    name = next(name for name in made.files if FIX in name)
    assert not any(row.changed for row in told(tmp_path, database)[1])
    (tmp_path / name).write_text(made.files[name] + "\n-- and more\n")
    assert [row.changed for row in told(tmp_path, database)[1]] == [False, False, True]


def test_rows_that_the_repository_does_not_know_are_listed(tmp_path: Path, database: str) -> None:
    made = recorded("dbmate")
    made.lay(tmp_path)
    made.put(database, "healthy")
    run(database, "insert into schema_migrations values ('20270101000000')")
    status, rows = told(tmp_path, database)
    assert (status, rows[-1].state, rows[-1].name) == (0, State.UNKNOWN, "20270101000000")


def test_the_order_is_that_of_the_tools_table(tmp_path: Path, database: str) -> None:
    """The later number ran first: with the order of the names, adding would undo dropping."""
    for name, sql in (
        ("1_drop", "alter table t drop column b;"),
        ("2_add", "alter table t add column b int;"),
    ):
        file = tmp_path / "migrations" / f"{name}.sql"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"-- Up Migration\n{sql}\n-- Down Migration\nselect 1;\n")
    run(database, "drop schema public cascade; create schema public; create table t (a int)")
    run(database, "create table pgmigrations (id serial, name text, run_on timestamp)")
    run(
        database,
        "insert into pgmigrations (name, run_on) values ('2_add', now()), ('1_drop', now())",
    )
    status, rows = told(tmp_path, database, here_only=True)
    assert [row.name for row in rows] == ["2_add", "1_drop"]
    assert (status, {row.state for row in rows}) == (0, {State.APPLIED})
    run(database, "alter table t add column b int")
    _, rows = told(tmp_path, database, here_only=True)
    assert [row.state for row in rows] == [State.APPLIED, State.MISSING]
    found = smoke.db_applied(tmp_path, here_only=True, environ={"SMOKE_DSN": database}).answer
    assert [Path(s.file).stem for s in found.statements][:1] == ["2_add"]
    assert found.overall == "partly"


def test_the_catalogue_is_read_once_however_many_faults_there_are(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the last migrations drops what an earlier one made, is marked, and never ran."""
    asked: list[str] = []

    def counting(self: Database, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        asked.append(sql)
        return rows(self, sql, *parameters)

    rows = Database.rows
    monkeypatch.setattr(Database, "rows", counting)
    supabase(tmp_path, database, ran=2, marked=2)
    columns = [f"column_{number}" for number in range(6)]
    added = [f"alter table h2s_dispatch_jobs add {column} int" for column in columns]
    dropped = [f"alter table h2s_dispatch_jobs drop {column}" for column in columns]
    run(database, ";".join(added))
    for number, sql in enumerate([*added, *dropped], 1):
        version = f"202612{number:02d}000000"
        (tmp_path / f"supabase/migrations/{version}_more.sql").write_text(sql)
        row = f"('{version}', array['{sql}'], 'more')"
        run(database, f"insert into supabase_migrations.schema_migrations values {row}")
    _, told_of = told(tmp_path, database, here_only=True)
    states = [row.state for row in told_of]
    assert states == [State.APPLIED] * 8 + [State.MISSING] * 6
    assert max(asked.count(sql) for sql in set(asked) if "FROM pg_" in sql) <= 2


def test_what_only_removes_shows_nothing_where_nothing_ran(tmp_path: Path, database: str) -> None:
    made = supabase(tmp_path, database, ran=0, marked=0)
    more = "drop table if exists h2s_dispatch_jobs;\n"
    (tmp_path / "supabase/migrations/20261121000000_drop.sql").write_text(more)
    assert len(made.files) == 2
    status, rows = told(tmp_path, database, here_only=True)
    assert (status, {row.state for row in rows}) == (1, {State.PENDING})


def test_a_migration_that_failed_is_told(tmp_path: Path, database: str) -> None:
    made = recorded("Prisma")
    made.lay(tmp_path)
    made.put(database, "marked, not run")
    run(
        database,
        f"update _prisma_migrations set finished_at = null where migration_name like '%{FIX}'",
    )
    status, rows = told(tmp_path, database, here_only=True)
    assert (status, rows[-1].state) == (1, State.FAILED)


def test_reports_json_and_the_lines_of_a_ci_system_say_the_same(
    tmp_path: Path, database: str
) -> None:
    made = recorded("Prisma")
    made.lay(tmp_path)
    made.put(database, "marked, not run")
    reports = ("--report", "junit=out/m.xml", "--report", "markdown=out/m.md", "--here-only")
    done = command(tmp_path, database, *reports, GITHUB_ACTIONS="true", COLUMNS="60")
    assert done.returncode == 1, done.stderr
    assert (
        "::error file=prisma/migrations/20261120080000_one_job_per_order/migration.sql,line=2"
        in done.stdout
    )
    assert "\x1b" not in done.stdout
    table = [line for line in done.stdout.splitlines()[1:] if not line.startswith("::")]
    assert max(map(len, table)) <= 90
    suite = ET.parse(tmp_path / "out/m.xml").getroot()
    assert [len(case) for case in suite.iter("testcase")] == [0, 0, 1]
    assert STILL_THERE in (tmp_path / "out/m.md").read_text().replace("&#95;", "_")
    answer = json.loads(command(tmp_path, database, "--json", "--here-only").stdout)
    assert answer["exit_status"] == 1
    (project,) = answer["projects"]
    assert [row["state"] for row in project["migrations"]] == [
        "applied",
        "applied",
        "marked, but missing",
    ]
    assert STILL_THERE in project["migrations"][2]["says"]


def test_several_tools_are_told_and_one_can_be_chosen(tmp_path: Path, database: str) -> None:
    recorded("Prisma").lay(tmp_path)
    made = recorded("Knex")
    made.lay(tmp_path)
    made.put(database, "healthy")
    environ = {"SMOKE_DSN": database}
    found = smoke.db_migrations(tmp_path, environ=environ)
    assert [project.tool for project in found.projects] == ["Knex"]
    assert found.passed_over == (f"Prisma in {tmp_path / 'prisma/migrations'}",)
    chosen = smoke.db_migrations(tmp_path, tool="prisma", here_only=True, environ=environ)
    assert [project.tool for project in chosen.projects] == ["Prisma"]
    with pytest.raises(smoke.SmokeError, match="knows the layout of"):
        smoke.db_migrations(tmp_path, tool="prism", environ=environ)


def test_migrations_in_a_programming_language_say_what_prints_them(
    tmp_path: Path, database: str
) -> None:
    made = recorded("Django")
    made.lay(tmp_path)
    (tmp_path / f"shop/migrations/shop_0003_{FIX}.sql").unlink()
    made.put(database, "healthy")
    status, rows = told(tmp_path, database)
    assert (status, {row.state for row in rows}) == (3, {State.MARKED})
    assert rows[2].prints == f"`python manage.py sqlmigrate shop 0003_{FIX}` prints it"
    assert rows[2].unread
    first, *rest = command(tmp_path, database).stdout.splitlines()
    assert first.startswith("❗ Django: nothing can be judged")
    assert sum("made by Python" in line for line in rest) == 1


def test_where_no_layout_is_known_it_is_said(tmp_path: Path, database: str) -> None:
    done = command(tmp_path, database)
    assert done.returncode == 2
    assert (
        "error[no-migration]: there are no migrations of a known tool here or below" in done.stderr
    )


def test_rails_is_asked_by_the_schema_that_results(tmp_path: Path, database: str) -> None:
    for name in ("db/migrate/9_a.rb", "db/migrate/10_b.rb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("class A < ActiveRecord::Migration[8.0]\nend\n")
    (tmp_path / "db/structure.sql").write_text("CREATE TABLE t (a int, b int);\n")
    run(database, "drop schema public cascade; create schema public; create table t (a int, b int)")
    run(
        database,
        "create table schema_migrations (version text); insert into schema_migrations values ('9'), ('10')",
    )
    status, rows = told(tmp_path, database, here_only=True)
    assert (status, [row.name for row in rows]) == (0, ["9_a", "10_b", "structure.sql"])
    run(database, "alter table t drop column b")
    status, rows = told(tmp_path, database, here_only=True)
    assert (status, rows[-1].state) == (1, State.DIFFERS)


def test_the_tables_of_supabases_own_services_are_not_the_projects(
    tmp_path: Path, demo_server: EmbeddedServer
) -> None:
    role = (
        "do $$ begin create role supabase_admin; exception when duplicate_object then null; end $$"
    )
    with fresh(demo_server, "") as dsn:
        supabase(tmp_path, dsn, ran=2, marked=2)
        run(dsn, f"{role}; create schema auth; create table auth.schema_migrations (version text)")
        file = tmp_path / list(SUPABASE)[1]
        claims = smoke.db_applied(file, here_only=True, environ={"SMOKE_DSN": dsn}).answer.claimed
        run(dsn, "drop role supabase_admin")
    assert [claim.table for claim in claims] == ["supabase_migrations.schema_migrations"]


def test_a_table_of_another_name_is_known_by_what_it_lists(tmp_path: Path, database: str) -> None:
    made = recorded("Knex")
    made.lay(tmp_path)
    made.put(database, "healthy")
    run(database, "alter table knex_migrations rename to our_history")
    found = smoke.db_migrations(tmp_path, environ={"SMOKE_DSN": database})
    assert (found.projects[0].table, found.exit_status) == ("public.our_history", 0)
    run(database, "update our_history set name = 'x' || id")
    done = command(tmp_path, database, "--here-only")
    assert "Knex has no table there: is it the right database?" in done.stdout.splitlines()[0]


def test_without_the_right_to_read_the_table_effects_are_told(
    tmp_path: Path, database: str, demo_server: EmbeddedServer
) -> None:
    make_roles(demo_server)
    made = recorded("Prisma")
    made.lay(tmp_path)
    made.put(database, "healthy")
    run(database, "alter role app_reader login; grant usage on schema public to public")
    role = database.replace("user=postgres", "user=app_reader")
    status, rows = told(tmp_path, role)
    assert (status, {row.state for row in rows}) == (0, {State.APPLIED})
    done = command(tmp_path, role, "--here-only")
    assert (
        "_prisma_migrations cannot be read, so that only effects are told"
        in done.stdout.splitlines()[0]
    )


def test_what_a_later_unknown_migration_may_have_changed_is_not_blamed(
    tmp_path: Path, database: str
) -> None:
    made = recorded("Prisma")
    made.lay(tmp_path)
    made.put(database, "healthy")
    run(database, "alter table h2s_dispatch_jobs drop column state")
    assert told(tmp_path, database, here_only=True)[0] == 1
    later = "select gen_random_uuid(), checksum, finished_at, '20270101000000_later', logs, null"
    run(
        database,
        f"insert into _prisma_migrations {later}, now() + interval '1 day', 1 from _prisma_migrations limit 1",
    )
    status, rows = told(tmp_path, database, here_only=True)
    assert (status, rows[1].state) == (0, State.MARKED)
    assert rows[1].why[0].startswith("20270101000000_later ran after it")
