"""Steps side by side: the first request of each gets ready, then they leave through one barrier."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from smoke.engine.control import Control
from smoke.engine.cookies import Jar

T = TypeVar("T")
Perform = Callable[[int, dict[str, Jar], Callable[[], None]], T]
"""Carries out the child of that number, with its cookies and what to call directly before a request is sent."""

MOST_PATIENCE = 10.0
"""Seconds that a first request waits for the others."""


def side_by_side(
    count: int,
    perform: Perform[T],
    jars: dict[str, Jar],
    control: Control,
    patience: float | None = MOST_PATIENCE,
) -> list[T]:
    """What each child came to. Each starts from the customers' cookies as they are, and goes its own way.

    With a `patience` of None the first requests wait for one another however long it takes.
    """
    from concurrent.futures import ThreadPoolExecutor

    barrier = threading.Barrier(count)
    copies = [{name: jar.copy() for name, jar in jars.items()} for _ in range(count)]

    def child(number: int) -> T:
        own = copies[number]
        met = threading.Event()

        def meet() -> None:
            if met.is_set():  # only the first requests wait for one another
                return
            met.set()
            with contextlib.suppress(threading.BrokenBarrierError):
                barrier.wait(patience and min(patience, max(0.1, control.remaining())))

        try:
            return perform(number, own, meet)
        finally:
            if not met.is_set():  # it could not get ready: it must not hold the others up
                barrier.abort()

    with control.waiting(), ThreadPoolExecutor(max_workers=count) as pool:
        ends = list(pool.map(child, range(count)))
    for own in copies:
        for name, jar in own.items():
            jars.setdefault(name, Jar()).absorb(jar)
    return ends
