"""Steps side by side: the first request of each gets ready, then they leave through one gate."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from smoke.engine.control import Control
from smoke.engine.cookies import Jar
from smoke.engine.pace import Pace

T = TypeVar("T")
Perform = Callable[[int, dict[str, Jar], Callable[[], float | None]], T]
"""Carries out the child of that number, with its cookies and what to call directly before a request is sent."""

MOST_PATIENCE = 10.0
"""Seconds that a first request waits for the others."""


class Gate:
    """Where the first requests of all children meet. They leave at one instant, when the target's rate has room for all.

    With a `patience` of None they wait for one another however long it takes.
    """

    def __init__(
        self, count: int, control: Control, pace: Pace, patience: float | None = MOST_PATIENCE
    ) -> None:
        self._count = count
        self._control = control
        self._pace = pace
        self._patience = patience
        self._until: float | None = None
        self._ready = threading.Barrier(count, action=self._reserve)
        self._go = threading.Barrier(count)

    def _reserve(self) -> None:
        at = self._pace.reserve(self._control, self._count)
        self._until = at if at > self._control.clock.monotonic() else None

    def pass_through(self) -> float | None:
        """Wait for the others; the seconds held back for the rate, None where this one goes for itself."""
        try:
            self._ready.wait(timeout=self._longest())
        except threading.BrokenBarrierError:
            return None
        if self._until is None:
            return 0.0
        held = self._pace.hold(self._control, self._until)
        with contextlib.suppress(threading.BrokenBarrierError):
            self._go.wait(timeout=self._longest())
        return held

    def give_up(self) -> None:
        """One of them cannot get ready: it must not hold the others up."""
        self._ready.abort()

    def _longest(self) -> float | None:
        return self._patience and min(self._patience, max(0.1, self._control.remaining()))


def side_by_side(
    count: int, perform: Perform[T], jars: dict[str, Jar], control: Control, gate: Gate
) -> list[T]:
    """What each child came to. Each starts from the customers' cookies as they are, and goes its own way."""
    from concurrent.futures import ThreadPoolExecutor

    copies = [{name: jar.copy() for name, jar in jars.items()} for _ in range(count)]

    def child(number: int) -> T:
        own = copies[number]
        met = threading.Event()

        def meet() -> float | None:
            if met.is_set():  # only the first requests wait for one another
                return None
            met.set()
            return gate.pass_through()

        try:
            return perform(number, own, meet)
        finally:
            if not met.is_set():
                gate.give_up()

    with control.waiting(), ThreadPoolExecutor(max_workers=count) as pool:
        ends = list(pool.map(child, range(count)))
    for own in copies:
        for name, jar in own.items():
            jars.setdefault(name, Jar()).absorb(jar)
    return ends
