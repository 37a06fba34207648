"""Advice: for every condition that a checkout meets, an explanation, SQL that works, and commands that are words."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import psycopg
import pytest

from smoke.advice import advise
from smoke.advice.commands import Commands
from smoke.advice.explanations import BY_SQLSTATE, explained
from smoke.advice.seen import RunEvidence
from smoke.classify.read.hiding import HIDINGS
from smoke.classify.sqlstate import CONDITIONS
from smoke.demo.postgres import EmbeddedServer
from smoke.model.asked import Target
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Correlation, Finding, Statement
from smoke.model.run import Run
from tests.support import samples
from tests.support.samples import NASTY

TABLE = 'we"ird t'
CONSTRAINT = 'x\'; DROP TABLE "y"; --'

SCHEMA = """
CREATE TABLE h2s_dispatch_jobs (recipient_id int, step_id text, order_id text,
    CONSTRAINT h2s_dispatch_jobs_recipient_step_uq UNIQUE (recipient_id, step_id));
CREATE TABLE "we""ird t" (a int, CONSTRAINT "x'; DROP TABLE ""y""; --" UNIQUE (a));
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (id int NOT NULL, status text, name varchar(3),
    CONSTRAINT child_fk FOREIGN KEY (id) REFERENCES parent (id),
    CONSTRAINT child_status CHECK (status IN ('new')));
CREATE UNIQUE INDEX child_name_uq ON child (name);
"""


@pytest.fixture
def connection(demo_server: EmbeddedServer) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    dsn = demo_server.create_database("advice")
    try:
        with psycopg.connect(dsn, autocommit=True) as connected:
            connected.execute(SCHEMA)
            yield connected
    finally:
        demo_server.drop_database(dsn)


def rows(
    connection: psycopg.Connection[tuple[object, ...]], statement: Statement
) -> list[tuple[object, ...]]:
    """What a statement answers in a transaction that can only read."""
    with connection.transaction():
        connection.execute("SET TRANSACTION READ ONLY")
        return connection.execute(statement.sql).fetchall()


def finding(**fields: object) -> Finding:
    return Finding("database-error", "x", database_error=DatabaseError(**fields))  # type: ignore[arg-type]  # any field by name


INCIDENT = finding(
    sqlstate="23505",
    schema_name="public",
    table_name="h2s_dispatch_jobs",
    constraint_name="h2s_dispatch_jobs_recipient_step_uq",
    columns=("recipient_id", "step_id"),
)


def test_incident_before_and_after_the_fix(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    advice = advise(INCIDENT)
    by_name, index, database = advice.verify
    assert rows(connection, by_name) == [("h2s_dispatch_jobs_recipient_step_uq", "u")]
    assert rows(connection, index)[0][1] is True
    assert len(rows(connection, database)) == 1
    assert dict(by_name.expect)["still there"] == "one row, contype u"
    connection.execute(advice.remedies[0].sql)
    assert rows(connection, by_name) == []
    assert rows(connection, index) == []
    assert dict(by_name.expect)["gone"] == "no rows, and none below"


def test_incident_query_is_the_one_to_paste() -> None:
    assert advise(INCIDENT).verify[0].sql == (
        "SELECT conname, contype FROM pg_constraint\n"
        "WHERE conrelid = 'public.h2s_dispatch_jobs'::regclass "
        "AND conname = 'h2s_dispatch_jobs_recipient_step_uq';"
    )


def test_wrong_database_is_an_error_and_never_looks_gone(demo_server: EmbeddedServer) -> None:
    with (
        psycopg.connect(demo_server.dsn(), autocommit=True) as other,
        pytest.raises(psycopg.errors.UndefinedTable) as caught,
    ):
        rows(other, advise(INCIDENT).verify[0])
    assert f"error {caught.value.sqlstate}" in dict(advise(INCIDENT).verify[0].expect)


def test_unique_index_without_a_constraint(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    advice = advise(finding(sqlstate="23505", table_name="child", constraint_name="child_name_uq"))
    rule = rows(connection, advice.verify[0])
    assert [row[:4] for row in rule] == [("public", "child", "child_name_uq", None)]
    connection.execute(advice.remedies[1].sql)
    assert rows(connection, advice.verify[0]) == [("public", "child", None, None, None)]


def test_a_unique_rule_of_no_table_that_is_named_may_be_an_index_alone(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    def asked(constraint: str) -> list[tuple[object, ...]]:
        found = finding(sqlstate="23505", constraint_name=constraint)
        return [row[:4] for row in rows(connection, advise(found).verify[0])]

    assert asked("child_name_uq") == [("public", "child", "child_name_uq", None)]
    assert asked("parent_pkey") == [("public", "parent", "parent_pkey", "p")]
    connection.execute("DROP INDEX child_name_uq")
    assert asked("child_name_uq") == []


def test_hostile_names_stay_names(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    advice = advise(finding(sqlstate="23505", table_name=TABLE, constraint_name=CONSTRAINT))
    rule = rows(connection, advice.verify[0])
    assert [row[:4] for row in rule] == [("public", TABLE, CONSTRAINT, "u")]
    connection.execute(advice.remedies[0].sql)
    assert rows(connection, advice.verify[0]) == [("public", TABLE, None, None, None)]
    assert shlex.split(advice.next[1]) == ["smoke", "db", "constraint", CONSTRAINT]


KNOWN = {
    "23505": {
        "table_name": "h2s_dispatch_jobs",
        "constraint_name": "h2s_dispatch_jobs_recipient_step_uq",
    },
    "23503": {"table_name": "child", "constraint_name": "child_fk"},
    "23001": {"table_name": "child", "constraint_name": "child_fk"},
    "23514": {"table_name": "child", "constraint_name": "child_status"},
    "23P01": {"table_name": "child", "constraint_name": "child_status"},
    "23502": {"table_name": "child", "column_name": "id"},
    "42P01": {"table_name": "child"},
    "42703": {"table_name": "child", "column_name": "status"},
    "42501": {"table_name": "child"},
    "22001": {"table_name": "child"},
    "22003": {"table_name": "child"},
    "22P02": {"table_name": "child"},
    "P0001": {"table_name": "child"},
}


@pytest.mark.parametrize("sqlstate", sorted({*BY_SQLSTATE, *KNOWN}))
@pytest.mark.parametrize("named", [True, False])
def test_every_statement_that_verifies_runs_and_only_reads(
    connection: psycopg.Connection[tuple[object, ...]], sqlstate: str, named: bool
) -> None:
    names = KNOWN.get(sqlstate, {}) if named else {}
    advice = advise(finding(sqlstate=sqlstate, **names))
    for statement in advice.verify:
        assert not statement.writes
        rows(connection, statement)
    assert all(statement.writes for statement in advice.remedies)
    if named and sqlstate in KNOWN:
        assert advice.verify


def test_not_null_column(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    advice = advise(finding(sqlstate="23502", table_name="child", column_name="id"))
    assert rows(connection, advice.verify[0]) == [("public", "id", True, False, False)]
    connection.execute(advice.remedies[0].sql)
    assert rows(connection, advice.verify[0]) == [("public", "id", False, False, False)]


@pytest.mark.parametrize("sqlstate", sorted(CONDITIONS))
def test_every_sqlstate_is_explained_or_says_nothing_false(sqlstate: str) -> None:
    advice = advise(finding(sqlstate=sqlstate))
    assert ("There is no advice" in advice.explanation) is not explained(sqlstate)
    assert len(advice.explanation) > 20
    assert advice.next[-1] == f"smoke explain {sqlstate}"


def test_unknown_code_and_no_code_say_so() -> None:
    assert "no advice for SQLSTATE H2S01" in advise(finding(sqlstate="H2S01")).explanation
    bare = advise(finding(constraint_name="x"))
    assert "names no SQLSTATE" in bare.explanation
    assert "conname = 'x'" in bare.verify[0].sql


def test_a_condition_name_alone_is_enough_where_it_means_one_code() -> None:
    assert advise(finding(condition_name="unique_violation", constraint_name="x")) == advise(
        finding(sqlstate="23505", constraint_name="x")
    )


def test_deleting_a_parent_is_told_from_a_missing_one() -> None:
    missing = advise(finding(sqlstate="23503", table_name="a")).explanation
    deleting = advise(
        finding(sqlstate="23503", table_name="a", message_primary='update or delete on table "a" …')
    ).explanation
    assert "is not there" in missing
    assert "still refer to" in deleting


def test_fix_of_the_scenario_is_named() -> None:
    seen = RunEvidence(fix="fixes/7.sql")
    assert "fixes/7.sql" in advise(INCIDENT, seen=seen).explanation
    assert "fixes/7.sql" not in advise(finding(sqlstate="40P01"), seen=seen).explanation


def test_hidden_error_says_so_and_where_to_look() -> None:
    hidden = samples.hidden().run.findings[0]
    explanation = advise(hidden).explanation
    assert "does not reveal the error" in explanation
    assert "general message" in explanation
    assert "request_id req_7f3a" in explanation
    assert advise(hidden).verify == ()
    bare = advise(Finding("something-new", "x"))
    assert "No database error is readable" in bare.explanation


@pytest.mark.parametrize("hiding", sorted(HIDINGS))
def test_every_way_of_hiding_is_explained(hiding: str) -> None:
    explanation = advise(Finding("error-hidden", "x", hiding=hiding)).explanation
    assert "does not reveal" in explanation
    assert f"({hiding})" not in explanation
    assert (
        "(something new)"
        in advise(Finding("error-hidden", "x", hiding="something new")).explanation
    )


@pytest.mark.parametrize(
    "code", ["auth-wall", "database-unreachable", "not-postgres", "server-error"]
)
def test_findings_without_a_database_error_of_ours(code: str) -> None:
    advice = advise(Finding(code, "x"))
    assert "readable" not in advice.explanation
    assert advice.verify == ()
    assert advice.next == ("smoke show --body", f"smoke explain {code}")


def test_commands_are_words_of_a_shell() -> None:
    run = Run("20261123-1", 1, "1", Target(), "")
    hostile = Finding(
        "x",
        "x",
        step="Order 2'; touch /tmp/owned; '",
        correlations=(Correlation("a", NASTY),),
        database_error=DatabaseError(sqlstate="23505", constraint_name="$(reboot)"),
    )
    advice = advise(hostile, commands=Commands(run))
    assert [shlex.split(command) for command in advice.next] == [
        ["smoke", "show", "20261123-1", "Order 2'; touch /tmp/owned; '", "--body"],
        ["smoke", "db", "constraint", "$(reboot)"],
        ["smoke", "explain", "23505"],
    ]


def test_a_name_that_cannot_be_one_is_not_put_into_sql() -> None:
    advice = advise(finding(sqlstate="23505", table_name="t" * 64, constraint_name="c" * 5000))
    assert advice.verify == ()
    assert advice.remedies == ()
