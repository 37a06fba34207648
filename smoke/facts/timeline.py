"""When each part of a run began and ended, as far as the evidence tells it: for formats that want both of everything.

Exchanges have the time of their beginning, and steps and scenarios only how long they took: a step begins with its first exchange,
and one without any where the step before it ended.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from smoke.model.exchange import Exchange
from smoke.model.run import Run, ScenarioResult, StepResult


class Period(Struct, frozen=True):
    """From when to when, in seconds since 1970 (UTC)."""

    start: float
    end: float

    @property
    def start_ms(self) -> int:
        return round(self.start * 1000)

    @property
    def end_ms(self) -> int:
        return round(self.end * 1000)

    def around(self, inner: tuple[Period, ...]) -> Period:
        """The same, widened where something in it lies outside."""
        return Period(
            min((self.start, *(each.start for each in inner))),
            max((self.end, *(each.end for each in inner))),
        )


class Timeline(Struct, frozen=True):
    """The periods of a run, of its scenarios, and of each one's steps."""

    run: Period
    scenarios: tuple[Period, ...]
    steps: tuple[tuple[Period, ...], ...]


def timeline(run: Run) -> Timeline:
    """The periods of everything in `run`, each within the one around it."""
    begun = moment(run.started_at) or 0.0
    steps = tuple(_steps(scenario, begun) for scenario in run.scenarios)
    scenarios = tuple(
        _scenario(scenario, inner, begun)
        for scenario, inner in zip(run.scenarios, steps, strict=True)
    )
    whole = Period(begun, begun + max(0.0, run.seconds)).around(scenarios)
    return Timeline(whole, scenarios, steps)


def period_of(exchange: Exchange, otherwise: float) -> Period:
    """The period of an exchange; it begins at `otherwise` where its own beginning was not written."""
    start = moment(exchange.started_at)
    start = otherwise if start is None else start
    return Period(start, start + max(0.0, exchange.timing.total))


def moment(text: str) -> float | None:
    """Seconds since 1970 of a time in ISO 8601 with its zone; None for what is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.timestamp() if found.tzinfo is not None else None


def _steps(scenario: ScenarioResult, begun: float) -> tuple[Period, ...]:
    found: list[Period] = []
    at = begun
    for step in scenario.steps:
        found.append(_step(step, at))
        at = found[-1].end
    return tuple(found)


def _step(step: StepResult, at: float) -> Period:
    exchanges = [exchange for attempt in step.attempts for exchange in attempt.exchanges]
    inner = tuple(period_of(exchange, at) for exchange in exchanges)
    start = min((each.start for each in inner), default=at)
    return Period(start, start + max(0.0, step.seconds)).around(inner)


def _scenario(scenario: ScenarioResult, inner: tuple[Period, ...], begun: float) -> Period:
    start = min((each.start for each in inner), default=begun)
    return Period(start, start + max(0.0, scenario.seconds)).around(inner)
