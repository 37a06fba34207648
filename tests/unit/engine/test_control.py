"""Why a piece of work ends early is told by what ended it."""

from __future__ import annotations

from datetime import UTC, datetime

from smoke.engine.control import Control


class Still:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


def test_the_deadline_that_came_first_is_named() -> None:
    clock = Still()
    run = Control(clock, 100)
    step = run.narrower(10, "the time for this step (until: 10 s)")
    clock.at = 11
    assert step.why_over() == "the time for this step (until: 10 s) is used up"
    late = run.narrower(1000, "the time for this step (until: 1000 s)")
    clock.at = 101
    assert late.why_over() == run.why_over() == "the time for the run (--max-time) is used up"
    endless = Control(clock).narrower(60, "the time for the teardown (60 s)")
    clock.at = 162
    assert endless.why_over() == "the time for the teardown (60 s) is used up"


def test_an_interruption_is_named_in_parts_that_had_begun() -> None:
    run = Control(Still(), 100)
    step = run.narrower(10)
    run.cancel("SIGTERM")
    run.cancel("SIGINT")
    assert step.over
    assert step.why_over() == "interrupted (SIGTERM)"
