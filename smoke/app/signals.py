"""Ctrl-C and CI's signals: the first one stops the steps, the second the clean-up too."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from smoke.engine.control import Control
from smoke.system import STOP_SIGNALS


@contextmanager
def stopping(steps: Control, teardown: Control) -> Iterator[None]:
    """While inside, a signal cancels `steps`; a second one cancels `teardown` as well.

    Outside the main thread (the library called from a worker) signals are left alone. SIGTERM and SIGHUP would
    end Python without running `finally`, so they need handlers as much as Ctrl-C does.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _frame: FrameType | None) -> None:
        name = signal.Signals(number).name
        if steps.cancelled.is_set():
            teardown.cancel(name)
        steps.cancel(name)

    previous = {}
    for number in STOP_SIGNALS:
        previous[number] = signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
