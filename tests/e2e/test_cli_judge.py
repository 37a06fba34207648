"""`smoke judge`: a stored run is evaluated again with today's rules, logs and database; nothing is sent or changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace as dc_replace
from pathlib import Path

import pytest
from msgspec.structs import replace

import smoke as library
from smoke.model.events import (
    AttemptFinished,
    Event,
    ExchangeRecorded,
    RunFinished,
    ScenarioFinished,
    StepFinished,
)
from smoke.model.finding import Finding
from smoke.model.run import Outcome
from smoke.store import RunFolder, resolve
from smoke.store.folder import EVENTS, SMALL
from smoke.store.journal import line_of
from tests.support.cli import smoke
from tests.support.demo import ShopFactory
from tests.support.scripted import Shop, scripted

UNIQUE = {
    "error": 'duplicate key value violates unique constraint "jobs_uq"',
    "code": "23505",
}
HIDDEN = Finding(
    "error-hidden",
    "the response fails and does not show the database's error",
    hiding="generic-page",
)
FALSE_ALARM = Finding("unique-violation", "unique_violation (SQLSTATE 23505)")
ORDER = """
name: order
summary: An order.
steps:
  - name: Order
    request: {url: /orders, json: {}}
    places_order: {id: {json: $.id, optional: true}}
    expect: EXPECT
  - {name: Look, request: GET /orders, expect: {status: 200}}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/orders/{{ item.id }}"}
    removes_order: "{{ item.key }}"
"""
RUNS = Path(".smoke") / "runs"


@pytest.fixture
def server() -> Iterator[Shop]:
    with scripted() as running:
        running.on("GET /orders")
        running.on("DELETE /orders/A-1")
        yield running


def ran(folder: Path, server: Shop, expect: str = "{status: 201}") -> Path:
    """The folder of the run of an order."""
    (folder / "order.yaml").write_text(ORDER.replace("EXPECT", expect), encoding="utf-8")
    smoke(["run", "order.yaml", "--url", server.url], folder)
    return resolve(folder / RUNS).folder


Change = Callable[[Event], Event]


def judged_then(run: Path, change: Change) -> None:
    """The run as another version would have written it: `change` is given each event of it."""
    events = [change(event) for event in RunFolder.open(run).events()]
    (run / EVENTS).write_bytes(b"".join(line_of(event) for event in events))


def found(*findings: Finding, outcome: Outcome | None = None) -> Change:
    """What makes the step `Order` have had these findings, and the outcome."""
    exchange_id = ""

    def change(event: Event) -> Event:
        nonlocal exchange_id
        if isinstance(event, ExchangeRecorded) and event.step == "Order":
            exchange_id = event.exchange.id
        elif isinstance(event, AttemptFinished) and event.step == "Order":
            made = (
                dc_replace(
                    finding, scenario="order", step="Order", attempt=1, exchange_id=exchange_id
                )
                for finding in findings
            )
            return replace(event, attempt=replace(event.attempt, findings=tuple(made)))
        elif outcome is not None and isinstance(event, RunFinished):
            return replace(event, outcome=outcome)
        elif outcome is not None and (
            isinstance(event, ScenarioFinished)
            or (isinstance(event, StepFinished) and event.step == "Order")
        ):
            return replace(event, result=replace(event.result, outcome=outcome))
        return event

    return change


def digest(run: Path) -> dict[str, str]:
    return {
        str(path.relative_to(run)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(run.rglob("*"))
        if path.is_file()
    }


def flat(text: str) -> str:
    return " ".join(text.split())


def test_an_answer_that_was_not_understood_then_is_named_now(server: Shop, tmp_path: Path) -> None:
    server.on("POST /orders", 500, UNIQUE)
    run = ran(tmp_path, server)
    judged_then(run, found(HIDDEN))
    before, seen = digest(run), len(server.seen)
    done = smoke(["judge", "latest"], tmp_path, env={"COLUMNS": "200"})
    assert done.returncode == 1, done.stderr
    said = flat(done.stdout)
    assert "then error-hidden: the response fails and does not show the database's error" in said
    assert "now unique-violation: unique_violation (SQLSTATE 23505) by jobs_uq" in said
    assert "Order FAILED - unique_violation (SQLSTATE 23505) by jobs_uq" in said
    assert "status: expected 201, got 500" in said  # as it was judged then
    assert len(server.seen) == seen
    assert digest(run) == before


@pytest.mark.parametrize("word", ["latest", "last", "id", "folder"])
def test_a_run_is_named_as_elsewhere(server: Shop, tmp_path: Path, word: str) -> None:
    server.on("POST /orders", 500, UNIQUE)
    run = ran(tmp_path, server)
    name = {"latest": "latest", "last": "last", "id": run.name[:12], "folder": str(run)}[word]
    done = smoke(["judge", name], tmp_path)
    assert done.returncode == 1
    assert "nothing: every answer shows what it showed then" in done.stdout


def test_json_tells_both_sides_and_the_whole_report(server: Shop, tmp_path: Path) -> None:
    server.on("POST /orders", 500, UNIQUE)
    judged_then(ran(tmp_path, server), found(HIDDEN))
    done = smoke(["judge", "--json", "--report", "junit=now.xml"], tmp_path)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    (change,) = told["changes"]
    assert (change["scenario"], change["step"], change["attempt"]) == ("order", "Order", 1)
    assert [item["code"] for item in change["then"]] == ["error-hidden"]
    assert [(item["code"], item["sqlstate"], item["constraint"]) for item in change["now"]] == [
        ("unique-violation", "23505", "jobs_uq")
    ]
    assert told["now"]["exit_status"] == 1
    assert told["report"]["findings"][0]["database_error"]["sqlstate"] == "23505"
    assert "jobs_uq" in (tmp_path / "now.xml").read_text()


def test_a_green_run_with_an_error_in_it_is_red_now(server: Shop, tmp_path: Path) -> None:
    server.on("POST /orders", 200, {"id": "A-1", "warning": UNIQUE})
    run = ran(tmp_path, server, "{status: 200}")
    judged_then(run, found(outcome=Outcome.PASSED))
    assert resolve(tmp_path / RUNS).run().outcome is Outcome.PASSED
    done = smoke(["judge", "latest"], tmp_path)
    assert done.returncode == 1
    assert "then no finding" in flat(done.stdout)
    assert "SQLSTATE 23505" in done.stdout


@pytest.mark.parametrize(
    "expect", ["{status: 500}", "{server_error: allowed, database_error: allowed}"]
)
def test_what_the_scenario_allows_is_allowed_now_too(
    server: Shop, tmp_path: Path, expect: str
) -> None:
    server.on("POST /orders", 500, {"id": "A-1", "error": "Internal Server Error"})
    run = ran(tmp_path, server, expect)
    assert resolve(tmp_path / RUNS).run().outcome is Outcome.PASSED, flat(str(run))
    judged_then(run, found())
    assert smoke(["judge", "latest"], tmp_path).returncode == 0


def test_a_false_alarm_does_not_make_green_what_was_not_carried_out(
    server: Shop, tmp_path: Path
) -> None:
    server.on("POST /orders", 201, {"id": "A-1"})
    run = ran(tmp_path, server)

    def change(event: Event) -> Event:
        if isinstance(event, StepFinished) and event.step == "Look":
            why = "step 'Order' did not pass"
            return replace(
                event, result=replace(event.result, outcome=Outcome.SKIPPED, message=why)
            )
        return alarm(event)

    alarm = found(FALSE_ALARM, outcome=Outcome.FAILED)
    judged_then(run, change)
    done = smoke(["judge"], tmp_path)
    assert done.returncode == 3
    said = flat(done.stdout)
    assert "now no finding" in said
    assert "what comes behind it was not carried out then" in said


def test_a_false_alarm_at_the_last_step_is_green_now(server: Shop, tmp_path: Path) -> None:
    server.on("POST /orders", 201, {"id": "A-1"})
    judged_then(ran(tmp_path, server), found(FALSE_ALARM, outcome=Outcome.FAILED))
    assert smoke(["judge"], tmp_path).returncode == 0


@pytest.mark.parametrize("size", [0, SMALL])
def test_an_answer_that_was_changed_is_not_judged_and_that_is_no_verdict(
    server: Shop, tmp_path: Path, size: int
) -> None:
    server.on("POST /orders", 201, {"id": "A-1", "note": "x" * size})
    run = ran(tmp_path, server)

    def changed(event: Event) -> Event:
        if isinstance(event, ExchangeRecorded) and event.step == "Order":
            assert event.exchange.response is not None
            body = replace(event.exchange.response.body, text='{"id": "B-1"}')
            response = replace(event.exchange.response, body=body)
            return replace(event, exchange=replace(event.exchange, response=response))
        return event

    if size:
        (body,) = run.rglob("order-order*response.body")
        body.write_bytes(b'{"id": "B-1"}')
    else:
        judged_then(run, changed)
    assert smoke(["verify"], tmp_path).returncode == 1
    done = smoke(["judge", "latest"], tmp_path)
    assert done.returncode == 3
    assert "is not judged again, its evidence was changed" in flat(done.stdout)


def test_a_log_and_a_database_of_today_tell_what_the_answer_hides(
    shop: ShopFactory, tmp_path: Path
) -> None:
    running = shop("masked")
    smoke(["run", "repeat-customer", "--url", running.url], tmp_path)
    run = resolve(tmp_path / RUNS).folder
    before, stats = digest(run), running.stats()
    log = ["--log", str(running.log_path)]
    done = smoke(
        ["judge", *log, "--dsn-env", "OF_THE_SHOP"], tmp_path, env={"OF_THE_SHOP": running.dsn}
    )
    said = flat(done.stdout)
    assert done.returncode == 1, done.stderr
    assert "then error-hidden" in said
    assert (
        "now unique-violation: unique_violation (SQLSTATE 23505) by h2s_dispatch_jobs_recipient_step_uq"
        in said
    )
    assert "by request id" in said
    assert "asked through OF_THE_SHOP" in said
    assert digest(run) == before
    assert running.stats() == stats


def test_what_a_log_told_then_stays_told_without_it(shop: ShopFactory, tmp_path: Path) -> None:
    running = shop("masked")
    log = str(running.log_path)
    smoke(["run", "repeat-customer", "--url", running.url, "--postgres-log", log], tmp_path)
    done = smoke(["judge"], tmp_path)
    assert done.returncode == 1
    assert "nothing: every answer shows what it showed then" in done.stdout
    assert "SQLSTATE 23505" in done.stdout


def test_the_library_judges_too(server: Shop, tmp_path: Path) -> None:
    server.on("POST /orders", 500, UNIQUE)
    run = ran(tmp_path, server)
    judged_then(run, found(HIDDEN))
    shutil.move(run, tmp_path / "elsewhere")
    judged = library.judge(tmp_path / "elsewhere", environ={})
    assert judged.then.findings[0].database_error is None
    error = judged.run.findings[0].database_error
    assert error is not None
    assert error.constraint_name == "jobs_uq"
    (change,) = judged.changes
    assert change.called == "Order"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "there is no run 'nonsense'"),
        (["--log", ""], "--log is empty"),
        (["--log", "no-such.log"], "no-such.log"),
        (["--dsn-env", "UNSET_VARIABLE"], "UNSET_VARIABLE"),
    ],
)
def test_bad_input_is_told(server: Shop, tmp_path: Path, arguments: list[str], said: str) -> None:
    server.on("POST /orders", 500, UNIQUE)
    ran(tmp_path, server)
    done = smoke(["judge", *arguments], tmp_path)
    assert done.returncode == 2
    assert said in flat(done.stderr)
    assert "Traceback" not in done.stderr
