"""Where the time of an exchange went: each phase with its beginning and its end, for a picture of it."""

from __future__ import annotations

from msgspec import Struct

from smoke.model.exchange import Exchange, Phase


class TimeSpan(Struct, frozen=True):
    """One phase, in seconds from the start of the exchange. `broke`: it is the one in which the exchange broke.

    What smoke held back, for the rate of the target, lies before the start.
    """

    name: str
    start: float
    end: float
    broke: bool = False

    @property
    def seconds(self) -> float:
        return self.end - self.start


HELD = "held back"
_NAMES = {Phase.TLS: "TLS"}


def spans(exchange: Exchange) -> tuple[TimeSpan, ...]:
    """The phases that were reached, one behind the other; what was not reached is not there.

    The clock notes when a phase ended. What is left of the time is the phase in which the exchange broke, or the one
    in which the answer was received.
    """
    told = exchange.timing
    ends = (
        (Phase.RESOLVE, told.resolve),
        (Phase.CONNECT, told.connect),
        (Phase.TLS, told.tls),
        (Phase.SEND, told.sent),
        (Phase.WAIT, told.first_byte),
    )
    found = [TimeSpan(HELD, -told.held, 0.0)] if told.held else []
    start = 0.0
    for phase, end in ends:
        if end is not None:
            found.append(TimeSpan(_name(phase), start, max(start, end)))
            start = max(start, end)
    error = exchange.error
    if error is None:
        found.append(TimeSpan(_name(Phase.RECEIVE), start, max(start, told.total)))
    else:
        found.append(TimeSpan(_name(error.phase), start, max(start, told.total), broke=True))
    return tuple(found)


def _name(phase: Phase) -> str:
    return _NAMES.get(phase, phase.value)
