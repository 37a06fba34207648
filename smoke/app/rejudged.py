"""What a stored run comes to when its findings are others than they were: pure.

What was found decides anew. What was expected does not: a stored answer is masked, so its mismatches stay as they
were judged then. What was not carried out then is not known now either.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from smoke.model.exchange import ErrorKind, Exchange
from smoke.model.finding import Finding, Severity
from smoke.model.run import (
    Attempt,
    OrderState,
    Outcome,
    PlacedOrder,
    Run,
    ScenarioResult,
    StepResult,
)
from smoke.model.semantics import TOO_MANY_REQUESTS
from smoke.scenario.values import status_matches

WALL = "auth-wall"
_LOWEST_ERROR = 500
_NO_DATABASE_ERROR = "no database error"
"""How a step says in `checked` that it expects none (smoke.scenario.expect)."""


def weighed(
    finding: Finding, exchange: Exchange, attempt: Attempt, step: StepResult, *, orders: bool
) -> Finding:
    """The finding as the scenario weighed it then: one that it allows is a note.

    What it allows is known from what was checked, and from what was not held against the answer. `orders`: the step
    was to place an order.
    """
    status = exchange.response.status if exchange.response is not None else 0
    if finding.severity is not Severity.ERROR or not step.checked:
        return finding
    named = status_matches(_statuses(step.checked), status)
    if finding.code == WALL:
        allowed = named and not (status < 400 and orders)
    elif finding.database_error is not None:
        allowed = _NO_DATABASE_ERROR not in step.checked
    else:
        held = any(mismatch.path == "status" for mismatch in attempt.mismatches)
        allowed = named or (status >= _LOWEST_ERROR and not held)
    return dataclasses.replace(finding, severity=Severity.NOTE) if allowed else finding


def _statuses(checked: Sequence[str]) -> tuple[str, ...]:
    first = checked[0]
    return tuple(first.removeprefix("status ").split(" or ")) if first.startswith("status ") else ()


def again(
    run: Run, found: Callable[[ScenarioResult, StepResult, Attempt], tuple[Finding, ...]]
) -> Run:
    """The run with other findings, and the outcomes that they make."""
    scenarios = tuple(_scenario(scenario, run.orders, found) for scenario in run.scenarios)
    return replace(run, scenarios=scenarios, outcome=_of_run(run, scenarios))


def _scenario(
    scenario: ScenarioResult,
    orders: Sequence[PlacedOrder],
    found: Callable[[ScenarioResult, StepResult, Attempt], tuple[Finding, ...]],
) -> ScenarioResult:
    steps = []
    for step in scenario.steps:
        attempts = tuple(
            replace(attempt, findings=found(scenario, step, attempt)) for attempt in step.attempts
        )
        steps.append(_judged(step, replace(step, attempts=attempts)))
    if [step.outcome for step in steps] == [step.outcome for step in scenario.steps]:
        return replace(scenario, steps=tuple(steps))
    outcome = _worst([step.outcome for step in steps])
    then = _worst([step.outcome for step in scenario.steps])
    message = scenario.message if scenario.outcome.rank > then.rank else ""
    if message:  # it was cut short, or ordered nothing: that is so still
        outcome = max((outcome, scenario.outcome), key=lambda each: each.rank)
    unproven = _unproven(scenario, steps, orders)
    if unproven:
        message = message or unproven
        outcome = max((Outcome.ERRORED, outcome), key=lambda each: each.rank)
    return replace(scenario, steps=tuple(steps), outcome=outcome, message=message)


def _judged(then: StepResult, now: StepResult) -> StepResult:
    """The step with the outcome that its last attempt makes now."""
    ended = then.outcome is Outcome.PASSED or then.outcome.stops
    if not ended or not now.attempts:
        return now
    last = now.attempts[-1]
    serious = _serious(last)
    if bool(serious) == bool(_serious(then.attempts[-1])):
        title = _serious(then.attempts[-1])[0].title if serious else ""
        if serious and then.message == title:
            return replace(now, message=serious[0].title)
        return now
    if serious:
        outcome = Outcome.ERRORED if serious[0].code == WALL else Outcome.FAILED
        return replace(now, outcome=outcome, message=serious[0].title)
    outcome, message = _without_findings(last, then)
    return replace(now, outcome=outcome, message=message)


def _without_findings(last: Attempt, then: StepResult) -> tuple[Outcome, str]:
    """What an attempt comes to that only its expectations speak against, if anything does."""
    exchange = last.exchanges[-1] if last.exchanges else None
    response = exchange.response if exchange is not None else None
    if exchange is None or response is None:
        return then.outcome, then.message
    if last.mismatches:
        first = last.mismatches[0]
        own = all(mismatch.own for mismatch in last.mismatches)
        limited = response.status == TOO_MANY_REQUESTS
        outcome = Outcome.ERRORED if own or limited else Outcome.FAILED
        return outcome, f"{first.path}: {first.message}"
    if exchange.error is not None and exchange.error.kind is ErrorKind.NOT_KEPT:
        return Outcome.ERRORED, exchange.error.message
    return Outcome.PASSED, ""


def _serious(attempt: Attempt) -> list[Finding]:
    return [finding for finding in attempt.findings if finding.severity is Severity.ERROR]


def _unproven(
    scenario: ScenarioResult, steps: Sequence[StepResult], orders: Sequence[PlacedOrder]
) -> str:
    """Why a scenario, a step of which passes now, has no verdict; empty when it has one."""
    for place, (then, now) in enumerate(zip(scenario.steps, steps, strict=True)):
        if now.outcome is not Outcome.PASSED or then.outcome is Outcome.PASSED or now.teardown:
            continue
        behind = [step for step in steps[place + 1 :] if not (step.teardown or step.is_note)]
        if now.rounds or any(step.outcome is Outcome.SKIPPED for step in behind):
            return f"'{now.called}' passes now: what comes behind it was not carried out then"
        if any(
            order.step == now.id
            and order.scenario == scenario.name
            and order.state is not OrderState.PLACED
            for order in orders
        ):
            return f"'{now.called}' passes now, but it is not known whether it placed its order"
    return ""


def _of_run(run: Run, scenarios: Sequence[ScenarioResult]) -> Outcome:
    then = _worst([scenario.outcome for scenario in run.scenarios])
    now = _worst([scenario.outcome for scenario in scenarios])
    if now is then or not scenarios:
        return run.outcome
    if run.outcome.rank > then.rank:  # for another reason: it did not end, passed too late …
        return max((run.outcome, now), key=lambda each: each.rank)
    return now


def _worst(outcomes: Sequence[Outcome]) -> Outcome:
    return max(outcomes, key=lambda outcome: outcome.rank, default=Outcome.SKIPPED)
