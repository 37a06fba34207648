"""The exit status: what CI trusts. Green means that everything was carried out and everything holds."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from smoke.model.run import Outcome
from smoke.model.status import ExitStatus
from smoke.model.verdict import exit_status, meaning, meaning_of
from tests.support import samples

PROBLEM = ("a report could not be written",)


@pytest.mark.parametrize(
    ("outcome", "problems", "interrupted_by", "status"),
    [
        (Outcome.PASSED, (), "", 0),
        (Outcome.FAILED, (), "", 1),
        (Outcome.ERRORED, (), "", 3),
        (Outcome.UNFINISHED, (), "", 3),
        (Outcome.SKIPPED, (), "", 5),
        # what could not be written is not proven, but a failure stays one
        (Outcome.PASSED, PROBLEM, "", 3),
        (Outcome.SKIPPED, PROBLEM, "", 3),
        (Outcome.FAILED, PROBLEM, "", 1),
        (Outcome.PASSED, (), "SIGINT", 130),
        (Outcome.FAILED, (), "SIGTERM", 143),
        (Outcome.PASSED, PROBLEM, "SIGHUP", 129),
        (Outcome.PASSED, (), "SIGUSR1", 130),
    ],
)
def test_exit_status(
    outcome: Outcome, problems: tuple[str, ...], interrupted_by: str, status: int
) -> None:
    run = msgspec.structs.replace(
        samples.passing().run, outcome=outcome, problems=problems, interrupted_by=interrupted_by
    )
    assert exit_status(run) == status


@pytest.mark.parametrize("wrong", [None, "passed", 0])
def test_what_is_no_run_has_no_exit_status(wrong: Any) -> None:
    with pytest.raises(TypeError, match="takes a Run"):
        exit_status(wrong)


def test_only_zero_sounds_green() -> None:
    assert [status for status in ExitStatus if "everything" in meaning(status)] == [
        ExitStatus.PASSED
    ]


def test_what_a_status_means_says_also_why_there_is_no_verdict() -> None:
    run = samples.passing().run
    assert meaning_of(run) == "everything that was checked holds"
    broken = msgspec.structs.replace(run, problems=PROBLEM)
    assert meaning_of(broken) == (
        "no verdict: evidence or a report could not be written, or a plugin failed"
    )
    errored = msgspec.structs.replace(run, outcome=Outcome.ERRORED)
    merged = msgspec.structs.replace(broken, merged=("a", "b"))
    assert "not every part of the run is there" in meaning_of(merged)
    assert meaning_of(errored) == meaning(ExitStatus.NO_VERDICT)
    failed = msgspec.structs.replace(run, outcome=Outcome.FAILED, problems=PROBLEM)
    assert meaning_of(failed) == meaning(ExitStatus.FAILED)
