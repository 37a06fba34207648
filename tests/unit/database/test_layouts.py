"""Which tool a project's migrations are of, and in which order that tool runs them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from smoke.database.layouts.find import projects
from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration
from smoke.database.layouts.reading import read_files
from smoke.database.listing import State, state_of
from smoke.database.migration.verdict import Judged, Verdict

SQL = "create table t (a int);\n"
_JOURNAL = {
    "entries": [
        {"idx": 0, "when": 20, "tag": "0001_b"},
        {"idx": 1, "when": 10, "tag": "0000_a"},
    ]
}
_ALEMBIC = 'revision = "{0}"\ndown_revision = {1}\n\n\ndef upgrade() -> None:\n    pass\n'
_DJANGO = "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = [{0}]\n"
_GOOSE = f"-- +goose Up\n{SQL}-- +goose Down\ndrop table t;\n"
_LIQUIBASE = f"--liquibase formatted sql\n--changeset ann:2\n{SQL}--rollback drop table t;\n--changeset bob:1\nselect 1;\n"
_KNEX = "exports.up = (knex) => knex.schema.createTable('t');\nexports.down = () => null;\n"
_TYPEORM = "export class {0} implements MigrationInterface {{\n  async up(queryRunner) {{}}\n}}\n"
PROJECTS: dict[str, tuple[dict[str, str], list[str]]] = {
    "Supabase": (
        {f"supabase/migrations/{n}.sql": SQL for n in ("9_b", "10_a", "notes")}
        | {"supabase/seed.sql": "insert into t values (1);"},
        ["10_a", "9_b"],
    ),
    "Prisma": (
        {f"prisma/migrations/{n}/migration.sql": SQL for n in ("9_b", "10_a")}
        | {"prisma/migrations/migration_lock.toml": 'provider = "postgresql"\n'},
        ["10_a", "9_b"],
    ),
    "Drizzle": (
        {f"drizzle/{n}.sql": SQL for n in ("0000_a", "0001_b", "0002_forgotten")}
        | {"drizzle/meta/_journal.json": json.dumps(_JOURNAL)},
        ["0001_b", "0000_a"],
    ),
    "Flyway": (
        {
            f"src/main/resources/db/migration/{n}.sql": SQL
            for n in ("V10__c", "V9.1__b", "V9_0_2__a", "R__view", "U9.1__b", "beforeMigrate")
        },
        ["V9_0_2__a", "V9.1__b", "V10__c", "R__view"],
    ),
    "Liquibase": ({"db/changes.sql": _LIQUIBASE}, ["changes.sql::ann:2", "changes.sql::bob:1"]),
    "goose": (
        {f"migrations/{n}.sql": _GOOSE for n in ("10_b", "9_a")}
        | {"migrations/11_c.go": "package migrations\n"},
        ["9_a", "10_b", "11_c"],
    ),
    "dbmate": (
        {
            f"db/migrations/{n}.sql": f"-- migrate:up\n{SQL}-- migrate:down\n"
            for n in ("9_b", "10_a")
        },
        ["10_a", "9_b"],
    ),
    "node-pg-migrate": (
        {
            f"migrations/{n}.sql": f"-- Up Migration\n{SQL}-- Down Migration\n"
            for n in ("10_b", "9_a")
        }
        | {"migrations/8_z.js": "exports.up = (pgm) => pgm.createTable('t');\n"},
        ["8_z", "9_a", "10_b"],
    ),
    "Diesel": (
        {f"migrations/{n}/{way}.sql": SQL for n in ("9_b", "10_a") for way in ("up", "down")},
        ["10_a", "9_b"],
    ),
    "sqlx": (
        {"Cargo.toml": '[dependencies]\nsqlx = "0.8"\n'}
        | {f"migrations/{n}.sql": SQL for n in ("10_b", "9_a.up", "9_a.down")},
        ["9_a", "10_b"],
    ),
    "golang-migrate": (
        {f"migrations/{n}.{way}.sql": SQL for n in ("10_b", "9_a") for way in ("up", "down")},
        ["9_a", "10_b"],
    ),
    "Atlas": (
        {f"migrations/{n}.sql": SQL for n in ("9_b", "10_a")} | {"migrations/atlas.sum": "h1:x\n"},
        ["10_a", "9_b"],
    ),
    "Knex": (
        {"knexfile.js": "module.exports = {};\n"}
        | {f"migrations/{n}.js": _KNEX for n in ("9_b", "10_a")},
        ["10_a", "9_b"],
    ),
    "TypeORM": (
        {
            "src/migrations/a.1700000000002.ts": _TYPEORM.format("AddA1700000000002"),
            "src/migrations/b.1700000000001.ts": _TYPEORM.format("AddB1700000000001"),
        },
        ["b.1700000000001", "a.1700000000002"],
    ),
    "Rails": (
        {
            f"db/migrate/{n}.rb": "class A < ActiveRecord::Migration[8.0]\nend\n"
            for n in ("10_b", "9_a")
        },
        ["9_a", "10_b"],
    ),
    "Django": (
        {
            "manage.py": "",
            "blog/migrations/0001_initial.py": _DJANGO.format("('shop', '0002_b')"),
            "shop/migrations/0001_initial.py": _DJANGO.format(""),
            "shop/migrations/0002_b.py": _DJANGO.format("('shop', '0001_initial')"),
        },
        ["shop.0001_initial", "shop.0002_b", "blog.0001_initial"],
    ),
    "Alembic": (
        {
            "alembic/env.py": "from alembic import context\n",
            "alembic/versions/a_last.py": _ALEMBIC.format("c3", '("b1", "b2")'),
            "alembic/versions/b_first.py": _ALEMBIC.format("a0", None),
            "alembic/versions/c.py": _ALEMBIC.format("b1", '"a0"'),
            "alembic/versions/d.py": _ALEMBIC.format("b2", '"a0"'),
        },
        ["b_first", "c", "d", "a_last"],
    ),
}


def _write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@pytest.mark.parametrize("tool", PROJECTS)
def test_a_project_is_of_its_tool_and_in_its_tools_order(tmp_path: Path, tool: str) -> None:
    files, names = PROJECTS[tool]
    _write(tmp_path, files)
    (project,) = projects(tmp_path)
    assert project.layout.name == tool
    assert [migration.name for migration in project.migrations] == names
    assert all(
        "drop table" not in migration.sql.split("--rollback")[0] for migration in project.migrations
    )


def test_two_tools_in_one_repository_are_two_projects(tmp_path: Path) -> None:
    _write(tmp_path / "web", PROJECTS["Prisma"][0])
    _write(tmp_path / "jobs", PROJECTS["golang-migrate"][0])
    _write(tmp_path / "web/node_modules/package", PROJECTS["Knex"][0])
    assert {project.layout.name for project in projects(tmp_path)} == {"Prisma", "golang-migrate"}


def test_files_of_a_known_folder_are_read_in_its_tools_order(tmp_path: Path) -> None:
    _write(tmp_path, PROJECTS["Supabase"][0] | PROJECTS["Flyway"][0])
    supabase = read_files(tmp_path / "supabase" / "migrations")
    assert [Path(name).name for name, _ in supabase] == ["10_a.sql", "9_b.sql", "notes.sql"]
    flyway = read_files(tmp_path / "src/main/resources/db/migration")
    assert [Path(name).name for name, _ in flyway] == [
        "V9_0_2__a.sql",
        "V9.1__b.sql",
        "V10__c.sql",
        "R__view.sql",
        "beforeMigrate.sql",
    ]


def test_what_alembic_printed_is_read_with_each_revision_in_its_lines(tmp_path: Path) -> None:
    _write(tmp_path, PROJECTS["Alembic"][0])
    printed = (
        "BEGIN;\n\n-- Running upgrade  -> a0\n\nCREATE TABLE t (a int);\n\n"
        "INSERT INTO alembic_version (version_num) VALUES ('a0') RETURNING alembic_version.version_num;\n\n"
        "-- Running upgrade a0 -> b1, with words\n\nALTER TABLE t ADD b int;\n\n"
        "UPDATE alembic_version SET version_num='b1' WHERE alembic_version.version_num = 'a0';\n\nCOMMIT;\n"
    )
    (tmp_path / "upgrade.sql").write_text(printed)
    (project,) = projects(tmp_path)
    sql = {migration.key: migration.sql for migration in project.migrations}
    assert sql["a0"].split("\n").index("CREATE TABLE t (a int);") == 4
    assert sql["b1"].strip().splitlines()[-1] == "ALTER TABLE t ADD b int;"
    assert not sql["c3"]


def _applied(tool: str, root: Path, *marks: Mark) -> list[str]:
    _write(root, PROJECTS[tool][0])
    (project,) = projects(root)
    seen = project.layout.record(marks, project.migrations).seen
    return [m.name for m in project.migrations if m.key in seen and seen[m.key].done]


@pytest.mark.parametrize(
    ("tool", "marks", "names"),
    [
        ("golang-migrate", [Mark("9")], ["9_a"]),
        ("golang-migrate", [Mark("10", done=False)], ["9_a"]),
        ("golang-migrate", [Mark("11")], ["9_a", "10_b"]),
        ("golang-migrate", [Mark("-1")], []),
        ("Alembic", [Mark("d4")], ["b_first", "c", "d", "a_last"]),
        ("Alembic", [Mark("b1"), Mark("b2")], ["b_first", "c", "d"]),
        ("Django", [Mark(label="0001_initial", group="shop")], ["shop.0001_initial"]),
        ("goose", [Mark("0"), Mark("9"), Mark("10"), Mark("10", done=False)], ["9_a"]),
        (
            "Flyway",
            [Mark("9.0.2", "V9_0_2__a.sql"), Mark("", "R__view.sql")],
            ["V9_0_2__a", "R__view"],
        ),
        ("Flyway", [Mark("9.1", kind="BASELINE")], ["V9_0_2__a", "V9.1__b"]),
        ("Flyway", [Mark("10", kind="SQL"), Mark("10", kind="UNDO_SQL")], []),
        (
            "Prisma",
            [Mark(label="9_b", kind="2026-11-28", done=False), Mark(label="10_a")],
            ["10_a"],
        ),
        ("Liquibase", [Mark("1", "db/changes.sql", group="bob")], ["changes.sql::bob:1"]),
        ("Knex", [Mark(label="10_a.ts")], ["10_a"]),
        ("node-pg-migrate", [Mark(label="9_a")], ["9_a"]),
        ("TypeORM", [Mark("1700000000001", "AddB1700000000001")], ["b.1700000000001"]),
    ],
)
def test_the_rows_of_a_tools_table_say_what_it_holds_for_applied(
    tmp_path: Path, tool: str, marks: list[Mark], names: list[str]
) -> None:
    assert _applied(tool, tmp_path, *marks) == names


LIQUIBASE = f"""--liquibase formatted sql
--property name:audit value:audit_log dbms:postgresql
--property name:audit value:other
--changeset ann:1 dbms:postgresql,mysql
create table ${{audit}} (a int, b ${{unknown}});
--changeset ann:2 dbms:mysql
create table only_mysql (a int);
--changeset ann:3 dbms:"!mysql, !oracle"
{SQL}--changeset ann:4 dbms:!postgresql
{SQL}--changeset ann:5 ignore:true
{SQL}--changeset ann:6 contextFilter:"test or dev" labels:seed
{SQL}"""


def test_a_changeset_for_another_kind_of_server_is_none_of_ours(tmp_path: Path) -> None:
    _write(tmp_path, {"db/changes.sql": LIQUIBASE})
    (project,) = projects(tmp_path)
    found = {m.name.rpartition(":")[2]: m for m in project.migrations}
    assert list(found) == ["1", "3", "6"]
    assert "create table audit_log (a int, b ${unknown});" in found["1"].sql
    assert found["6"].only.endswith("chosen: context test or dev, labels seed")
    assert not found["1"].only


@pytest.mark.parametrize(
    ("name", "kind", "verdict", "state"),
    [
        ("6", "", Verdict.NOT_APPLIED, State.OPTIONAL),
        ("6", "", Verdict.APPLIED, State.UNMARKED),
        ("6", "EXECUTED", Verdict.NOT_APPLIED, State.MISSING),
        ("1", "MARK_RAN", Verdict.NOT_APPLIED, State.MARKED),
        ("1", "EXECUTED", Verdict.NOT_APPLIED, State.MISSING),
        ("1", "", Verdict.NOT_APPLIED, State.PENDING),
    ],
)
def test_what_liquibase_was_told_not_to_run_is_no_fault(
    tmp_path: Path, name: str, kind: str, verdict: Verdict, state: State
) -> None:
    _write(tmp_path, {"db/changes.sql": LIQUIBASE})
    (project,) = projects(tmp_path)
    migration = next(m for m in project.migrations if m.name.endswith(f":{name}"))
    rows = [Mark(name, "db/changes.sql", group="ann", kind=kind)] if kind else []
    record = project.layout.record(rows, project.migrations)
    told = state_of(
        migration, [Judged("create table t ()", 1, verdict, "there is none")], record, ()
    )
    assert told.state is state


def test_drizzle_will_not_run_what_its_journal_dates_before_the_last_one_applied(
    tmp_path: Path,
) -> None:
    _write(tmp_path, PROJECTS["Drizzle"][0])
    (project,) = projects(tmp_path)
    record = project.layout.record([Mark("20", digest="another")], project.migrations)
    assert "will not run it" in record.notes["10"]


def test_a_checksum_is_the_tools_own(tmp_path: Path) -> None:
    def only(tool: str, name: str) -> Migration:
        _write(tmp_path / tool, PROJECTS[tool][0])
        (project,) = projects(tmp_path / tool)
        return next(m for m in project.migrations if m.name == name)

    prisma = only("Prisma", "10_a").digests
    assert hashlib.sha256(SQL.replace("\n", "\r\n").encode()).hexdigest() in prisma
    assert {len(digest) for digest in only("sqlx", "9_a").digests} == {96}
    (crc,) = only("Flyway", "V10__c").digests
    assert -(1 << 31) <= int(crc) < 1 << 31


def test_what_is_no_project_is_passed_over_without_a_word(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "drizzle/meta/_journal.json": "[" * 100_000,
            "web/meta/_journal.json": '{"entries": [{"tag": "../../etc/passwd", "when": 1}, 7, {}]}',
            "alembic/env.py": "from alembic import context\n",
            "alembic/versions/a.py": "revision = (" * 500,
            "shop/migrations/0001_a.py": "class Migration(migrations.Migration:\n",
            "sql/notes.sql": "select 1;\n",
        },
    )
    (tmp_path / "flyway/V1__folder.sql").mkdir(parents=True)
    (tmp_path / "loop").symlink_to(tmp_path)
    names = {project.layout.name: project.migrations for project in projects(tmp_path)}
    assert names.keys() == {
        "Django"
    }  # a file that cannot be parsed is still one that the table can know
    assert [migration.name for migration in names["Django"]] == ["shop.0001_a"]
