"""`fold`: a Run made of its events. Any prefix of them is a valid Run; what had not finished by then is `unfinished`."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from smoke.model.events import (
    AttemptFinished,
    Event,
    ExchangeRecorded,
    FindingsExamined,
    OrderForgotten,
    OrderIntended,
    OrderRemoved,
    OrderSettled,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
    StepFinished,
    StepStarted,
    TargetReady,
)
from smoke.model.run import Attempt, Outcome, PlacedOrder, Run, ScenarioResult, StepResult


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
            teardown_of=started.teardown_of,
            removes=started.removes,
            looks=started.looks,
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
                    asked=event.asked,
                    trace_id=event.trace_id,
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
            case OrderIntended() | OrderSettled() | OrderRemoved() | OrderForgotten():
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

    def _order(self, event: OrderIntended | OrderSettled | OrderRemoved | OrderForgotten) -> None:
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
                step_title=self._title(event.scenario, event.step),
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
        elif isinstance(event, OrderForgotten):
            order = replace(order, forgotten=event.why)
        else:
            order = replace(order, removed=event.removed, removal_note=event.note)
        self._orders[event.key] = order

    def _title(self, scenario: str, step: str) -> str:
        steps = self._scenarios.get(scenario)
        started = steps.steps.get(step) if steps is not None else None
        return started.title if started is not None else ""

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
                    title=event.title,
                    rounds=event.rounds,
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
