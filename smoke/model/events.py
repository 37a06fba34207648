"""The facts of a run in the order they happened; `smoke.model.fold` makes a Run of them.

An event that begins or ends something holds its record as it is then, without the records inside it: a step's attempts,
an attempt's exchanges have events of their own, written as they happen.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from smoke.model.exchange import Exchange
from smoke.model.finding import Finding
from smoke.model.run import (
    Attempt,
    OrderState,
    Outcome,
    PlacedOrder,
    Removal,
    Run,
    ScenarioResult,
    StepResult,
)

SCHEMA = 3
"""Version of the event and run format; it grows by additions, and changes when a reader must change.

2: events hold their records (`smoke.model.earlier` reads 1). 3: a body may lie in its event (`Body.text`). It stands in the first event, as `run.schema`, for good: a
reader finds there what it cannot read.
"""


class RunStarted(Struct, frozen=True):
    """The first event. `at` is the wall time in UTC (ISO 8601), here and in every event."""

    at: str
    run: Run


class TargetReady(Struct, frozen=True):
    """The target answered as expected (or `ready` is false: it did not in time)."""

    at: str
    ready: bool
    message: str
    version: str = ""
    exchange: Exchange | None = None


class ScenarioStarted(Struct, frozen=True):
    """A scenario begins; `result` is what is known of it so far."""

    at: str
    result: ScenarioResult

    @property
    def scenario(self) -> str:
        return self.result.name


class StepStarted(Struct, frozen=True):
    """A step begins, one round of it; its outcome is `unfinished` still."""

    at: str
    scenario: str
    result: StepResult

    @property
    def step(self) -> str:
        return self.result.id


class OrderIntended(Struct, frozen=True):
    """Written and fsynced before the request leaves."""

    at: str
    order: PlacedOrder


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
    """A request was answered, or not, and judged; the decision says whether it is sent again."""

    at: str
    scenario: str
    step: str
    attempt: Attempt


class FindingsExamined(Struct, frozen=True):
    """What a server's log and the database added to the findings of an attempt: these stand in their place."""

    at: str
    scenario: str
    step: str
    number: int
    findings: tuple[Finding, ...] = ()


class StepFinished(Struct, frozen=True):
    """A step ended, with everything but its attempts, which were told before."""

    at: str
    scenario: str
    result: StepResult

    @property
    def step(self) -> str:
        return self.result.id


class OrderRemoved(Struct, frozen=True):
    """An attempt to remove an order ended, by teardown or by `smoke teardown`; `no` when none was made: `note` says why."""

    at: str
    key: str
    removed: Removal
    note: str = ""


class OrderForgotten(Struct, frozen=True):
    """A person says that nothing is to be done about an order any more, and why."""

    at: str
    key: str
    why: str


class ScenarioFinished(Struct, frozen=True):
    """A scenario ended, its teardown too."""

    at: str
    result: ScenarioResult

    @property
    def scenario(self) -> str:
        return self.result.name


class RunFinished(Struct, frozen=True):
    """The last event. `problems` are what went wrong with the run itself."""

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
    | OrderForgotten
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
        OrderForgotten,
        ScenarioFinished,
        RunFinished,
    )
}
"""Event types by the name they have in the event file."""
