"""A gate forgives what failed before, and nothing else."""

import pytest
from msgspec.structs import replace

from smoke.history.comparing import compare
from smoke.history.rows import RunRecord, StepRow
from smoke.history.verdict import Verdict, Word, verdict
from tests.support.past import OTHER, RULE, failure, ran

GOOD, BROKEN = ran(1, "v1"), ran(2, "v2", failure())


def said(now: RunRecord, *past: RunRecord, against: list[RunRecord] | None = None) -> Verdict:
    return verdict(now, compare(now, past, against))


def test_what_failed_before_is_forgiven_on_another_build() -> None:
    found = said(ran(3, "v3", failure()), BROKEN, GOOD)
    assert (found.word, found.status) == (Word.KNOWN, 0)
    assert found.because.endswith("by jobs_uq, as before")
    assert said(GOOD).word is Word.PASSED


@pytest.mark.parametrize(
    ("now", "past", "why"),
    [
        (ran(3, "v2", failure()), [BROKEN, GOOD], "seen on this build"),
        (ran(3, "v3", failure()), [GOOD], "by jobs_uq"),
        (ran(3, "v3", failure()), [], "no run to compare with"),
        (ran(3, "", failure()), [BROKEN], "which build this is is not known"),
        (ran(3, "v3", failure()), [ran(2, "", failure())], "no run to compare with"),
        (ran(3, "v3", failure(OTHER)), [BROKEN], "by another cause"),
        (ran(3, "v3", failure(step="Pay")), [BROKEN], "the same cause struck"),
        (ran(3, "v3", failure(), failure(OTHER, "Pay")), [BROKEN], "another"),
        (ran(3, "v3", failure()), [ran(2, "v2", order="errored")], "no run to compare with"),
    ],
)
def test_whatever_is_not_known_to_be_old_is_new(
    now: RunRecord, past: list[RunRecord], why: str
) -> None:
    found = said(now, *past)
    assert (found.word, found.status) == (Word.NEW, 1)
    assert why in found.because


def changed(record: RunRecord, **row: object) -> RunRecord:
    return replace(record, run=replace(record.run, **row))


OLD = ran(3, "v3", failure())
BOTH = ran(2, "v2", failure(), order="failed", pay="passed")


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (changed(OLD, interrupted="SIGINT", status=130), 130),
        (changed(OLD, problems=1), 3),
        (ran(3, "v3", failure(), order="failed", pay="errored"), 3),
        (ran(3, "v3", failure(), order="failed", pay="unfinished"), 3),
        (ran(3, "v3", failure(), order="failed", pay="skipped"), 3),
        (ran(3, "v3", failure(), failure(OTHER, "Pay", outcome="errored"), order="failed"), 3),
        (ran(3, "v3", order="errored"), 3),
        (ran(3, "v3", order="skipped"), 5),
        (changed(ran(3, "v3", status=3), message="not ready"), 3),
    ],
)
def test_what_could_not_be_judged_is_never_green(now: RunRecord, status: int) -> None:
    found = said(now, BOTH)
    assert (found.word, found.status) == (Word.NONE, status)
    assert found.because


def test_a_clean_up_that_failed_is_not_forgiven() -> None:
    left = failure(OTHER, "Cancel", teardown=1)
    found = said(ran(3, "v3", left), ran(2, "v2", left))
    assert (found.word, found.status) == (Word.LEFT, 1)


def test_a_flaky_step_that_fails_the_run_is_not_forgiven() -> None:
    steps = (StepRow("order", "Order", "failed", 0.1), StepRow("order", "Pay", "passed", 0.1, 1))
    now = changed(ran(3, "v3", failure(), steps=steps), strict=1)
    assert said(now, BROKEN).status == 1
    assert said(changed(now, strict=0), BROKEN).status == 0
    alone = changed(ran(3, "v3", steps=steps[1:], status=1), strict=1)
    assert said(alone, GOOD).status == 1


def test_what_is_listed_counts_as_known_without_any_past() -> None:
    now = ran(1, "v1", failure())
    found = verdict(now, compare(now, []), {("order", "Order", RULE)})
    assert (found.word, found.status) == (Word.KNOWN, 0)
    assert "which is listed" in found.because


def test_what_was_named_to_compare_with_needs_no_build() -> None:
    assert said(ran(3, "", failure()), BROKEN, against=[BROKEN]).word is Word.KNOWN
    assert said(ran(3, "", failure()), BROKEN, against=[GOOD]).word is Word.NEW
