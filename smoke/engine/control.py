"""Time and interruption: deadlines by the monotonic clock, pauses that end when the run is stopped."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Protocol

_WHOLE_RUN = "the time for the run (--max-time)"


class Clock(Protocol):
    """Where time comes from; tests bring their own."""

    def monotonic(self) -> float:
        """Seconds from any start, never going back."""

    def now(self) -> datetime:
        """The wall time, in UTC. For records only, never for a deadline."""


class SystemClock:
    """The machine's clocks."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)


class _Stop:
    """An interruption, shared by a piece of work and its parts."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self.reason = ""


class Control:
    """What may end a piece of work early: its deadline, or an interruption.

    `deadline` is a time of the monotonic clock (infinity for none). `cancelled` is set from a signal handler or
    another thread; `reason` says by what. `waiting` is entered while a thread waits (see `Turn`). With `hurried` nothing is
    held back for the target's rate: there is hardly time to remove what was ordered.
    """

    def __init__(
        self,
        clock: Clock,
        seconds: float | None = None,
        waiting: Callable[[], AbstractContextManager[None]] = nullcontext,
        *,
        stop: _Stop | None = None,
    ) -> None:
        self.clock = clock
        self.waiting = waiting
        self.deadline = math.inf if seconds is None else clock.monotonic() + seconds
        self.hurried = False
        self._what = _WHOLE_RUN
        self._stop = _Stop() if stop is None else stop

    @property
    def cancelled(self) -> threading.Event:
        """Set when the work was interrupted."""
        return self._stop.cancelled

    @property
    def reason(self) -> str:
        """What interrupted it; empty when nothing did."""
        return self._stop.reason

    def cancel(self, reason: str) -> None:
        """Stop the work; the first reason stays."""
        self._stop.reason = self._stop.reason or reason
        self._stop.cancelled.set()

    def remaining(self) -> float:
        """Seconds until the deadline, at least 0."""
        return max(0.0, self.deadline - self.clock.monotonic())

    @property
    def over(self) -> bool:
        """Whether nothing more may be started."""
        return self.cancelled.is_set() or self.remaining() <= 0

    def why_over(self) -> str:
        """The words for `over`: what interrupted the work, or whose time it was that ran out."""
        if self.cancelled.is_set():
            return f"interrupted ({self.reason})" if self.reason else "interrupted"
        return f"{self._what} is used up"

    def sleep(self, seconds: float) -> bool:
        """Wait; False when an interruption or the deadline ended the wait early."""
        limit = min(seconds, self.remaining())
        with self.waiting():
            cut = self.cancelled.wait(limit) if limit > 0 else self.cancelled.is_set()
        return not cut and limit >= seconds

    def narrower(self, seconds: float, what: str = "") -> Control:
        """The same interruption with a deadline that is at most `seconds` away, of which `what` tells whose time it is."""
        inner = Control(self.clock, waiting=self.waiting, stop=self._stop)
        own = self.clock.monotonic() + seconds
        inner.deadline = min(self.deadline, own)
        inner.hurried = self.hurried
        inner._what = what if what and own <= self.deadline else self._what
        return inner
