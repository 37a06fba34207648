"""What a process may end with, by itself: `smoke --version` needs these numbers and nothing of a run."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """What a process of `smoke` ends with. The classes never mix."""

    PASSED = 0
    FAILED = 1
    USAGE = 2
    NO_VERDICT = 3
    INTERNAL = 4
    NOTHING_RUN = 5
    HUNG_UP = 129
    INTERRUPTED = 130
    CUT_OFF = 141
    TERMINATED = 143
