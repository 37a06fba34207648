"""Events as a run tells them, in one line each: their records are filled in as the engine does."""

from __future__ import annotations

from msgspec.structs import replace

from smoke.model import events as e
from smoke.model.asked import Target
from smoke.model.finding import Finding
from smoke.model.run import (
    Attempt,
    Capture,
    Decision,
    Mismatch,
    Outcome,
    PlacedOrder,
    Run,
    ScenarioResult,
    StepResult,
)


def run_started(
    at: str, run_id: str, smoke_version: str = "0", target: Target | None = None, seed: str = ""
) -> e.RunStarted:
    return e.RunStarted(at, Run(run_id, e.SCHEMA, smoke_version, target or Target(), at, seed=seed))


def scenario_started(
    at: str,
    scenario: str,
    summary: str = "",
    source: str = "",
    passed_message: str = "",
    fix: str = "",
) -> e.ScenarioStarted:
    result = ScenarioResult(
        scenario,
        summary,
        source,
        Outcome.UNFINISHED,
        passed_message=passed_message,
        fix=fix,
    )
    return e.ScenarioStarted(at, result)


def step_started(
    at: str,
    scenario: str,
    step: str,
    *,
    teardown: bool = False,
    source: str = "",
    line: int = 0,
) -> e.StepStarted:
    """A step that makes a request."""
    result = StepResult(
        step, step, "request", Outcome.UNFINISHED, teardown=teardown, source=source, line=line
    )
    return e.StepStarted(at, scenario, result)


def order_intended(
    at: str,
    scenario: str,
    step: str,
    key: str,
    exchange_id: str,
    idempotency_key: str = "",
    payload_digest: str = "",
    remove_hint: str = "",
) -> e.OrderIntended:
    order = PlacedOrder(
        key,
        scenario,
        step,
        exchange_id=exchange_id,
        idempotency_key=idempotency_key,
        payload_digest=payload_digest,
        intended_at=at,
        remove_hint=remove_hint,
    )
    return e.OrderIntended(at, order)


def attempt_finished(
    at: str,
    scenario: str,
    step: str,
    number: int,
    mismatches: tuple[Mismatch, ...] = (),
    findings: tuple[Finding, ...] = (),
    decision: Decision | None = None,
    error: str = "",
) -> e.AttemptFinished:
    attempt = Attempt(
        number, mismatches=mismatches, findings=findings, decision=decision, error=error
    )
    return e.AttemptFinished(at, scenario, step, attempt)


def step_finished(
    at: str,
    started: e.StepStarted,
    outcome: Outcome,
    captures: tuple[Capture, ...] = (),
    checked: tuple[str, ...] = (),
    message: str = "",
    *,
    flaky: bool = False,
    seconds: float = 0.0,
) -> e.StepFinished:
    result = replace(
        started.result,
        outcome=outcome,
        captures=captures,
        checked=checked,
        message=message,
        flaky=flaky,
        seconds=seconds,
    )
    return e.StepFinished(at, started.scenario, result)
