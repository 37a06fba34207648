"""The exit status of a run and what it means: pure, so that reports say what the process ends with."""

from __future__ import annotations

from typing import Any, cast

from smoke.model.run import Outcome, Run
from smoke.model.status import ExitStatus

_SIGNALS = {
    "SIGINT": ExitStatus.INTERRUPTED,
    "SIGTERM": ExitStatus.TERMINATED,
    "SIGHUP": ExitStatus.HUNG_UP,
}

_MEANINGS = {
    ExitStatus.PASSED: "everything that was checked holds",
    ExitStatus.FAILED: "an expectation was not met, or a database error was found",
    ExitStatus.USAGE: "usage or invalid scenario: nothing was sent",
    ExitStatus.NO_VERDICT: "no verdict: this says nothing about the deployment's checkout",
    ExitStatus.INTERNAL: "internal error",
    ExitStatus.NOTHING_RUN: "nothing was run: that is not green",
    ExitStatus.HUNG_UP: "interrupted: no verdict",
    ExitStatus.INTERRUPTED: "interrupted: no verdict",
    ExitStatus.CUT_OFF: "nobody read the output to its end",
    ExitStatus.TERMINATED: "terminated: no verdict",
}


_STATUSES = {
    Outcome.PASSED: ExitStatus.PASSED,
    Outcome.FAILED: ExitStatus.FAILED,
    Outcome.ERRORED: ExitStatus.NO_VERDICT,
    Outcome.UNFINISHED: ExitStatus.NO_VERDICT,
    Outcome.SKIPPED: ExitStatus.NOTHING_RUN,
}


def signal_status(name: str) -> ExitStatus:
    """The exit status of a process that a signal of this name ended."""
    return _SIGNALS.get(name, ExitStatus.INTERRUPTED)


def exit_status(run: Run) -> ExitStatus:
    """The exit status of a finished run.

    An interrupted run ends like an interrupted process; a run in which no step was carried out is not green.
    Raises TypeError for what is no Run.
    """
    if not isinstance(cast("Any", run), Run):
        raise TypeError(f"exit_status() takes a Run, not {type(run).__name__}")
    if run.interrupted_by:
        return signal_status(run.interrupted_by)
    worst = run.outcome
    if run.problems:  # evidence or a report could not be written: what it shows is not proven
        worst = max((Outcome.ERRORED, worst), key=lambda outcome: outcome.rank)
    return _STATUSES[worst]


def meaning(status: ExitStatus) -> str:
    """What an exit status means, in words."""
    return _MEANINGS[status]


def meaning_of(run: Run) -> str:
    """What the exit status of a run means, in words."""
    status = exit_status(run)
    if status is ExitStatus.NO_VERDICT and run.problems and run.merged:
        return "no verdict: not every part of the run is there, whole and of one selection"
    if status is ExitStatus.NO_VERDICT and run.problems:
        return "no verdict: evidence or a report could not be written, or a plugin failed"
    return meaning(status)
