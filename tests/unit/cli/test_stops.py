"""Signals for runs in threads."""

from __future__ import annotations

import threading

from smoke.app.signals import Stops
from smoke.engine.control import Control, SystemClock


def test_the_first_signal_ends_the_steps_and_the_second_the_clean_up_of_all() -> None:
    stops = Stops()
    first, second = [(Control(SystemClock()), Control(SystemClock())) for _ in range(2)]
    with stops.watched(*first), stops.watched(*second):
        stops.cancel("SIGINT")
        assert [each.reason for each in (*first, *second)] == ["SIGINT", "", "SIGINT", ""]
        stops.cancel("SIGTERM")
        assert [each.reason for each in (first[1], second[1])] == ["SIGTERM", "SIGTERM"]
    late = Control(SystemClock()), Control(SystemClock())
    with stops.watched(*late):
        assert [each.reason for each in late] == ["SIGINT", "SIGINT"]


def test_a_signal_in_the_middle_of_another_ends_both() -> None:
    stops = Stops()

    class Impatient(Control):
        """While it is cancelled, the second Ctrl-C comes."""

        def cancel(self, reason: str) -> None:
            first = not self.cancelled.is_set()
            super().cancel(reason)
            if first:
                stops.cancel("SIGTERM")

    steps, teardown = Impatient(SystemClock()), Control(SystemClock())

    def interrupted() -> None:
        with stops.watched(steps, teardown):
            stops.cancel("SIGINT")

    worker = threading.Thread(target=interrupted, daemon=True)
    worker.start()
    worker.join(30)
    assert not worker.is_alive()
    assert (steps.reason, teardown.reason) == ("SIGINT", "SIGTERM")
