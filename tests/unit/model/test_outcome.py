"""What follows from an outcome is said in one place."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from smoke.model.run import ByHand, Outcome
from tests.support.samples import failing


@pytest.mark.parametrize(
    ("outcome", "stops", "bad"),
    [
        (Outcome.PASSED, False, False),
        (Outcome.SKIPPED, False, False),
        (Outcome.FAILED, True, True),
        (Outcome.ERRORED, True, True),
        (Outcome.UNFINISHED, False, True),
    ],
)
def test_what_stops_a_scenario_and_what_somebody_has_to_look_at(
    outcome: Outcome, stops: bool, bad: bool
) -> None:
    assert (outcome.stops, outcome.bad) == (stops, bad)


def test_a_run_was_changed_by_hand_where_one_of_its_steps_was() -> None:
    run = failing().run
    assert not run.by_hand
    (scenario, *_), (step, *more) = run.scenarios, run.scenarios[0].steps
    changed = replace(step, by_hand=ByHand.EDITED)
    assert replace(run, scenarios=(replace(scenario, steps=(changed, *more)),)).by_hand
