"""One word on a build, for a gate or a rollback. Pure.

A gate for what is new forgives a failure that was there before, and nothing else: what could not be judged, what broke
off, and a clean-up that failed stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from msgspec import Struct

from smoke.history.comparing import Basis, Became, FailureChange, RunComparison
from smoke.history.rows import RunRecord
from smoke.model.run import Outcome
from smoke.model.status import ExitStatus
from smoke.text import plural


class Word(StrEnum):
    """What is to be said of a build."""

    PASSED = "passed"
    """Everything that was checked holds."""
    KNOWN = "known-failure"
    """What failed was failing before, or is listed as a known failure."""
    NEW = "new-failure"
    """Something failed that did not fail before; without anything to compare with every failure is one."""
    LEFT = "teardown-failed"
    """The clean-up failed: orders may be left behind, which nothing forgives."""
    NONE = "no-verdict"
    """It broke off, or could not be judged."""


class Verdict(Struct, frozen=True):
    """A word, why, and the exit status of a gate for what is new."""

    word: Word
    because: str
    status: int
    new: tuple[FailureChange, ...] = ()
    """The failures that count."""
    forgiven: tuple[FailureChange, ...] = ()
    """Those that were there before, or are listed."""


def verdict(
    now: RunRecord, comparison: RunComparison, listed: Collection[tuple[str, str, str]] = ()
) -> Verdict:
    """What is to be said of a run. `listed`: the failures that a file of known failures names, where and by which cause."""
    run = now.run
    if run.passed:
        return Verdict(Word.PASSED, "everything that was checked holds", int(ExitStatus.PASSED))
    failed = [change for change in comparison.changes if change.kind in (Became.NEW, Became.STILL)]
    old = [
        change for change in failed if change.key in listed or _counts_as_old(change, comparison)
    ]
    new = tuple(change for change in failed if change not in old)
    if run.interrupted:
        return _none(run.status, f"the run was interrupted ({run.interrupted})")
    if new:
        return Verdict(Word.NEW, _why_new(new, comparison), int(ExitStatus.FAILED), new, tuple(old))
    left = tuple(change for change in old if change.teardown)
    if left:
        because = f"{_told(left[0])}: a clean-up that fails is never forgiven"
        return Verdict(Word.LEFT, because, int(ExitStatus.FAILED), left, tuple(old))
    unjudged = _unjudged(now)
    if unjudged:
        return _none(run.status, unjudged)
    if run.status != ExitStatus.FAILED:
        return _none(run.status, run.message or "the run has no verdict")
    if not _explained(now, old):
        because = "a step passed only when it was tried again (--fail-on-flaky)"
        return Verdict(Word.NEW, because, int(ExitStatus.FAILED), (), tuple(old))
    listed_only = all(change.kind is Became.NEW for change in old)
    why = "which is listed" if listed_only else "as before"
    because = f"{_told(old[0])}{_more(old)}, {why}"
    return Verdict(Word.KNOWN, because, int(ExitStatus.PASSED), (), tuple(old))


def _counts_as_old(change: FailureChange, comparison: RunComparison) -> bool:
    """Whether a failure was there before; a run of the same build would prove nothing, so the build must be known."""
    return change.kind is Became.STILL and comparison.basis in (Basis.BUILD, Basis.GIVEN)


def _why_new(new: tuple[FailureChange, ...], comparison: RunComparison) -> str:
    words = f"{_told(new[0])}{_more(new)}"
    if comparison.basis is Basis.NONE:
        return f"{words}; there is no run to compare with, so every failure is new"
    if comparison.basis is Basis.RUN:
        return f"{words}; which build this is is not known, so every failure is new"
    return f"{words}; {new[0].note}" if new[0].note else words


def _told(change: FailureChange) -> str:
    return f"{change.where}: {change.title}"


def _more(changes: Collection[FailureChange]) -> str:
    return f", and {plural(len(changes) - 1, 'more failure')}" if len(changes) > 1 else ""


def _none(status: int, because: str) -> Verdict:
    kept = status if status not in (ExitStatus.PASSED, ExitStatus.FAILED) else ExitStatus.NO_VERDICT
    return Verdict(Word.NONE, because, int(kept))


def _unjudged(now: RunRecord) -> str:
    """What kept the run from being judged as a whole; empty when nothing did."""
    if now.run.problems:
        return "evidence or a report could not be written, or a plugin failed"
    for row in now.scenarios:
        if (
            not row.judged
        ):  # with --fail-fast a failure that is forgiven keeps others from being begun
            return f"{row.name} has no verdict ({row.outcome})"
    for failure in now.failures:
        if failure.outcome != Outcome.FAILED:
            return f"{failure.where} has no verdict: {failure.title}"
    return ""


def _explained(now: RunRecord, old: Collection[FailureChange]) -> bool:
    """Whether every scenario that failed did so by a failure that is forgiven, and one did; and nothing else failed the run."""
    failed = {row.name for row in now.scenarios if row.outcome == Outcome.FAILED}
    flaky = now.run.strict and any(row.flaky for row in now.steps)
    return bool(failed) and failed <= {change.scenario for change in old} and not flaky
