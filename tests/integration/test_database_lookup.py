"""What the database knows of a name; what migration tools' tables claim; the commands' JSON."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from smoke.database.catalogue.rule_rows import RuleFilter
from smoke.database.checks import constraint_absent, constraint_present, index_present
from smoke.database.dsn import read_dsn
from smoke.database.lookup import ConstraintAnswer, constraint, duplicates, rules
from smoke.database.migration.applied import applied_files
from smoke.database.session import Database, connect
from smoke.database.tables import table
from smoke.demo.postgres import EmbeddedServer
from tests.support.cli import smoke
from tests.support.migrations import fresh

BEFORE = """
create schema shop;
create table jobs (id int primary key, a int, b int, note text, during int4range,
    constraint jobs_uq unique (a, b) deferrable initially deferred,
    constraint jobs_x exclude using gist (during with &&),
    constraint jobs_ck check (a > 0));
create table shop.jobs (a int, constraint jobs_uq unique (a));
alter table jobs add constraint jobs_nv check (b > 0) not valid;
create unique index jobs_ix on jobs (lower(note), a);
create table child (job int references jobs (id), a int);
create function touch() returns trigger language plpgsql as 'begin return new; end';
create trigger jobs_tr before insert on jobs for each row execute function touch();
insert into child (a) values (1), (1), (1), (2), (null), (null);
"""


def ask(dsn: str, name: str, on: str = "") -> ConstraintAnswer:
    with connect(read_dsn(dsn, "X")) as database:
        return constraint(database, name, on)


def test_everything_that_can_refuse_a_row_is_found_by_its_name(demo_server: EmbeddedServer) -> None:
    with fresh(demo_server, BEFORE) as dsn:
        for name, kind, columns, valid in [
            ("jobs_pkey", "primary key", ("id",), True),
            ("jobs_x", "exclusion constraint", ("during",), True),
            ("jobs_ck", "check constraint", ("a",), True),
            ("jobs_nv", "check constraint", ("b",), False),
            ("jobs_ix", "unique index", ("lower(note)", "a"), True),
            ("jobs_tr", "trigger", (), True),
            ("child_job_fkey", "foreign key", ("job",), True),
        ]:
            (rule,) = ask(dsn, name).found
            assert (rule.kind, rule.columns, rule.valid) == (kind, columns, valid)
            assert rule.name in rule.line()
        both = ask(dsn, "jobs_uq")
        assert [(rule.schema, rule.columns) for rule in both.found] == [
            ("public", ("a", "b")),
            ("shop", ("a",)),
        ]
        assert both.found[0].deferrable == "initially deferred"
        one = ask(dsn, "jobs_uq", "shop.jobs")
        assert [rule.schema for rule in one.found] == ["shop"]
        assert [rule.schema for rule in one.elsewhere] == ["public"]
        assert "child_job_fkey" in " ".join(ask(dsn, "jobs_pkey").found[0].dependants)


def test_a_name_that_is_not_there_gets_similar_ones(demo_server: EmbeddedServer) -> None:
    with fresh(demo_server, BEFORE) as dsn:
        answer = ask(dsn, "jobs_uk", "child")
        hostile = ask(dsn, "x'; drop table jobs; --")
        gone = ask(dsn, "jobs_uq", "nowhere")
    assert not answer.exists
    assert "jobs_uq" in {rule.name for rule in answer.similar}
    assert "child_job_fkey" in {rule.name for rule in answer.similar}
    assert not hostile.exists
    assert not gone.table_exists
    assert {rule.schema for rule in gone.elsewhere} == {"public", "shop"}


def test_a_foreign_key_is_not_among_what_depends_on_it(demo_server: EmbeddedServer) -> None:
    with fresh(demo_server, BEFORE) as dsn:
        (key,) = ask(dsn, "child_job_fkey").found
    assert key.dependants == ()


def test_an_index_that_the_tables_own_foreign_key_leans_on_is_found(
    demo_server: EmbeddedServer,
) -> None:
    before = """create table tree (id int, up int); create unique index tree_ix on tree (id);
    alter table tree add constraint tree_up foreign key (up) references tree (id)"""
    with fresh(demo_server, before) as dsn:
        (index,) = ask(dsn, "tree_ix").found
    assert (index.kind, index.dependants) == ("unique index", ("constraint tree_up on table tree",))


def test_a_domain_is_asked_for_as_a_table_is(demo_server: EmbeddedServer) -> None:
    before = "create domain few as int constraint few_ck check (value < 9)"
    with fresh(demo_server, before) as dsn, connect(read_dsn(dsn, "X")) as database:
        (by_name,) = constraint(database, "few_ck").found
        (by_place,) = rules(database, RuleFilter("public", "few"))
    assert by_name == by_place
    assert (by_place.kind, by_place.table, by_place.columns) == ("check constraint", "few", ())


def test_a_constraint_is_asked_for_in_few_questions_however_many_have_its_name(
    demo_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ";".join(
        f"create schema s{n}; create table s{n}.t (a int, constraint one check (a > 0)); create view s{n}.v as select a from s{n}.t"
        for n in range(12)
    )
    asked: list[str] = []
    rows = Database.rows

    def counting(self: Database, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        asked.append(sql)
        return rows(self, sql, *parameters)

    with fresh(demo_server, before) as dsn, connect(read_dsn(dsn, "X")) as database:
        monkeypatch.setattr(Database, "rows", counting)
        assert len(constraint(database, "one").found) == 12
    assert len(asked) == 4  # constraints, indexes, triggers; what depends on them


def test_what_is_there_on_a_table_of_another_schema_is_not_there(
    demo_server: EmbeddedServer,
) -> None:
    before = (
        f"{BEFORE}; alter table jobs drop constraint jobs_uq; create index shop_ix on shop.jobs (a)"
    )
    with fresh(demo_server, before) as dsn, connect(read_dsn(dsn, "X")) as database:
        named = constraint_present.run(
            constraint_present.Spec(name="jobs_uq", table="jobs"), database
        )
        index = index_present.run(index_present.Spec(table="jobs", columns=("a",)), database)
        there = constraint_present.run(
            constraint_present.Spec(name="jobs_uq", table="shop.jobs"), database
        )
        absent = constraint_absent.run(
            constraint_absent.Spec(name="jobs_uq", table="jobs"), database
        )
    assert (named.ok, index.ok, there.ok) == (False, False, True)
    assert "it is on shop.jobs" in named.message
    assert not absent.ok  # somebody's search path may lead there


def test_a_table_with_a_dot_in_its_name_is_found_without_quotes(
    demo_server: EmbeddedServer,
) -> None:
    before = 'create table "T.x" (a int)'
    with fresh(demo_server, before) as dsn, connect(read_dsn(dsn, "X")) as database:
        assert [found.name for found in table(database, "T.x").found] == ["T.x"]


def test_duplicates_are_counted_without_nulls(demo_server: EmbeddedServer) -> None:
    with fresh(demo_server, BEFORE) as dsn, connect(read_dsn(dsn, "X")) as database:
        found = duplicates(database, "public", "child", ("a",))
        assert (found.keys, found.rows) == (1, 3)


def test_a_table_shows_its_own_policies(demo_server: EmbeddedServer) -> None:
    before = f"{BEFORE}; create policy b on jobs using (true); create policy a on jobs using (true); create policy c on child using (true)"
    with fresh(demo_server, before) as dsn, connect(read_dsn(dsn, "X")) as database:
        assert table(database, "public.jobs").found[0].policies == ("a", "b")


def test_a_table_shows_its_columns_and_rules(demo_server: EmbeddedServer) -> None:
    with fresh(demo_server, BEFORE) as dsn, connect(read_dsn(dsn, "X")) as database:
        found = table(database, "public.jobs").found[0]
        assert [column.name for column in found.columns] == ["id", "a", "b", "note", "during"]
        assert {"jobs_uq", "jobs_ix", "jobs_tr"} <= {rule.name for rule in found.rules}
        assert table(database, "job").similar
        assert len(table(database, "jobs").found) == 2


TEXT = "alter table t add column b int;\n"
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()
TOOLS = {
    "Supabase": "create schema supabase_migrations; create table supabase_migrations.schema_migrations"
    " (version text, name text); insert into supabase_migrations.schema_migrations values ('20261120', 'add_b')",
    "Prisma": "create table _prisma_migrations (migration_name text, checksum text, finished_at timestamptz,"
    " rolled_back_at timestamptz); insert into _prisma_migrations values ('20261120_add_b', 'x', now(), null)",
    "Drizzle": "create schema drizzle; create table drizzle.__drizzle_migrations (id int, hash text);"
    f" insert into drizzle.__drizzle_migrations values (1, '{DIGEST}')",
    "Knex": "create table knex_migrations (name text); insert into knex_migrations values ('20261120_add_b.js')",
    "TypeORM": 'create table migrations ("timestamp" bigint, name text);'
    " insert into migrations values (20261120, 'AddB')",
    "Flyway": "create table flyway_schema_history (version text, script text, success boolean);"
    " insert into flyway_schema_history values ('20261120', 'V20261120__add_b.sql', true)",
    "Rails, dbmate or Ecto": "create table schema_migrations (version text);"
    " insert into schema_migrations values ('20261120')",
    "Alembic": "create table alembic_version (version_num text); insert into alembic_version values ('20261120')",
    "goose": "create table goose_db_version (version_id bigint, is_applied boolean);"
    " insert into goose_db_version values (20261120, true)",
    "node-pg-migrate": "create table pgmigrations (name text); insert into pgmigrations values ('20261120_add_b')",
    "golang-migrate": "create table schema_migrations (version bigint, dirty boolean);"
    " insert into schema_migrations values (20261125, false)",
    "Liquibase": "create table databasechangelog (id text, author text, filename text, exectype text);"
    " insert into databasechangelog values ('1', 'a', 'db/20261120_add_b.sql', 'EXECUTED')",
    "Django": "create table django_migrations (app text, name text);"
    " insert into django_migrations values ('shop', '20261120_add_b')",
    "Atlas": "create table atlas_schema_revisions (version text, description text, applied int, total int);"
    " insert into atlas_schema_revisions values ('20261120', 'add_b', 1, 1)",
    "Laravel": "create table migrations (id int, migration text, batch int);"
    " insert into migrations values (1, '20261120_add_b', 1)",
    "Entity Framework": 'create table "__EFMigrationsHistory" ("MigrationId" text, "ProductVersion" text);'
    " insert into \"__EFMigrationsHistory\" values ('20261120_add_b', '9')",
}
NOT_DONE = {
    "Prisma, failed": "create table _prisma_migrations (migration_name text, checksum text, finished_at timestamptz,"
    " rolled_back_at timestamptz); insert into _prisma_migrations values ('20261120_add_b', 'x', null, null)",
    "Prisma, rolled back": "create table _prisma_migrations (migration_name text, checksum text,"
    " finished_at timestamptz, rolled_back_at timestamptz);"
    " insert into _prisma_migrations values ('20261120_add_b', 'x', now(), now())",
    "Flyway, failed": "create table flyway_schema_history (version text, script text, success boolean);"
    " insert into flyway_schema_history values ('20261120', 'V20261120__add_b.sql', false)",
    "goose, taken back": "create table goose_db_version (id int, version_id bigint, is_applied boolean);"
    " insert into goose_db_version values (2, 20261120, false), (1, 20261120, true)",
    "golang-migrate, dirty": "create table schema_migrations (version bigint, dirty boolean);"
    " insert into schema_migrations values (20261120, true)",
    "Liquibase, failed": "create table databasechangelog (id text, author text, filename text, exectype text);"
    " insert into databasechangelog values ('1', 'a', 'db/20261120_add_b.sql', 'FAILED')",
}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_mark_without_its_effect_is_told(
    demo_server: EmbeddedServer, tool: str, tmp_path: Path
) -> None:
    file = tmp_path / ("V20261120__add_b.sql" if tool == "Flyway" else "20261120_add_b.sql")
    file.write_text(TEXT)
    before = f"create table t (a int); {TOOLS[tool]}"
    with fresh(demo_server, before) as dsn, connect(read_dsn(dsn, "X")) as database:
        answer = applied_files(database, file)
    (claim,) = answer.claimed
    assert claim.tool == tool
    assert claim.marked
    assert claim.sentence.endswith("but its effect is missing")


@pytest.mark.parametrize("case", NOT_DONE)
def test_a_row_that_says_that_it_failed_is_no_mark(
    demo_server: EmbeddedServer, case: str, tmp_path: Path
) -> None:
    file = tmp_path / ("V20261120__add_b.sql" if "Flyway" in case else "20261120_add_b.sql")
    file.write_text(TEXT)
    before = f"create table t (a int); {NOT_DONE[case]}"
    with fresh(demo_server, before) as dsn, connect(read_dsn(dsn, "X")) as database:
        (claim,) = applied_files(database, file).claimed
    assert not claim.marked
    assert "failed, taken back or not finished, and its effect is missing" in claim.sentence


def test_every_tool_at_once_is_told_also_the_one_whose_table_may_not_be_read(
    demo_server: EmbeddedServer, tmp_path: Path
) -> None:
    file = tmp_path / "20261120_add_b.sql"
    file.write_text(TEXT)
    login = "do $$ begin create role reads_little login; exception when duplicate_object then null; end $$"
    before = f"{login}; create table t (a int, b int); {TOOLS['Knex']}; {TOOLS['Django']}"
    rights = "grant select on knex_migrations to reads_little; insert into knex_migrations values ('other')"
    with fresh(demo_server, f"{before}; {rights}") as dsn:
        role = dsn.replace("user=postgres", "user=reads_little")
        with connect(read_dsn(role, "X")) as database:
            told = {claim.tool: claim for claim in applied_files(database, file).claimed}
    assert told["Knex"].sentence.endswith("and its effect is there")
    assert "cannot be read: permission denied" in told["Django"].sentence


def test_a_name_that_two_apps_have_is_of_the_app_that_the_path_names(
    demo_server: EmbeddedServer, tmp_path: Path
) -> None:
    rows = "insert into django_migrations values ('shop', '0002_b'), ('blog', '0002_b')"
    before = f"create table t (a int); create table django_migrations (app text, name text); {rows}"
    for folder in ("shop", "elsewhere"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "0002_b.sql").write_text(TEXT)
    with fresh(demo_server, before) as dsn, connect(read_dsn(dsn, "X")) as database:
        (shop,) = applied_files(database, tmp_path / "shop" / "0002_b.sql").claimed
        (other,) = applied_files(database, tmp_path / "elsewhere" / "0002_b.sql").claimed
    assert shop.marked
    assert not other.marked
    assert "blog, shop" in other.sentence


def test_drizzle_knows_a_file_by_the_time_in_its_journal(
    demo_server: EmbeddedServer, tmp_path: Path
) -> None:
    (tmp_path / "meta").mkdir()
    journal = {"entries": [{"tag": "0000_add_b", "when": 1700000000000}]}
    (tmp_path / "meta" / "_journal.json").write_text(json.dumps(journal))
    (tmp_path / "0000_add_b.sql").write_text(TEXT)
    rows = "insert into drizzle.__drizzle_migrations values (1, 'of another text', 1700000000000)"
    table = "create schema drizzle; create table drizzle.__drizzle_migrations (id int, hash text, created_at bigint)"
    before = f"create table t (a int); {table}; {rows}"
    with fresh(demo_server, before) as dsn, connect(read_dsn(dsn, "X")) as database:
        (claim,) = applied_files(database, tmp_path / "0000_add_b.sql").claimed
    assert claim.marked


def test_the_commands_answer_programs_in_json_and_exit_as_documented(
    demo_server: EmbeddedServer, tmp_path: Path
) -> None:
    (tmp_path / "m.sql").write_text("begin;\n" + TEXT + "update t set b = 1;\n")
    (tmp_path / "unknown.sql").write_text("do $$ begin end $$;")
    with fresh(demo_server, "create table t (a int, constraint t_uq unique (a))") as dsn:
        env = {"READER": dsn}
        options = ["--dsn-env", "READER", "--json"]
        done = smoke(["db", "applied", "m.sql", "--here-only", *options], tmp_path, env=env)
        answer = json.loads(done.stdout)
        assert done.returncode == 1
        assert answer["overall"] == "not applied"
        assert [(s["line"], s["verdict"]) for s in answer["statements"]] == [
            (1, "no effect"),
            (2, "not applied"),
            (3, "cannot tell"),
        ]
        assert answer["statements"][1]["sql"] == TEXT.strip(";\n")
        assert answer["database"]["database"] in dsn
        assert smoke(["db", "applied", "unknown.sql", *options], tmp_path, env=env).returncode == 3
        there = smoke(["db", "constraint", "t_uq", "--dsn-env", "READER"], tmp_path, env=env)
        assert there.returncode == 0
        assert there.stdout.startswith("YES: t_uq is there")
        assert smoke(["db", "constraint", "t_no", *options], tmp_path, env=env).returncode == 1
    assert smoke(["db", "which"], tmp_path, env={"DATABASE_URL": ""}).returncode == 2
