"""What a process may end with, by itself: `smoke --version` needs these numbers and nothing of a run."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """What a process of `smoke` ends with. The classes never mix."""

    PASSED = 0
    """Everything that was checked holds."""
    FAILED = 1
    """An expectation was not met, or a database error was found."""
    USAGE = 2
    """Usage, or an invalid scenario: nothing was sent."""
    NO_VERDICT = 3
    """No verdict: the target was not ready, did not answer or asked to slow down (429); a wall before it answered
    (`smoke explain auth-wall`); nothing was ordered; evidence, a report or output could not be written; or a plugin or
    listener failed."""
    INTERNAL = 4
    """An internal error; evidence is kept."""
    NOTHING_RUN = 5
    """Nothing was run."""
    HUNG_UP = 129
    """The terminal hung up (SIGHUP); the teardown ran."""
    INTERRUPTED = 130
    """Ctrl-C (SIGINT); the teardown ran."""
    CUT_OFF = 141
    """Nobody read the output to its end (a closed pipe)."""
    TERMINATED = 143
    """Terminated (SIGTERM); the teardown ran."""
