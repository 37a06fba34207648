"""One total deadline for an exchange, kept at the socket: every wait gets what is left of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from smoke.model.exchange import ErrorKind
from smoke.system import waiter
from smoke.transport.fault import Fault

_SLICE = 0.1
"""Seconds between two looks at `cancelled` while waiting: a Ctrl-C is seen this soon."""
_LONGEST_WAIT = 600.0
"""Seconds of one wait without an event to look at; poll takes no endless number."""


class Deadline:
    """A point of the monotonic clock, and the event that ends an exchange before it.

    `waiting` is entered while a thread waits.
    """

    def __init__(
        self,
        seconds: float,
        cancelled: threading.Event | None = None,
        waiting: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.started = time.monotonic()
        self.seconds = seconds
        self._cancelled = cancelled
        self.waiting = waiting
        self._ends = self.started + seconds
        self._limit = self._ends
        self._why = ""
        self._kind = ErrorKind.TIMEOUT

    def narrow(self, seconds: float, kind: ErrorKind, why: str) -> None:
        """End earlier from now on: `seconds` from now with this kind and words, unless the total ends sooner."""
        limit = time.monotonic() + seconds
        if limit < self._ends:
            self._limit, self._kind, self._why = limit, kind, why

    def reword(self, why: str) -> None:
        """Say this when the narrower limit is over."""
        self._why = why if self._why else ""

    def widen(self) -> None:
        """The total deadline holds again."""
        self._limit, self._kind, self._why = self._ends, ErrorKind.TIMEOUT, ""

    def elapsed(self) -> float:
        """Seconds since the exchange began."""
        return time.monotonic() - self.started

    def left(self) -> float:
        """Seconds that are left. Raises Fault when none are, or when the exchange was cancelled."""
        if self._cancelled is not None and self._cancelled.is_set():
            raise Fault(ErrorKind.INTERRUPTED, "interrupted before the exchange was over")
        left = self._limit - time.monotonic()
        if left <= 0:
            raise Fault(
                self._kind, self._why or f"not over within the total time of {self.seconds:.3g} s"
            )
        return left

    def slice(self) -> float:
        """Seconds to wait at most before `left` is asked again."""
        return min(self.left(), _LONGEST_WAIT if self._cancelled is None else _SLICE)

    def wait(self, descriptor: int, events: int) -> int:
        """What a socket is ready for, never nothing. Raises Fault at the deadline."""
        ready_within = waiter(descriptor, events)
        while True:
            pause = self.slice()
            ready = ready_within(0)  # what is there at once is no wait
            if not ready:
                with self.waiting():
                    ready = ready_within(pause)
            if ready:
                return ready

    def wait_at_most(self, descriptor: int, events: int, seconds: float) -> int:
        """As `wait`, but 0 when nothing happened within `seconds`."""
        ready_within = waiter(descriptor, events)
        until = time.monotonic() + seconds
        while True:
            pause = min(self.slice(), until - time.monotonic())
            with self.waiting():
                ready = ready_within(max(pause, 0))
            if ready:
                return ready
            if time.monotonic() >= until:
                return 0
