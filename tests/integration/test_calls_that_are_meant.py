"""Which call a `listen` step means, by its JSON; that none may come; and the calls that no step took."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.cli.summary import render_run
from smoke.model.run import Outcome, Run, StepResult
from smoke.report import html, junit, tap
from tests.integration.test_receivers import call
from tests.support.running import run_text
from tests.support.samples import MemoryEvidence
from tests.support.scripted import Answer, Shop, scripted

CARD = "4242424242424242"
TEXT = """
name: called
steps:
  - {name: Open, receiver: {as: hook}}
  - {name: Order, request: {url: /order, json: {callback: "{{ hook }}"}}, capture: {order: $.id}}
  - name: Called
    listen: {at: "{{ hook }}", json: {$.order: "{{ order }}", $.lines: {at_least: 2}}, within: 5s}
    capture: {ticket: $.ticket}
  - {name: Use, request: "GET /tickets/{{ ticket }}"}
MORE
"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("GET /tickets/t-2", 200, {})
        yield running


def ran(shop: Shop, folder: Path, *calls: object, more: str = "") -> Run:
    """A run of a shop that makes these calls before it answers the order."""

    def order(body: bytes) -> Answer:
        url = json.loads(body)["callback"]
        for each in calls:
            call(f"{url}/confirmed", each)
        return 201, {"Content-Type": "application/json"}, b'{"id": "o-1"}'

    shop.routes["POST /order"] = order
    return run_text(folder, shop.url, TEXT.replace("MORE", more))


def steps(told: Run) -> dict[str, StepResult]:
    return {step.id: step for step in told.scenarios[0].steps}


MEANT = {"order": "o-1", "lines": 2, "ticket": "t-2"}
OTHERS = (
    b"no json",
    b"\xff",
    [1],
    {"order": "o-2", "lines": 2, "ticket": "t-1"},
    {"order": "o-1", "lines": 1},
)


def test_the_call_that_is_meant_is_found_among_others(shop: Shop, tmp_path: Path) -> None:
    told = ran(shop, tmp_path, *OTHERS, MEANT)
    assert told.outcome is Outcome.PASSED, [each.message for each in steps(told).values()]
    assert shop.paths()[-1] == "GET /tickets/t-2"


def test_calls_that_no_step_took_are_told_and_kept_masked(shop: Shop, tmp_path: Path) -> None:
    told = ran(shop, tmp_path, MEANT, {**MEANT, "card": CARD})
    assert told.outcome is Outcome.PASSED
    last = told.scenarios[0].steps[-1]
    assert last.called == "a call came that no step took"
    assert [fact.value for fact in last.facts] == ["POST /confirmed"]
    (exchange,) = last.attempts[0].exchanges
    assert exchange.received
    assert exchange.request.url.endswith("/confirmed")
    kept = b"".join(each.read_bytes() for each in (tmp_path / "runs").rglob("*") if each.is_file())
    assert b"t-2" in kept
    assert CARD.encode() not in kept


def test_they_are_a_note_in_every_report_and_no_success(shop: Shop, tmp_path: Path) -> None:
    run = ran(shop, tmp_path, MEANT, {**MEANT, "card": CARD})
    evidence = MemoryEvidence()
    told = render_run(run, evidence, width=100, color=False, unicode=True, verbose=True)
    assert "📝 a call came that no step took - to look at: POST /confirmed" in told
    assert "2 responses, 2 calls, 0 orders" in told
    plain = render_run(run, evidence, width=100, color=False, unicode=False)
    assert "[note] a call came that no step took - to" in plain
    reports = {}
    for name, write in (("junit", junit.write), ("html", html.write), ("tap", tap.write)):
        out = io.BytesIO()
        write(run, evidence, out)
        reports[name] = out.getvalue().decode()
    case = ET.fromstring(reports["junit"]).findall(".//testcase")[-1]
    assert case.get("name") == "a call came that no step took"
    (skipped,) = case.findall("skipped")
    assert skipped.get("message") == "to look at: POST /confirmed"
    assert (
        'note"><span class="sign">i</span> note</span> <span class="name">a call' in reports["html"]
    )
    assert "no step took # SKIP to look at: POST /confirmed" in reports["tap"]


def test_of_many_calls_the_first_are_kept(shop: Shop, tmp_path: Path) -> None:
    told = ran(shop, tmp_path, MEANT, *[{"n": n} for n in range(25)])
    last = told.scenarios[0].steps[-1]
    assert last.called == "25 calls that no step took"
    assert len(last.attempts) == 20
    assert last.facts[0].value.endswith("(5 of them were not kept)")


def test_nothing_is_told_where_every_call_was_taken(shop: Shop, tmp_path: Path) -> None:
    told = ran(shop, tmp_path, MEANT)
    assert told.scenarios[0].steps[-1].name == "Use"


NOT_AGAIN = '  - {name: Not again, listen: {at: "{{ hook }}", json: {$.order: o-1}, none: true, within: WITHIN}}'


def test_a_call_that_may_not_come_fails_and_is_evidence(shop: Shop, tmp_path: Path) -> None:
    told = ran(shop, tmp_path, MEANT, MEANT, more=NOT_AGAIN.replace("WITHIN", "30s"))
    step = steps(told)["Not again"]
    assert step.outcome is Outcome.FAILED
    assert step.message == "a POST /confirmed came, and none may come"
    assert step.attempts[0].mismatches[0].path == "call"
    assert step.attempts[0].exchanges[0].received


def test_none_that_came_passes_whatever_else_did(shop: Shop, tmp_path: Path) -> None:
    told = ran(shop, tmp_path, MEANT, *OTHERS[:4], more=NOT_AGAIN.replace("WITHIN", "100ms"))
    step = steps(told)["Not again"]
    assert step.outcome is Outcome.PASSED
    assert step.checked == ("a call with the JSON that is asked for did not come within 0.1 s",)
    assert told.outcome is Outcome.PASSED


def test_the_call_that_is_meant_did_not_come(shop: Shop, tmp_path: Path) -> None:
    more = '  - {name: Other, listen: {at: "{{ hook }}", json: {$.order: o-3}, within: 100ms}}'
    told = ran(shop, tmp_path, MEANT, MEANT, more=more)
    step = steps(told)["Other"]
    assert step.outcome is Outcome.FAILED
    assert "with the JSON that is asked for did not come" in step.message
    assert "1 other call came" in step.message
