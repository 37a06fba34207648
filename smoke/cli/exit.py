"""The exit status: a pure function of a run, which CI can trust."""

from __future__ import annotations

from enum import IntEnum

from smoke.model.run import Outcome, Run


class ExitStatus(IntEnum):
    """What a process of `smoke` ends with. The classes never mix."""

    PASSED = 0
    FAILED = 1
    USAGE = 2
    NO_VERDICT = 3
    INTERNAL = 4
    NOTHING_RUN = 5
    INTERRUPTED = 130
    TERMINATED = 143


_SIGNALS = {"SIGINT": ExitStatus.INTERRUPTED, "SIGTERM": ExitStatus.TERMINATED, "SIGHUP": 129}


def exit_status(run: Run) -> int:
    """The exit status of a finished run.

    An interrupted run ends like an interrupted process; a run in which no step was carried out is not green.
    """
    if run.interrupted_by:
        return int(_SIGNALS.get(run.interrupted_by, ExitStatus.INTERRUPTED))
    if run.problems:  # evidence or a report could not be written: what it shows is not proven
        worst = max((Outcome.ERRORED, run.outcome), key=lambda outcome: outcome.rank)
    else:
        worst = run.outcome
    match worst:
        case Outcome.FAILED:
            return ExitStatus.FAILED
        case Outcome.ERRORED | Outcome.UNFINISHED:
            return ExitStatus.NO_VERDICT
        case Outcome.SKIPPED:
            return ExitStatus.NOTHING_RUN
        case Outcome.PASSED:
            return ExitStatus.PASSED
