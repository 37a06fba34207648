"""The verdict of a step, case by case: no green, and no failure, that is not true."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smoke.diagnostic import Span
from smoke.engine.verdict import Ordering, VerdictInput, verdict
from smoke.model.exchange import (
    Delivery,
    ErrorKind,
    Phase,
    RawExchange,
    RawResponse,
    Request,
    TransportError,
)
from smoke.model.finding import Finding, Severity
from smoke.model.run import Mismatch, Outcome
from smoke.scenario.expectations import Expect
from smoke.scenario.model import PlaceOrder, Step

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WRONG = Mismatch("status", 201, 500, "expected 201, got 500")
OWN = Mismatch("json $.a", 1, 2, "no such name", own=True, source="a.yaml", line=3, column=5)
NOWHERE = Mismatch("json $.a", 1, 2, "no such name", own=True)
LOST = Mismatch("capture.csrf", "", "", "nothing is there")
FOUND = Finding("server-error", "the server failed")
NOTE = Finding("slow", "it is slow", severity=Severity.NOTE)


def error(kind: ErrorKind) -> TransportError:
    return TransportError(kind, Phase.WAIT, Delivery.SENT, f"it is {kind.value}")


def judged(
    status: int | None = 500,
    *mismatches: Mismatch,
    findings: tuple[Finding, ...] = (),
    broke: ErrorKind | None = None,
    passed: bool = False,
    wall: str = "",
    retry_after: str = "",
) -> VerdictInput:
    headers = ((b"X-A", b"b"), (b"Retry-After", retry_after.encode())) if retry_after else ()
    final = RawExchange(
        "1",
        Request("POST", "https://shop.example/orders"),
        None if status is None else RawResponse(status, headers=headers),
        error(broke) if broke else None,
    )
    return VerdictInput(final, mismatches, findings, passed, wall)


ASKED = "rate limited: 429 asks to wait for 7 s (Retry-After)"
CASES: list[tuple[VerdictInput, Outcome, str]] = [
    (judged(201, passed=True), Outcome.PASSED, ""),
    (judged(None), Outcome.ERRORED, "no answer"),
    (judged(None, broke=ErrorKind.RESET), Outcome.ERRORED, "it is reset"),
    (judged(401, WRONG, wall="Access answered"), Outcome.ERRORED, "Access answered"),
    (judged(200, broke=ErrorKind.NOT_KEPT), Outcome.ERRORED, "it is not-kept"),
    (judged(200, WRONG, broke=ErrorKind.NOT_KEPT), Outcome.FAILED, "status: expected 201, got 500"),
    (judged(429, WRONG, retry_after="7"), Outcome.ERRORED, ASKED),
    (
        judged(429, WRONG),
        Outcome.ERRORED,
        "rate limited: 429 asks to wait without saying for how long",
    ),
    (judged(429, WRONG, findings=(FOUND,)), Outcome.FAILED, "the server failed"),
    (judged(200, OWN), Outcome.ERRORED, "json $.a: no such name (a.yaml:3:5)"),
    (judged(200, NOWHERE), Outcome.ERRORED, "json $.a: no such name"),
    (judged(200, OWN, WRONG), Outcome.FAILED, "json $.a: no such name"),
    (judged(200, OWN, findings=(FOUND,)), Outcome.FAILED, "the server failed"),
    (judged(200, OWN, findings=(NOTE,)), Outcome.ERRORED, "json $.a: no such name (a.yaml:3:5)"),
    (judged(500, WRONG), Outcome.FAILED, "status: expected 201, got 500"),
    (judged(200, LOST), Outcome.FAILED, "capture csrf took nothing: nothing is there"),
]


@pytest.mark.parametrize(("given", "outcome", "why"), CASES)
def test_the_verdict_of_an_answer(given: VerdictInput, outcome: Outcome, why: str) -> None:
    found, reason = verdict(given, Expect.model_validate({}), NOW)
    assert found is outcome
    assert reason.partition(".")[0] == why if "rate limited" in why else reason == why


def test_a_429_that_is_expected_is_judged_as_any_answer() -> None:
    expect = Expect.model_validate({"status": 429})
    assert verdict(judged(429, WRONG), expect, NOW)[0] is Outcome.FAILED


def step(name: str, *children: Step, status: tuple[int | str, ...] | None = None) -> Step:
    places = None if children else PlaceOrder(None, None)
    expect = Expect.model_validate({} if status is None else {"status": list(status)})
    return Step(
        name, name, "request", None, Span("a"), expect, places_order=places,
        children=children, path=(name,),
    )  # fmt: skip


def test_an_order_or_one_that_may_exist_answers_the_question() -> None:
    ordering = Ordering([step("A"), step("B")])
    ordering.carried_out(step("A"), 500, ordered=True)
    assert ordering.why_none() == ""


def test_without_any_each_step_says_why_and_many_are_counted() -> None:
    steps = [step(name) for name in "ABCDEFG"]
    ordering = Ordering([step("group", *steps)])
    ordering.carried_out(step("group", step("A")), 200, ordered=True)  # it places none itself
    ordering.carried_out(steps[0], 409, ordered=False)
    ordering.skipped(step("some", steps[0], steps[1]), "no stock")
    told = ordering.why_none()
    assert told.startswith(
        "no order was placed: 'A' was refused (status 409); 'B' was skipped: no stock; 'C' was not reached; "
    )
    assert ", and 2 more. `may_place_none: true`" in told


def test_a_refusal_that_is_expected_is_no_missing_order() -> None:
    refused = step("A", status=("4xx", 422))
    ordering = Ordering([refused])
    ordering.carried_out(refused, 422, ordered=False)
    assert ordering.why_none() == ""
    either = step("A", status=(201, 409))
    ordering = Ordering([either])
    ordering.carried_out(either, 409, ordered=False)
    assert "was refused (status 409)" in ordering.why_none()
    assert Ordering([]).why_none() == ""
