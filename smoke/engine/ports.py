"""What the engine asks of the outside: sending, keeping, and what time it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from smoke.model.call import CallAnswer, ReceivedCall
from smoke.model.events import Event
from smoke.model.exchange import Body, RawExchange, Redaction, Request, Window
from smoke.model.masking import Masking


class Spill(Protocol):
    """Takes the decoded bytes of a body that is too large for memory; masks and writes them as they come."""

    def write(self, data: bytes) -> None:
        """Take the next bytes; the first call brings all that came so far."""

    def finish(self) -> tuple[Body, tuple[Redaction, ...]]:
        """End the body: where it lies, and what was masked in it."""

    def discard(self) -> None:
        """Remove what was written."""

    @property
    def redaction_count(self) -> int:
        """How many values were masked so far; `finish` lists only the first thousand."""


SpillFactory = Callable[[], Spill]


class Transport(Protocol):
    """Sends one request on a connection of its own."""

    def send(
        self,
        request: Request,
        *,
        exchange_id: str,
        timeout: float,
        spill: SpillFactory,
        cancelled: threading.Event | None = None,
    ) -> RawExchange:
        """The exchange as it happened, within `timeout` seconds in all; never raises for what a server does."""


class Journal(Protocol):
    """Takes the events of a run, in order."""

    def append(self, event: Event, *, sync: bool = False) -> None:
        """Write one event; with `sync` it is on the disk before this returns."""


class Bodies(Protocol):
    """Keeps masked bodies, and reads them back."""

    def keep(self, name: str, data: bytes, *, sync: bool = False, in_event: bool = False) -> Body:
        """Write a body under a name that begins with `name`; with `in_event` a small one may be left to its event."""

    def spill(self, name: str, masker: Masking) -> Spill:
        """A body that is masked and written as it comes."""

    def window(self, body: Body) -> Window:
        """The bytes of a stored body that are examined."""


Matches = Callable[[ReceivedCall], bool]
"""Whether a call is the one that is waited for."""


class CallReceiver(Protocol):
    """Takes calls at a loopback port until it is closed."""

    @property
    def url(self) -> str:
        """Below this URL it takes calls."""

    @property
    def waiting(self) -> tuple[ReceivedCall, ...]:
        """The calls that nobody took yet."""

    @property
    def refused(self) -> Mapping[str, int]:
        """Why calls were refused, and how many."""

    def take(self, matches: Matches, seconds: float) -> ReceivedCall | None:
        """The first call that matches; None when none came within `seconds`."""

    def close(self) -> None:
        """Give the port back."""


class Receiving(Protocol):
    """Opens a receiver."""

    def __call__(self, answer: CallAnswer, /, *, port: int, now: Callable[[], str]) -> CallReceiver:
        """Open one at a port of the loopback (0: any that is free). Raises SmokeError when it cannot be had."""
