"""Events of a run that becomes a part of another, with new names for its scenarios."""

from __future__ import annotations

import pytest

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
    ScenarioFinished,
    ScenarioStarted,
    StepFinished,
    StepStarted,
)
from smoke.model.exchange import Exchange, StoredRequest
from smoke.model.finding import Finding
from smoke.model.renaming import renamed
from smoke.model.run import (
    Attempt,
    OrderState,
    Outcome,
    PlacedOrder,
    Removal,
    ScenarioResult,
    StepResult,
)


def events(name: str) -> list[Event]:
    """One of each kind, of a scenario of this name."""
    result = ScenarioResult(name, "", "a.yaml", Outcome.PASSED)
    step = StepResult("Order", "Order", "request", Outcome.PASSED)
    finding = Finding("unique-violation", "x", scenario=name)
    key = f"{name}/Order"
    return [
        ScenarioStarted("t", result),
        StepStarted("t", name, step),
        OrderIntended("t", PlacedOrder(key, name, "Order")),
        ExchangeRecorded("t", name, "Order", 1, Exchange("x-1", StoredRequest("GET", "/"))),
        OrderSettled("t", key, OrderState.PLACED),
        AttemptFinished("t", name, "Order", Attempt(1, findings=(finding,))),
        FindingsExamined("t", name, "Order", 1, (finding,)),
        StepFinished("t", name, step),
        OrderRemoved("t", key, Removal.YES),
        OrderForgotten("t", key, "why"),
        ScenarioFinished("t", result),
    ]


@pytest.mark.parametrize("place", range(11))
def test_the_new_name_stands_wherever_the_old_one_stood(place: int) -> None:
    old, new = events("login")[place], events("login (2/3)")[place]
    assert renamed(old, {"login": "login (2/3)"}) == new
    assert renamed(old, {"other": "x", "log": "y"}) == old


def test_what_belongs_to_no_scenario_stays() -> None:
    end = RunFinished("t", Outcome.PASSED)
    assert renamed(end, {"login": "x"}) is end
