"""Requests leave as evenly as the target's rate says, whoever sends them, and what they wait is no time of the shop's."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.engine.control import Control
from smoke.engine.pace import Departures, Pace, rate_of
from smoke.engine.ports import Spill, SpillFactory
from smoke.engine.redirects import Origin
from smoke.engine.sender import Sender
from smoke.model.exchange import RawExchange, RawResponse, Request


class Moved:
    """A clock that goes on where somebody sleeps by it."""

    def __init__(self) -> None:
        self.at = 100.0

    def monotonic(self) -> float:
        return self.at

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


class Sleeps(Control):
    """Sleeps by that clock."""

    def sleep(self, seconds: float) -> bool:
        assert isinstance(self.clock, Moved)
        self.clock.at += min(seconds, self.remaining())
        return True


@pytest.mark.parametrize(
    ("text", "interval"), [("5/s", 0.2), ("30/m", 2.0), ("100/h", 36.0), (" 1/s ", 1.0)]
)
def test_a_rate_is_a_number_in_a_unit_of_time(text: str, interval: float) -> None:
    assert rate_of(text).interval == pytest.approx(interval)


@given(
    st.integers(1, 12),
    st.lists(st.tuples(st.floats(0, 3), st.integers(1, 12)), max_size=40),
)
def test_in_no_span_of_the_rates_time_more_leave_than_it_says(
    count: int, asked: list[tuple[float, int]]
) -> None:
    """Also where some leave at one instant, and after any pause."""
    departures, now, left = Departures(), 0.0, list[float]()
    for pause, wanted in asked:
        now += pause
        at_once = min(wanted, count)
        left += [departures.reserve(now, 1 / count, at_once)] * at_once
    assert left == sorted(left)
    for begin in left:
        assert sum(begin <= each < begin + 1 - 1e-6 for each in left) <= count


def test_each_has_a_turn_of_its_own_however_many_ask() -> None:
    departures, found, guard = Departures(), list[float](), threading.Lock()

    def ask() -> None:
        for _ in range(50):
            at = departures.reserve(0.0, 0.5)
            with guard:
                found.append(at)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(found) == [number * 0.5 for number in range(200)]


class Answers:
    """Answers in a second each, the first time with a redirect."""

    def __init__(self, clock: Moved) -> None:
        self._clock = clock
        self.sent: list[tuple[float, float]] = []

    def send(
        self,
        request: Request,
        *,
        exchange_id: str,
        timeout: float,
        spill: SpillFactory,
        cancelled: threading.Event | None = None,
    ) -> RawExchange:
        self.sent.append((self._clock.at, timeout))
        self._clock.at += 1
        status = 302 if request.url.endswith("/first") else 200
        response = RawResponse(status, headers=((b"Location", b"/next"),))
        return RawExchange(exchange_id, request, response)


def _no_spill() -> Spill:
    raise AssertionError("nothing here has a body")


def _sender(transport: Answers, pace: Pace) -> Sender:
    return Sender(
        transport,
        {Origin("http", "shop.example", 80)},
        target=None,
        target_headers=(),
        new_id=lambda: "1",
        spill=lambda _name, _request: _no_spill,
        pace=pace,
    )


def test_what_a_request_waits_for_its_turn_is_neither_its_time_nor_its_timeout() -> None:
    clock = Moved()
    transport = Answers(clock)
    sender = _sender(transport, Pace(rate_of("6/m")))
    request = Request("GET", "http://shop.example/first")
    control = Sleeps(clock)
    sender.send(request, jar=None, follow=False, timeout=30, control=control)
    sent = sender.send(request, jar=None, follow=True, timeout=30, control=control)
    assert [at for at, _ in transport.sent] == [100.0, 110.0, 120.0]
    assert [left for _, left in transport.sent] == [30, 30, 29]
    assert sent.seconds == 2
    assert [each.timing.held for each in sent.exchanges] == [9.0, 9.0]
    assert sender.pace.held == 18


def test_nothing_is_sent_where_the_time_is_over_before_its_turn() -> None:
    clock = Moved()
    transport = Answers(clock)
    sender = _sender(transport, Pace(rate_of("1/m")))
    request = Request("GET", "http://shop.example/next")
    control = Sleeps(clock, 20)
    sender.send(request, jar=None, follow=False, timeout=30, control=control)
    late = sender.send(request, jar=None, follow=False, timeout=30, control=control)
    assert len(transport.sent) == 1
    assert late.final.error is not None
    assert late.final.error.message == "not sent: the time for the run (--max-time) is used up"


def test_a_clean_up_in_a_hurry_waits_for_no_turn() -> None:
    clock = Moved()
    pace, control = Pace(rate_of("1/h")), Sleeps(clock)
    control.hurried = True
    assert [pace.hold(control.narrower(3.5)) for _ in range(3)] == [0.0, 0.0, 0.0]
