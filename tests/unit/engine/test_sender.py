"""How much time a request is given, and what its redirects have left of it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from smoke.engine.control import Control
from smoke.engine.ports import Spill, SpillFactory
from smoke.engine.redirects import Origin
from smoke.engine.sender import Sender
from smoke.model.exchange import RawExchange, RawResponse, Request


def _no_spill() -> Spill:
    raise AssertionError("nothing here has a body")


class Slow:
    """A clock that goes on by a second whenever it is looked at, as on a machine that is busy."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        self.at += 1
        return self.at

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


class Sends:
    """Answers the first request with a redirect, and remembers the time that each was given."""

    def __init__(self) -> None:
        self.timeouts: list[float] = []

    def send(
        self,
        request: Request,
        *,
        exchange_id: str,
        timeout: float,
        spill: SpillFactory,
        cancelled: threading.Event | None = None,
    ) -> RawExchange:
        self.timeouts.append(timeout)
        status = 200 if len(self.timeouts) > 1 else 302
        response = RawResponse(status, headers=((b"Location", b"/next"),))
        return RawExchange(exchange_id, request, response)


def test_the_first_request_gets_the_time_that_was_given_and_those_behind_it_what_is_left() -> None:
    transport = Sends()
    sender = Sender(
        transport,
        {Origin("http", "shop.example", 80)},
        target=None,
        target_headers=(),
        new_id=lambda: "1",
        spill=lambda _name, _request: _no_spill,
    )
    request = Request("GET", "http://shop.example/", ())
    sender.send(request, jar=None, follow=True, timeout=30, control=Control(Slow()))
    first, second = transport.timeouts
    assert first == 30
    assert second < 30
