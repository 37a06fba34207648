"""Whether a migration is applied, on a real PostgreSQL: statements that ran, did not run, or ran a little differently."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest

from smoke.database.migration.applied import applied
from smoke.demo.postgres import EmbeddedServer
from tests.support import oracle
from tests.support.migrations import (
    Group,
    as_if_run,
    ask,
    fresh,
    groups,
    load,
    reasons,
    run,
    verdicts,
)

GROUPS = groups()
CONTROLS = re.compile(r"\b(begin|commit|rollback|concurrently|abort|savepoint)\b", re.IGNORECASE)
"""What cannot run inside a transaction that is rolled back: such a case gets a database of its own."""
CASES = [case for name in oracle.FILES for case in load(f"{name}.yaml")]


@pytest.fixture(scope="module")
def empty_database(demo_server: EmbeddedServer) -> Iterator[str]:
    with fresh(demo_server, "") as dsn:
        yield dsn


def test_the_corpus_is_as_large_as_it_says() -> None:
    assert sum(len(group.statements) for group in GROUPS) >= 250
    assert len(CASES) >= 450


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_a_statement_is_applied_exactly_when_it_has_run(
    demo_server: EmbeddedServer,
    group: Group,
) -> None:
    with fresh(demo_server, group.before) as dsn:
        for number, sql in enumerate(group.statements):
            if number in group.skip:
                continue
            before = ask(dsn, sql)
            wanted = group.unexecuted.get(number, ["not applied"])
            assert verdicts(before) == wanted, f"not run: {sql}: {reasons(before)}"
            if "concurrently" in sql:
                continue
            with as_if_run(dsn, sql) as database:
                after = applied(database, [("migration.sql", sql)])
            wanted = group.executed.get(number, ["applied"])
            assert verdicts(after) == wanted, f"run: {sql}: {reasons(after)}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_what_ran_is_told_from_what_should_have_run(
    demo_server: EmbeddedServer,
    empty_database: str,
    case: dict[str, object],
) -> None:
    before, ran, migration = (str(case[key]) for key in ("before", "ran", "migration"))
    if CONTROLS.search(f"{before}; {ran}"):
        with fresh(demo_server, before) as dsn:
            if ran:
                run(dsn, ran)
            answer = ask(dsn, migration)
    else:
        with as_if_run(empty_database, f"{before}; {ran}") as database:
            answer = applied(database, [("migration.sql", migration)])
    assert verdicts(answer) == case["verdicts"], reasons(answer)
    assert answer.overall.value == case["overall"]
    said = case.get("says", [])
    assert isinstance(said, list)
    for word in said:
        assert str(word).lower() in reasons(answer).lower()


def test_a_verdict_is_what_carrying_it_out_shows(empty_database: str) -> None:
    """Of some of the corpus; tools/check_verdicts.py holds all of it against what is seen."""
    some = list(oracle.cases())[::30]
    told = {case.name: oracle.difference(case, oracle.seen(empty_database, case)) for case in some}
    wanted = oracle.decided().keys() & told.keys()
    assert {name: difference for name, difference in told.items() if difference}.keys() == wanted


def test_an_oracle_sees_what_a_wrong_verdict_overlooks(empty_database: str) -> None:
    case = oracle.Case("wrong", "create table t (a int)", "", "alter table t add b int", "applied")
    assert "does not hold" in oracle.difference(case, oracle.seen(empty_database, case))


def test_an_index_that_was_built_concurrently_is_applied_and_one_that_failed_is_not(
    demo_server: EmbeddedServer,
) -> None:
    before = "create table t (a int); insert into t values (1), (1); create table u (a int)"
    with fresh(demo_server, before) as dsn:
        with pytest.raises(psycopg.errors.UniqueViolation):
            run(dsn, "create unique index concurrently i on t (a)")
        run(dsn, "create unique index concurrently j on u (a)")
        failed = ask(dsn, "create unique index concurrently i on t (a)")
        built = ask(dsn, "create unique index concurrently j on u (a)")
        again = ask(dsn, "create unique index if not exists i on t (a)")
    assert verdicts(failed) == ["not applied"]
    assert "INVALID" in reasons(failed)
    assert verdicts(again) == ["not applied"]
    assert verdicts(built) == ["applied"]


def test_names_are_names_whatever_they_hold(demo_server: EmbeddedServer) -> None:
    name = '"x""; drop table t; --"'
    sql = f"alter table t add column {name} int; create index {name} on t ({name})"
    with fresh(demo_server, "create table t (a int)") as dsn:
        assert verdicts(ask(dsn, sql)) == ["not applied", "not applied"]
        run(dsn, sql)
        assert verdicts(ask(dsn, sql)) == ["applied", "applied"]


def test_a_script_is_never_run(demo_server: EmbeddedServer) -> None:
    sql = (
        "insert into t values (1); drop table t; select pg_notify('x', 'y'); create table u (a int)"
    )
    with fresh(demo_server, "create table t (a int)") as dsn:
        ask(dsn, sql)
        with psycopg.connect(dsn) as database:
            assert database.execute("select count(*) from t").fetchone() == (0,)
            assert database.execute("select to_regclass('u')").fetchone() == (None,)


def test_a_role_without_rights_on_a_table_still_learns_of_constraints_and_indexes(
    demo_server: EmbeddedServer,
) -> None:
    sql = (
        "alter table t add constraint c check (a > 1 and b in ('x', 'y'));"
        " create index i on t (lower(b)) where a > 2; alter table t alter b set default 'z'"
    )
    with fresh(demo_server, "create table t (a int, b text); revoke all on t from public") as dsn:
        run(dsn, sql)
        run(
            dsn,
            "do $$ begin create role only_connects login; exception when duplicate_object then null; end $$",
        )
        answer = ask(dsn.replace("user=postgres", "user=only_connects"), sql)
    assert verdicts(answer) == ["applied"] * 3, reasons(answer)


def test_how_often_the_server_is_asked_does_not_grow_with_the_schema(
    demo_server: EmbeddedServer,
) -> None:
    asked: list[int] = []
    for tables in (3, 30):
        sql = "".join(
            f"create table t{n} (id int primary key, other int references t{max(n - 1, 0)}, price numeric(10, 2) default {n} + 1,"
            f" state varchar({n + 5}) check (state in ('new', 's{n}')), unique (state, price));"
            f" create index i{n} on t{n} (lower(state)) where price > {n};"
            for n in range(tables)
        )
        with fresh(demo_server, sql) as dsn:
            name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
            run(dsn, f"alter database \"{name}\" set log_statement = 'all'")
            before = demo_server.log_path.stat().st_size
            assert set(verdicts(ask(dsn, sql))) == {"applied"}
            with demo_server.log_path.open("rb") as log:
                log.seek(before)
                said = log.read()
        asked.append(said.count(b"LOG:  statement:") + said.count(b"LOG:  execute"))
    assert asked[0] == asked[1] <= 60
