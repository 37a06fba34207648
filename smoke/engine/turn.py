"""Whose turn it is to compute: workers that all wait for the interpreter's lock slow each other down.

CPython (3.11 to 3.14) hands its lock over at every system call. Eight workers whose shop answers at once need half as
much processor time again for that. So a worker computes while it has the turn, and gives it away while it waits for
something outside. It is a courtesy and no lock: who does not get the turn soon goes on without it, so nothing can hang.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_PATIENCE = 0.02
"""Seconds to wait for the turn."""


class Turn:
    """Passed around among the threads that entered it; for other threads it does nothing."""

    def __init__(self) -> None:
        self._free = threading.Lock()
        self._mine = threading.local()

    def __enter__(self) -> None:
        self._mine.held = self._free.acquire(timeout=_PATIENCE)

    def __exit__(self, *_: object) -> None:
        self._give()
        del self._mine.held

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """The turn is others' while this thread waits."""
        if not hasattr(self._mine, "held"):
            yield
            return
        self._give()
        try:
            yield
        finally:
            if not self._mine.held:  # a wait within this one may have taken it
                self._mine.held = self._free.acquire(timeout=_PATIENCE)

    def _give(self) -> None:
        if self._mine.held:
            self._mine.held = False
            self._free.release()
