"""What follows from an outcome is said in one place."""

from __future__ import annotations

import pytest

from smoke.model.run import Outcome


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
