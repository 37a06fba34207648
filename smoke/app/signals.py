"""Ctrl-C and CI's signals: the first one stops the steps, the second the clean-up too."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from smoke.engine.control import Control
from smoke.system import STOP_SIGNALS


class Stops:
    """Signals for runs side by side in threads: each run registers what ends it, the main thread takes the signals."""

    def __init__(self) -> None:
        # of one thread more than once: a second Ctrl-C comes in the middle of what the first one does
        self._guard = threading.RLock()
        self._running: list[tuple[Control, Control]] = []
        self.reason = ""
        self.came = threading.Event()
        """Set by the first signal: what waits can wait for this."""
        self._again = False

    def cancel(self, name: str) -> None:
        """Stop the steps of all that run and will run; called again, their clean-up too."""
        with self._guard:
            self._again = bool(self.reason)
            self.reason = self.reason or name
            self.came.set()
            for steps, teardown in self._running:
                if self._again:
                    teardown.cancel(name)
                steps.cancel(name)

    def wait(self, seconds: float) -> None:
        """Wait, but not beyond the first signal."""
        self.came.wait(seconds)

    @contextmanager
    def watched(self, steps: Control, teardown: Control) -> Iterator[None]:
        """While inside, these are cancelled by a signal; at once where one came before."""
        with self._guard:
            self._running.append((steps, teardown))
            if self.reason:
                steps.cancel(self.reason)
            if self._again:
                teardown.cancel(self.reason)
        try:
            yield
        finally:
            with self._guard:
                self._running.remove((steps, teardown))

    @contextmanager
    def taken(self) -> Iterator[None]:
        """While inside, signals cancel what is watched. Only in the main thread."""
        with _handled(self.cancel):
            yield


@contextmanager
def stopping(
    steps: Control, teardown: Control, deaf: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """While inside, a signal cancels `steps`; a second one cancels `teardown` as well. While `deaf`, Ctrl-C is somebody else's.

    Outside the main thread (the library called from a worker) signals are left alone. SIGTERM and SIGHUP would
    end Python without running `finally`, so they need handlers as much as Ctrl-C does.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(name: str) -> None:
        if name == "SIGINT" and deaf():
            return
        if steps.cancelled.is_set():
            teardown.cancel(name)
        steps.cancel(name)

    with _handled(stop):
        yield


@contextmanager
def _handled(stop: Callable[[str], None]) -> Iterator[None]:
    """While inside, `stop` is called with the name of each signal that asks for an end."""

    def handle(number: int, _frame: FrameType | None) -> None:
        stop(signal.Signals(number).name)

    previous = {}
    for number in STOP_SIGNALS:
        previous[number] = signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
