"""Any events in any order fold to a run that tells no lie."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smoke.model.asked import Target
from smoke.model.events import (
    Event,
    ExchangeRecorded,
    FindingsExamined,
    OrderIntended,
    OrderRemoved,
    OrderSettled,
    RunFinished,
    ScenarioFinished,
    StepFinished,
    TargetReady,
)
from smoke.model.exchange import Exchange, StoredRequest
from smoke.model.fold import Fold, fold
from smoke.model.run import OrderState, Outcome, Removal, Run, ScenarioResult, StepResult
from tests.support.told import (
    attempt_finished,
    order_intended,
    run_started,
    scenario_started,
    step_started,
)

_NAMES = st.sampled_from(["a", "b"])
_OUTCOMES = st.sampled_from(Outcome)
_EXCHANGE = Exchange("x", StoredRequest("GET", "/"))
_STEPS = st.builds(StepResult, id=_NAMES, name=_NAMES, kind=st.just("request"), outcome=_OUTCOMES)
_SCENARIOS = st.builds(
    ScenarioResult, name=_NAMES, summary=st.just(""), source=st.just(""), outcome=_OUTCOMES
)
_LATER = st.one_of(
    st.builds(TargetReady, at=st.just("t"), ready=st.booleans(), message=st.just("m")),
    st.builds(scenario_started, at=st.just("t"), scenario=_NAMES),
    st.builds(
        step_started,
        at=st.just("t"),
        scenario=_NAMES,
        step=_NAMES,
    ),
    st.builds(
        ExchangeRecorded,
        at=st.just("t"),
        scenario=_NAMES,
        step=_NAMES,
        attempt=st.integers(1, 3),
        exchange=st.just(_EXCHANGE),
    ),
    st.builds(
        attempt_finished, at=st.just("t"), scenario=_NAMES, step=_NAMES, number=st.integers(1, 3)
    ),
    st.builds(
        FindingsExamined,
        at=st.just("t"),
        scenario=_NAMES,
        step=_NAMES,
        number=st.integers(1, 3),
        findings=st.just(()),
    ),
    st.builds(StepFinished, at=st.just("t"), scenario=_NAMES, result=_STEPS),
    st.builds(ScenarioFinished, at=st.just("t"), result=_SCENARIOS),
    st.builds(
        order_intended,
        at=st.just("t"),
        scenario=_NAMES,
        step=_NAMES,
        key=_NAMES,
        exchange_id=st.just("x"),
    ),
    st.builds(OrderSettled, at=st.just("t"), key=_NAMES, state=st.sampled_from(OrderState)),
    st.builds(OrderRemoved, at=st.just("t"), key=_NAMES, removed=st.sampled_from(Removal)),
    st.builds(RunFinished, at=st.just("t"), outcome=_OUTCOMES),
)
_STARTED = run_started("t0", "r", "0.1.0", Target(url="http://shop.test"))


@given(st.lists(_LATER, max_size=40))
def test_every_prefix_folds_and_one_by_one_is_the_same(later: list[Event]) -> None:
    folder = Fold()
    given_so_far: list[Event] = []
    for event in [_STARTED, *later]:
        folder.add(event)
        given_so_far.append(event)
        assert folder.run() == fold(given_so_far)
        assert isinstance(folder.run(), Run)


@given(st.lists(_LATER, max_size=40))
def test_no_intended_order_is_ever_forgotten(later: list[Event]) -> None:
    run = fold([_STARTED, *later])
    assert run is not None
    intended = {event.order.key for event in later if isinstance(event, OrderIntended)}
    assert {order.key for order in run.orders} == intended
    for order in run.orders:
        after = later[
            max(
                i
                for i, e in enumerate(later)
                if isinstance(e, OrderIntended) and e.order.key == order.key
            ) :
        ]
        settled = [e for e in after if isinstance(e, OrderSettled) and e.key == order.key]
        removed = [e for e in after if isinstance(e, OrderRemoved) and e.key == order.key]
        if not order.left_behind:
            assert (settled and settled[-1].state is OrderState.NOT_PLACED) or (
                removed and removed[-1].removed in (Removal.YES, Removal.GONE)
            )


@given(st.lists(_LATER, max_size=40))
def test_a_run_without_its_end_is_unfinished(later: list[Event]) -> None:
    run = fold([_STARTED, *[event for event in later if not isinstance(event, RunFinished)]])
    assert run is not None
    assert run.outcome is Outcome.UNFINISHED
    ended = {event.scenario for event in later if isinstance(event, ScenarioFinished)}
    for scenario in run.scenarios:
        assert scenario.outcome is Outcome.UNFINISHED or scenario.name in ended


@given(st.lists(_LATER, max_size=20))
def test_events_without_a_start_are_no_run(later: list[Event]) -> None:
    assert fold(later) is None


def test_exchanges_of_an_attempt_keep_their_order() -> None:
    hops = [Exchange(str(number), StoredRequest("GET", "/")) for number in range(3)]
    run = fold(
        [
            _STARTED,
            scenario_started("t", "s"),
            step_started("t", "s", "x"),
            *[ExchangeRecorded("t", "s", "x", 2, hop) for hop in hops],
            ExchangeRecorded("t", "s", "x", 1, hops[0]),
            attempt_finished("t", "s", "x", 1),
        ]
    )
    assert run is not None
    attempts = run.scenarios[0].steps[0].attempts
    assert [attempt.number for attempt in attempts] == [1, 2]
    assert attempts[1].exchanges == tuple(hops)
