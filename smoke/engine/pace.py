"""How many requests may leave for a deployment in a time, whoever in this process sends them (`--rate 5/s`).

They leave evenly: one after each `seconds / count`. So none of them is a burst, and in no span of that time leave more than
`count`. What `together` sends leaves at one instant all the same: room for it is kept free before and behind it.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable

from msgspec import Struct

from smoke.engine.control import Control
from smoke.engine.redirects import Origin

BeforeSend = Callable[[], float | None]
"""Called when a request is ready: the seconds that it held it back, None where the request waits for its own turn."""
MOST = 100_000
"""Requests in a time: nobody asks a shop more often, and a wait that is shorter cannot be kept."""
_RATE = re.compile(r"([0-9]{1,6})/(s|m|h)", re.ASCII)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


class Rate(Struct, frozen=True):
    """At most `count` requests in `seconds`; `text` is how it was written."""

    count: int
    seconds: float
    text: str

    @property
    def interval(self) -> float:
        """Seconds from one request to the next."""
        return self.seconds / self.count


def rate_of(text: str) -> Rate:
    """The rate of `5/s`, `30/m` or `100/h`. Raises ValueError."""
    match = _RATE.fullmatch(text.strip())
    if match is None or not 1 <= int(match[1]) <= MOST:
        raise ValueError(f"5/s, 30/m or 100/h, a number from 1 to {MOST:,} before it")
    return Rate(int(match[1]), _SECONDS[match[2]], text.strip())


class Departures:
    """When the next request may leave, for all that share it; times are those of one monotonic clock."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._free = -math.inf

    def reserve(self, now: float, interval: float, count: int = 1) -> float:
        """When `count` requests may leave at one instant: nothing leaves within as many intervals before it and behind it."""
        with self._guard:
            at = max(now, self._free + (count - 1) * interval)
            self._free = at + count * interval
            return at


class Pace:
    """Holds requests back until it is their turn; without a rate it holds nothing back."""

    def __init__(self, rate: Rate | None = None, departures: Departures | None = None) -> None:
        self.rate = rate
        self._departures = departures or Departures()
        self._mine = threading.local()

    @property
    def held(self) -> float:
        """Seconds that requests of this thread were held back so far."""
        return float(getattr(self._mine, "held", 0.0))

    def reserve(self, control: Control, count: int = 1) -> float:
        """When `count` requests may leave at one instant, by the monotonic clock."""
        now = control.clock.monotonic()
        if self.rate is None or control.hurried:
            return now
        return self._departures.reserve(now, self.rate.interval, count)

    def turn(self, control: Control, before: BeforeSend | None) -> float:
        """Wait for the turn, where `before` did not do so for several at once; the seconds that it took."""
        held = before() if before is not None else None
        return self.hold(control) if held is None else held

    def hold(self, control: Control, until: float | None = None) -> float:
        """Wait for the turn of one request, or `until` a time that was reserved; the seconds that it took.

        It ends early where the work is over: nothing is sent then.
        """
        until = self.reserve(control) if until is None else until
        begun = control.clock.monotonic()
        if until <= begun:
            return 0.0
        control.sleep(until - begun)
        held = max(0.0, control.clock.monotonic() - begun)
        self._mine.held = self.held + held
        return held


_SHARED: dict[Origin, Departures] = {}
_SHARING = threading.Lock()


def pace_of(origin: Origin, rate: Rate | None) -> Pace:
    """The pace of a run at `origin`: runs of this process at one deployment share its departures."""
    if rate is None:
        return Pace()
    with _SHARING:
        return Pace(rate, _SHARED.setdefault(origin, Departures()))
