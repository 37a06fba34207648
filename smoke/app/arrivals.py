"""When what a log holds came: seen by a look now and then, for lines that have no time of their own."""

from __future__ import annotations

import threading
import time
import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol

_EVERY = 0.05
_MOST = 20_000
"""Looks at which a log had grown that are remembered: half an hour of one that never stands still."""


class Watched(Protocol):
    """Something that is looked at now and then."""

    def look(self) -> None:
        """Notice what came. Raises OSError."""


class Arrivals:
    """Up to which byte of which part a log had come, and when that was seen. Safe to share between threads."""

    def __init__(self) -> None:
        self._seen: list[tuple[tuple[int, int], datetime]] = []
        self._lock = threading.Lock()

    def saw(self, part: int, end: int, at: datetime | None) -> None:
        """Everything before that byte was there at that time; None where it is not known when that was."""
        with self._lock:
            if at is None or (self._seen and self._seen[-1][0] >= (part, end)):
                return
            self._seen.append(((part, end), at))
            if len(self._seen) > _MOST:  # the older, the coarser
                self._seen[: _MOST // 2] = self._seen[1 : _MOST // 2 : 2]

    def of(self, part: int, start: int, end: int) -> Sequence[tuple[int, datetime]]:
        """Of the bytes from `start` to `end`: up to where they had come, and when that was seen."""
        with self._lock:
            first = bisect_right(self._seen, (part, start), key=lambda seen: seen[0])
            last = bisect_left(self._seen, (part, end), key=lambda seen: seen[0])
            found = [(place, at) for (_, place), at in self._seen[first:last]]
            if last < len(self._seen) and self._seen[last][0][0] == part:
                found.append((end, self._seen[last][1]))
            return found


def watch(log: Watched) -> None:
    """Look at a log from now on, as long as anybody has it."""
    thread = threading.Thread(
        target=_watch, args=(weakref.ref(log),), name="log's arrivals", daemon=True
    )
    thread.start()


def _watch(log: weakref.ref[Watched]) -> None:
    while (there := log()) is not None:
        with suppress(
            OSError
        ):  # told by whoever reads it; while it is rotated it may be away for a moment
            there.look()
        del there
        time.sleep(_EVERY)
