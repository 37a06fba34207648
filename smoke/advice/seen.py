"""What the run itself saw around a failed step, by which one cause is more likely than another."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from smoke.model.exchange import Exchange
from smoke.model.finding import Finding
from smoke.model.run import Outcome, Run, ScenarioResult, StepResult

_MOST = 2000
"""Orders whose times are compared; a run with more has shown whether they overlap."""

_ROUNDED = 0.002
"""Seconds: times are kept in milliseconds, so one that follows another may seem to begin before its end."""


class RunEvidence(Struct, frozen=True):
    """Evidence of a run. `fix` is the migration that the scenario names.

    `overlapping` are steps whose orders were under way at the same time as this one, `repeated` says that this order
    was sent more than once (a retry, or the same idempotency key as `before`), `before` is the last order of the
    scenario that had passed.
    """

    fix: str = ""
    overlapping: tuple[str, ...] = ()
    repeated: bool = False
    before: str = ""


def seen_in(run: Run, finding: Finding) -> RunEvidence:
    """What `run` saw around the step of one of its findings."""
    scenario = next((s for s in run.scenarios if s.name == finding.scenario), None)
    if scenario is None:
        return RunEvidence()
    step = next((s for s in scenario.steps if s.id == finding.step), None)
    if step is None:
        return RunEvidence(scenario.fix)
    return RunEvidence(
        scenario.fix,
        _overlapping(run, scenario, step, finding.exchange_id),
        _repeated(run, scenario, step),
        _before(run, scenario, step),
    )


def _overlapping(
    run: Run, scenario: ScenarioResult, step: StepResult, exchange_id: str
) -> tuple[str, ...]:
    """The other orders that were under way while this one was."""
    ordering = {(order.scenario, order.step) for order in run.orders[:_MOST]}
    if (scenario.name, step.id) not in ordering:
        return ()
    ours = next((_span(e) for e in _exchanges(step) if e.id == exchange_id), None)
    if ours is None:
        return ()
    found = []
    for other in run.scenarios:
        for beside in other.steps:
            if beside is step or (other.name, beside.id) not in ordering:
                continue
            spans = [span for e in _exchanges(beside) if (span := _span(e)) is not None]
            if any(start + _ROUNDED < ours[1] and ours[0] + _ROUNDED < end for start, end in spans):
                name = beside.id if other is scenario else f"{other.name}/{beside.id}"
                found.append(name)
    return tuple(found)


def _exchanges(step: StepResult) -> list[Exchange]:
    return [exchange for attempt in step.attempts for exchange in attempt.exchanges]


def _span(exchange: Exchange) -> tuple[float, float] | None:
    try:
        start = datetime.fromisoformat(exchange.started_at).timestamp()
    except ValueError:
        return None
    return start, start + exchange.timing.total


def _repeated(run: Run, scenario: ScenarioResult, step: StepResult) -> bool:
    if len([attempt for attempt in step.attempts if attempt.exchanges]) > 1:
        return True
    ours = {
        order.idempotency_key
        for order in run.orders
        if (order.scenario, order.step) == (scenario.name, step.id) and order.idempotency_key
    }
    return any(
        order.idempotency_key in ours
        for order in run.orders
        if (order.scenario, order.step) != (scenario.name, step.id)
    )


def _before(run: Run, scenario: ScenarioResult, step: StepResult) -> str:
    ordering = {order.step for order in run.orders if order.scenario == scenario.name}
    if step.id not in ordering:
        return ""
    found = ""
    for other in scenario.steps:
        if other.id == step.id:
            break
        if other.id in ordering and other.outcome is Outcome.PASSED:
            found = other.id
    return found
