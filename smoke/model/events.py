"""The facts of a run in the order they happened, and `fold`, which makes a Run of them.

Any prefix of a run's events folds to a valid Run: what had not finished by then is `unfinished`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from smoke.model.exchange import Exchange
from smoke.model.finding import Finding
from smoke.model.run import (
    Attempt,
    Capture,
    Decision,
    Mismatch,
    OrderState,
    Outcome,
    PlacedOrder,
    Removal,
    Run,
    ScenarioResult,
    StepResult,
    Target,
)

SCHEMA = 1
"""Version of the event and run format; it grows by additions, and changes when a reader must change."""


class RunStarted(Struct, frozen=True):
    """The first event. `at` is the wall time in UTC (ISO 8601), here and in every event."""

    at: str
    run_id: str
    smoke_version: str
    target: Target
    seed: str = ""
    schema: int = SCHEMA
    warnings: tuple[str, ...] = ()


class TargetReady(Struct, frozen=True):
    """The target answered as expected (or `ready` is false: it did not in time)."""

    at: str
    ready: bool
    message: str
    version: str = ""
    exchange: Exchange | None = None


class ScenarioStarted(Struct, frozen=True):
    at: str
    scenario: str
    summary: str = ""
    source: str = ""
    passed_message: str = ""
    fix: str = ""


class StepStarted(Struct, frozen=True):
    at: str
    scenario: str
    step: str
    name: str
    kind: str
    teardown: bool = False
    source: str = ""
    line: int = 0


class OrderIntended(Struct, frozen=True):
    """Written and fsynced before the request leaves."""

    at: str
    scenario: str
    step: str
    key: str
    exchange_id: str
    idempotency_key: str = ""
    payload_digest: str = ""
    remove_hint: str = ""


class ExchangeRecorded(Struct, frozen=True):
    """An exchange is complete and its bodies are in the run folder."""

    at: str
    scenario: str
    step: str
    attempt: int
    exchange: Exchange


class OrderSettled(Struct, frozen=True):
    """What became of an intended order."""

    at: str
    key: str
    state: OrderState
    order_id: str = ""
    exchange_id: str = ""
    remove_hint: str = ""


class AttemptFinished(Struct, frozen=True):
    at: str
    scenario: str
    step: str
    number: int
    mismatches: tuple[Mismatch, ...] = ()
    findings: tuple[Finding, ...] = ()
    decision: Decision | None = None
    error: str = ""


class FindingsExamined(Struct, frozen=True):
    """What a server's log and the database added to the findings of an attempt: these stand in their place."""

    at: str
    scenario: str
    step: str
    number: int
    findings: tuple[Finding, ...] = ()


class StepFinished(Struct, frozen=True):
    at: str
    scenario: str
    step: str
    outcome: Outcome
    captures: tuple[Capture, ...] = ()
    checked: tuple[str, ...] = ()
    message: str = ""
    flaky: bool = False
    seconds: float = 0.0


class OrderRemoved(Struct, frozen=True):
    """An attempt to remove an order ended: by teardown or by `smoke teardown`."""

    at: str
    key: str
    removed: Removal
    note: str = ""


class ScenarioFinished(Struct, frozen=True):
    at: str
    scenario: str
    outcome: Outcome
    message: str = ""
    seconds: float = 0.0


class RunFinished(Struct, frozen=True):
    at: str
    outcome: Outcome
    interrupted_by: str = ""
    problems: tuple[str, ...] = ()
    seconds: float = 0.0


Event: TypeAlias = (
    RunStarted
    | TargetReady
    | ScenarioStarted
    | StepStarted
    | OrderIntended
    | ExchangeRecorded
    | OrderSettled
    | AttemptFinished
    | FindingsExamined
    | StepFinished
    | OrderRemoved
    | ScenarioFinished
    | RunFinished
)

EVENT_TYPES: dict[str, type[Event]] = {
    event.__name__: event
    for event in (
        RunStarted,
        TargetReady,
        ScenarioStarted,
        StepStarted,
        OrderIntended,
        ExchangeRecorded,
        OrderSettled,
        AttemptFinished,
        FindingsExamined,
        StepFinished,
        OrderRemoved,
        ScenarioFinished,
        RunFinished,
    )
}
"""Event types by the name they have in the event file."""


class _Steps:
    """The steps of one scenario while they are being folded; exchanges wait for their attempt to finish."""

    def __init__(self, started: ScenarioStarted) -> None:
        self.result = ScenarioResult(
            name=started.scenario,
            summary=started.summary,
            source=started.source,
            outcome=Outcome.UNFINISHED,
            passed_message=started.passed_message,
            fix=started.fix,
        )
        self.steps: dict[str, StepResult] = {}
        self.attempts: dict[str, dict[int, Attempt]] = {}

    def attempt(self, step: str, number: int) -> Attempt:
        return self.attempts.setdefault(step, {}).get(number) or Attempt(number)

    def build(self) -> ScenarioResult:
        steps = tuple(
            replace(step, attempts=tuple(attempts[number] for number in sorted(attempts)))
            for step, attempts in (
                (step, self.attempts.get(step.id, {})) for step in self.steps.values()
            )
        )
        return replace(self.result, steps=steps)


class Folder:
    """Folds events one at a time; `run` may be asked for at any moment after RunStarted."""

    def __init__(self, folder: str = "") -> None:
        self._folder = folder
        self._run: Run | None = None
        self._scenarios: dict[str, _Steps] = {}
        self._orders: dict[str, PlacedOrder] = {}

    def add(self, event: Event) -> None:
        """Take one event in. Events of a scenario or order that was never announced are ignored."""
        match event:
            case RunStarted():
                self._run = Run(
                    id=event.run_id,
                    schema=event.schema,
                    smoke_version=event.smoke_version,
                    target=event.target,
                    started_at=event.at,
                    seed=event.seed,
                    folder=self._folder,
                    warnings=event.warnings,
                )
            case TargetReady() if self._run is not None:
                target = replace(
                    self._run.target, version=event.version or self._run.target.version
                )
                self._run = replace(
                    self._run,
                    readiness=event.message,
                    target=target,
                    readiness_exchange=event.exchange,
                )
            case RunFinished() if self._run is not None:
                self._run = replace(
                    self._run,
                    finished_at=event.at,
                    outcome=event.outcome,
                    interrupted_by=event.interrupted_by,
                    problems=event.problems,
                    seconds=event.seconds,
                )
            case OrderIntended() | OrderSettled() | OrderRemoved():
                self._order(event)
            case ScenarioStarted():
                self._scenarios[event.scenario] = _Steps(event)
            case (
                ScenarioFinished()
                | StepStarted()
                | StepFinished()
                | ExchangeRecorded()
                | AttemptFinished()
                | FindingsExamined()
            ):
                steps = self._scenarios.get(event.scenario)
                if steps is not None:
                    self._step(steps, event)
            case _:
                pass  # an event before RunStarted: the first line of the file was torn

    def _order(self, event: OrderIntended | OrderSettled | OrderRemoved) -> None:
        if isinstance(event, OrderIntended):
            self._orders[event.key] = PlacedOrder(
                key=event.key,
                scenario=event.scenario,
                step=event.step,
                exchange_id=event.exchange_id,
                idempotency_key=event.idempotency_key,
                payload_digest=event.payload_digest,
                intended_at=event.at,
                remove_hint=event.remove_hint,
            )
            return
        order = self._orders.get(event.key)
        if order is None:
            return
        if isinstance(event, OrderSettled):
            order = replace(
                order,
                state=event.state,
                order_id=event.order_id or order.order_id,
                remove_hint=event.remove_hint or order.remove_hint,
                exchange_id=event.exchange_id or order.exchange_id,
            )
        else:
            order = replace(order, removed=event.removed, removal_note=event.note)
        self._orders[event.key] = order

    @staticmethod
    def _step(
        steps: _Steps,
        event: ScenarioFinished
        | StepStarted
        | StepFinished
        | ExchangeRecorded
        | AttemptFinished
        | FindingsExamined,
    ) -> None:
        match event:
            case ScenarioFinished():
                steps.result = replace(
                    steps.result,
                    outcome=event.outcome,
                    message=event.message,
                    seconds=event.seconds,
                )
            case StepStarted():
                steps.steps[event.step] = StepResult(
                    id=event.step,
                    name=event.name,
                    kind=event.kind,
                    outcome=Outcome.UNFINISHED,
                    teardown=event.teardown,
                    source=event.source,
                    line=event.line,
                )
            case StepFinished() if event.step in steps.steps:
                steps.steps[event.step] = replace(
                    steps.steps[event.step],
                    outcome=event.outcome,
                    captures=event.captures,
                    checked=event.checked,
                    message=event.message,
                    flaky=event.flaky,
                    seconds=event.seconds,
                )
            case ExchangeRecorded():
                attempt = steps.attempt(event.step, event.attempt)
                steps.attempts[event.step][event.attempt] = replace(
                    attempt, exchanges=(*attempt.exchanges, event.exchange)
                )
            case AttemptFinished():
                attempt = steps.attempt(event.step, event.number)
                steps.attempts[event.step][event.number] = replace(
                    attempt,
                    mismatches=event.mismatches,
                    findings=event.findings,
                    decision=event.decision,
                    error=event.error,
                )
            case FindingsExamined():
                attempt = steps.attempt(event.step, event.number)
                steps.attempts[event.step][event.number] = replace(attempt, findings=event.findings)
            case _:
                pass  # a StepFinished without its start: that line was torn

    def scenario(self, name: str) -> ScenarioResult | None:
        """One scenario so far; None when it has not begun."""
        steps = self._scenarios.get(name)
        return None if steps is None else steps.build()

    def orders(self) -> tuple[PlacedOrder, ...]:
        """The orders so far."""
        return tuple(self._orders.values())

    def run(self) -> Run | None:
        """The run so far; None before RunStarted."""
        if self._run is None:
            return None
        return replace(
            self._run,
            scenarios=tuple(steps.build() for steps in self._scenarios.values()),
            orders=tuple(self._orders.values()),
        )


def fold(events: Iterable[Event], folder: str = "") -> Run | None:
    """The Run that the events tell of; None when they do not hold a RunStarted.

    `folder` is where the run's evidence lies, as the caller wants it to be shown.
    """
    folding = Folder(folder)
    for event in events:
        folding.add(event)
    return folding.run()
