"""The facts of a run in the order they happened; `smoke.model.fold` makes a Run of them."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from smoke.model.exchange import Exchange
from smoke.model.finding import Finding
from smoke.model.run import (
    Asked,
    Capture,
    Decision,
    Mismatch,
    OrderState,
    Outcome,
    Removal,
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
    asked: Asked | None = None
    trace_id: str = ""


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
    teardown_of: str = ""
    """The scenario of the run whose orders `smoke teardown` removes here; empty for the scenario itself."""
    removes: bool = True
    looks: bool = False
    """Whether its teardown has steps that remove orders, and that look for those whose id is not known."""


class StepStarted(Struct, frozen=True):
    at: str
    scenario: str
    step: str
    name: str
    kind: str
    teardown: bool = False
    source: str = ""
    line: int = 0
    title: str = ""
    rounds: tuple[int, ...] = ()


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
