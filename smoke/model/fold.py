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
from smoke.model.run import Attempt, PlacedOrder, Run, ScenarioResult, StepResult


class Fold:
    """Folds events one at a time; `run` may be asked for at any moment after RunStarted.

    The records inside a record come in events of their own and are kept beside it until it is asked for. What only
    its end tells of counts too: the line of its start may be torn.
    """

    def __init__(self, folder: str = "") -> None:
        self._folder = folder
        self._run: Run | None = None
        self._scenarios: dict[str, ScenarioResult] = {}
        self._steps: dict[str, dict[str, StepResult]] = {}
        self._attempts: dict[tuple[str, str], dict[int, Attempt]] = {}
        self._orders: dict[str, PlacedOrder] = {}

    def add(self, event: Event) -> None:
        """Take one event in. Events of an order, or the end of a run, that was never announced are ignored."""
        match event:
            case RunStarted():
                self._run = replace(event.run, folder=self._folder)
            case TargetReady() | RunFinished():
                if self._run is not None:
                    self._run = _told(self._run, event)
            case ScenarioStarted() | ScenarioFinished():
                self._scenarios[event.scenario] = event.result
            case StepStarted() | StepFinished():
                self._steps.setdefault(event.scenario, {})[event.step] = event.result
            case ExchangeRecorded():
                attempt = self._attempt(event.scenario, event.step, event.attempt)
                exchanges = (*attempt.exchanges, event.exchange)
                self._keep(event.scenario, event.step, replace(attempt, exchanges=exchanges))
            case AttemptFinished():
                attempt = self._attempt(event.scenario, event.step, event.attempt.number)
                ended = replace(event.attempt, exchanges=attempt.exchanges)
                self._keep(event.scenario, event.step, ended)
            case FindingsExamined():
                attempt = self._attempt(event.scenario, event.step, event.number)
                self._keep(event.scenario, event.step, replace(attempt, findings=event.findings))
            case OrderIntended():
                step = self._steps.get(event.order.scenario, {}).get(event.order.step)
                title = step.title if step is not None else ""
                self._orders[event.order.key] = replace(event.order, step_title=title)
            case OrderSettled() | OrderRemoved() | OrderForgotten():
                if event.key in self._orders:
                    self._orders[event.key] = _what_became(self._orders[event.key], event)

    def _attempt(self, scenario: str, step: str, number: int) -> Attempt:
        return self._attempts.get((scenario, step), {}).get(number) or Attempt(number)

    def _keep(self, scenario: str, step: str, attempt: Attempt) -> None:
        self._attempts.setdefault((scenario, step), {})[attempt.number] = attempt

    def scenario(self, name: str) -> ScenarioResult | None:
        """One scenario so far; None when it has not begun."""
        result = self._scenarios.get(name)
        if result is None:
            return None
        steps = []
        for step in self._steps.get(name, {}).values():
            attempts = self._attempts.get((name, step.id), {})
            steps.append(replace(step, attempts=tuple(attempts[n] for n in sorted(attempts))))
        return replace(result, steps=tuple(steps))

    def orders(self) -> tuple[PlacedOrder, ...]:
        """The orders so far."""
        return tuple(self._orders.values())

    def run(self) -> Run | None:
        """The run so far; None before RunStarted."""
        if self._run is None:
            return None
        scenarios = [self.scenario(name) for name in self._scenarios]
        return replace(
            self._run,
            scenarios=tuple(scenario for scenario in scenarios if scenario is not None),
            orders=self.orders(),
        )


def _told(run: Run, event: TargetReady | RunFinished) -> Run:
    """The run with what the target answered at its beginning, or with its end."""
    if isinstance(event, TargetReady):
        return replace(
            run,
            readiness=event.message,
            target=replace(run.target, version=event.version or run.target.version),
            readiness_exchange=event.exchange,
        )
    return replace(
        run,
        finished_at=event.at,
        outcome=event.outcome,
        interrupted_by=event.interrupted_by,
        problems=event.problems,
        seconds=event.seconds,
    )


def _what_became(
    order: PlacedOrder, event: OrderSettled | OrderRemoved | OrderForgotten
) -> PlacedOrder:
    match event:
        case OrderForgotten():
            return replace(order, forgotten=event.why)
        case OrderRemoved():
            return replace(order, removed=event.removed, removal_note=event.note)
    return replace(
        order,
        state=event.state,
        order_id=event.order_id or order.order_id,
        remove_hint=event.remove_hint or order.remove_hint,
        exchange_id=event.exchange_id or order.exchange_id,
    )


def fold(events: Iterable[Event], folder: str = "") -> Run | None:
    """The Run that the events tell of; None when they do not hold a RunStarted.

    `folder` is where the run's evidence lies, as the caller wants it to be shown.
    """
    folding = Fold(folder)
    for event in events:
        folding.add(event)
    return folding.run()
