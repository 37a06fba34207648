"""Checks, enrichment and the search for an order, on the incident's own database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from psycopg import conninfo
from pydantic import ValidationError

from smoke import plugins
from smoke.classify import classify_response
from smoke.database.dsn import read_dsn
from smoke.database.enrich import enrich
from smoke.database.same import Sameness, find_marker, judge_same
from smoke.database.session import connect
from smoke.demo.postgres import EmbeddedServer
from smoke.demo.serve import demo
from smoke.demo.states import State, prepare
from smoke.logs.match import Wanted, find_error
from smoke.logs.readers import read_log
from tests.support.cli import REPOSITORY, smoke
from tests.support.demo import ShopFactory
from tests.support.migrations import fresh
from tests.support.shop_client import Answer, order, post

CONSTRAINT = "h2s_dispatch_jobs_recipient_step_uq"
INDEX = "h2s_dispatch_jobs_order_id_uq"
FIX = REPOSITORY / "scenarios/fixes/0007_one_dispatch_job_per_order.sql"


def place(url: str, **changes: Any) -> Answer:
    return post(url, order(**changes))


def headers(answer: Answer) -> list[tuple[str, str]]:
    return list(answer.headers.items())


def check(dsn: str, kind: str, **spec: Any) -> Any:
    module = plugins.load("checks", kind)
    with connect(read_dsn(dsn, "X")) as database:
        return module.run(module.Spec(**spec), database)


def test_every_check_tells_the_broken_from_the_fixed_database(demo_server: EmbeddedServer) -> None:
    broken = prepare(demo_server, State.BROKEN)["shop"]
    fixed = prepare(demo_server, State.FIXED)["shop"]
    table = "h2s_dispatch_jobs"
    cases: list[tuple[str, dict[str, Any], bool]] = [
        ("constraint-absent", {"name": CONSTRAINT, "table": table}, False),
        ("constraint-present", {"name": CONSTRAINT, "columns": ["recipient_id", "step_id"]}, True),
        ("index-present", {"table": table, "columns": ["order_id"], "unique": True}, False),
        ("migration-applied", {"file": FIX}, False),
        ("rows", {"query": "select 1 as a where exists (select from pg_constraint "
                  f"where conname = '{CONSTRAINT}')", "equals": [{"a": 1}]}, True),
    ]  # fmt: skip
    for kind, spec, on_broken in cases:
        assert check(broken, kind, **spec).ok is on_broken, kind
        assert check(fixed, kind, **spec).ok is not on_broken, kind
        assert check(broken, kind, **spec).message


def test_an_absent_table_is_no_proof_of_an_absent_constraint(demo_server: EmbeddedServer) -> None:
    result = check(
        demo_server.dsn(), "constraint-absent", name=CONSTRAINT, table="h2s_dispatch_jobs"
    )
    assert not result.ok
    assert "right one" in result.message


def test_a_unique_index_is_a_constraint_here(demo_server: EmbeddedServer) -> None:
    with fresh(
        demo_server, "create table t (a int); create unique index uq on t (a) where a > 0"
    ) as dsn:
        assert not check(dsn, "constraint-absent", name="uq", table="t").ok
        assert check(dsn, "constraint-present", name="uq", table="t").ok
        assert not check(dsn, "constraint-present", name="uq", columns=["b"]).ok
        partial = check(dsn, "index-present", table="t", columns=["a"], unique=True)
        assert not partial.ok
        assert "part of the rows" in partial.message
        assert check(dsn, "index-present", table="t", columns=["a"]).ok
        assert not check(dsn, "index-present", table="t", columns=["a"], name="other").ok


@pytest.mark.parametrize(
    "query",
    [
        "delete from t returning a",
        "with gone as (delete from t returning a) select * from gone",
        "select 1; delete from t",
        "select a into u from t",
        "selekt 1",
        "select 1) as x; drop table t; select * from (select 1",
        "select nothing from t",
    ],
)
def test_a_query_that_is_no_plain_read_fails_and_changes_nothing(
    demo_server: EmbeddedServer, query: str
) -> None:
    with fresh(demo_server, "create table t (a int); insert into t values (1)") as dsn:
        assert not check(dsn, "rows", query=query, count=1).ok
        assert check(dsn, "rows", query="select a from t; ", equals=[{"a": 1}]).ok
        assert check(dsn, "rows", query="select a from t where a > 5 -- none", none=True).ok


def test_a_check_of_rows_wants_exactly_one_expectation() -> None:
    spec = plugins.load("checks", "rows").Spec
    for wrong in ({}, {"count": 1, "none": True}, {"count": 1, "colour": "red"}):
        with pytest.raises(ValidationError):
            spec(query="select 1", **wrong)


def test_a_finding_is_enriched_with_the_row_its_order_and_the_state_of_the_fix(
    shop: ShopFactory,
) -> None:
    running = shop("broken")
    order_id = str(place(running.url).json["order"]["id"])
    failed = place(running.url)
    (finding,) = classify_response(failed.status, headers(failed), failed.body)[:1]
    with connect(read_dsn(running.dsn, "X")) as database:
        orders = {"first#1": order_id}
        plain = enrich(database, finding, fix=FIX, orders=orders)
        shown = enrich(database, finding, fix=FIX, orders=orders, show_values=True)
    assert plain.constraint is not None
    assert plain.constraint.found[0].columns == ("recipient_id", "step_id")
    assert plain.collision is not None
    assert plain.collision.count == 1
    assert plain.collision.orders == ("first#1",)
    assert plain.fix is not None
    assert plain.fix.overall.value == "not applied"
    assert order_id not in repr(plain)
    told = "\n".join(shown.lines())
    assert "UNIQUE (recipient_id, step_id)" in told
    assert "made by first#1" in told
    assert "is not applied in this database" in told
    sql = [statement.sql for statement in plain.remedies]
    assert any("DROP CONSTRAINT IF EXISTS" in text for text in sql)
    assert any("CREATE UNIQUE INDEX CONCURRENTLY" in text and "(order_id)" in text for text in sql)
    assert all("lock" in s.purpose or "waits" in s.purpose for s in plain.remedies if s.writes)


def test_the_error_of_a_masked_answer_is_in_the_servers_log(demo_server: EmbeddedServer) -> None:
    with demo("masked", server=demo_server) as running:
        started = datetime.now(UTC)
        place(running.url)
        failed = place(running.url)
        place(running.url)
        finished = datetime.now(UTC)
        assert CONSTRAINT not in failed.body.decode()
        ids = (failed.headers["x-request-id"],)
        entries = read_log(demo_server.log_path.read_text("utf-8"))
    ours = find_error(entries, Wanted(started, finished, ids=ids))
    assert ours.error is not None
    assert (ours.error.sqlstate, ours.error.constraint_name) == ("23505", CONSTRAINT)
    assert ours.error.dialect == "log"
    assert len(ours.entries) == 1
    missing = Wanted(started, finished, ids=("req_0000000000000000",))
    assert find_error(entries, missing).errors == ()


def test_a_marked_order_tells_whether_two_roads_lead_to_one_database(
    shop: ShopFactory, demo_server: EmbeddedServer
) -> None:
    running = shop("fixed")
    staging = prepare(demo_server, State.FIXED)["shop"]
    marker = "smoke-marker-7f3a@example.com"
    answers = {}
    before = {}
    for name, dsn in (("same", running.dsn), ("different", staging)):
        with connect(read_dsn(dsn, "X")) as database:
            before[name] = find_marker(database, marker)
    place(running.url, email=marker)
    for name, dsn in (("same", running.dsn), ("different", staging)):
        with connect(read_dsn(dsn, "X")) as database:
            after = find_marker(database, marker)
            answers[name] = judge_same(before[name], after, placed=True, marker=marker)
    assert answers["same"].verdict is Sameness.SAME
    assert answers["different"].verdict is Sameness.DIFFERENT


def test_each_state_of_the_incident_is_told_by_one_command(
    demo_server: EmbeddedServer, tmp_path: Path
) -> None:
    told = {}
    for state in (State.BROKEN, State.FIXED, State.FIX_NOT_APPLIED, State.WRONG_DATABASE):
        dsns = prepare(demo_server, state)
        done = smoke(["db", "applied", str(FIX)], tmp_path, env={"SMOKE_DSN": dsns["shop"]})
        told[state] = done.stdout
        names = [str(conninfo.conninfo_to_dict(dsn)["dbname"]) for dsn in dsns.values()]
        for dsn in dsns.values():
            demo_server.drop_database(dsn)
        assert done.returncode == (0 if state is State.FIXED else 1), done.stderr
    assert "does not list it" in told[State.BROKEN]
    assert "and its effect is there" in told[State.FIXED]
    assert "but its effect is missing" in told[State.FIX_NOT_APPLIED]
    assert f"is applied in database {names[-1]} " in told[State.WRONG_DATABASE]
