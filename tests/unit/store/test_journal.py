"""The event file: every prefix of it reads back, and what is torn is told."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from smoke.model.asked import Target
from smoke.model.events import (
    Event,
    ExchangeRecorded,
    OrderSettled,
    RunFinished,
)
from smoke.model.exchange import Body, Exchange, Response, StoredRequest
from smoke.model.fold import fold
from smoke.model.run import OrderState, Outcome, Run
from smoke.store import RunFolder
from smoke.store.journal import Torn, line_of, read, read_line
from tests.support.told import order_intended, run_started, scenario_started, step_started

EVENTS: list[Event] = [
    run_started("t0", "r1", "0.1.0", Target(url="http://shop.test")),
    scenario_started("t1", "s"),
    step_started("t2", "s", "Order 1"),
    order_intended("t3", "s", "Order 1", "k1", "x1", idempotency_key="u"),
    ExchangeRecorded(
        "t4",
        "s",
        "Order 1",
        1,
        Exchange(
            "x1",
            StoredRequest("POST", "http://shop.test/", ((b"X", b"\xff\x00\n"),)),
            Response(500, b"Not \xfc", body=Body(3, "ab", "bodies/order-1.1.response.body")),
        ),
    ),
    OrderSettled("t5", "k1", OrderState.MAY_EXIST),
    RunFinished("t6", Outcome.FAILED),
]
LINES = [line_of(event) for event in EVENTS]
FILE = b"".join(LINES)


def _lines(data: bytes) -> list[Event | Torn]:
    return list(read(iter(data.splitlines(keepends=True))))


def test_every_line_is_strict_json_of_one_line() -> None:
    for line in LINES:
        assert line.count(b"\n") == 1
        assert json.loads(line)["crc"]


def test_events_come_back_as_they_were() -> None:
    assert _lines(FILE) == EVENTS


def test_every_prefix_reads_back() -> None:
    ends = [sum(map(len, LINES[: number + 1])) for number in range(len(LINES))]
    for size in range(len(FILE) + 1):
        found = _lines(FILE[:size])
        whole = [event for event in found if not isinstance(event, Torn)]
        assert whole == EVENTS[: len(whole)]
        assert len(whole) == sum(size >= end - 1 for end in ends)  # all but the newline is enough
        torn = [line for line in found if isinstance(line, Torn)]
        assert len(torn) == (0 if size in {0, *ends, *(end - 1 for end in ends)} else 1)
        run = fold(whole)
        assert (run is None) == (not whole)
        if run is not None and len(whole) < len(EVENTS):
            assert run.outcome is Outcome.UNFINISHED
        if run is not None and len(whole) >= 4:
            assert [order.left_behind for order in run.orders] == [True]


@given(st.integers(0, len(FILE) - 1), st.integers(0, 255))
def test_a_changed_byte_is_noticed(place: int, byte: int) -> None:
    if FILE[place] == byte:
        return
    changed = FILE[:place] + bytes([byte]) + FILE[place + 1 :]
    found = _lines(changed)
    assert any(isinstance(line, Torn) for line in found)
    assert sum(not isinstance(line, Torn) for line in found) >= len(EVENTS) - 2


def test_what_a_later_process_appends_is_read_behind_a_torn_line(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, "r1") as folder:
        for event in EVENTS[:4]:
            folder.append(event)
    file = tmp_path / "r1" / "events.jsonl"
    for cut in range(1, 41):
        file.write_bytes(b"".join(LINES[:5])[:-cut])
        with RunFolder.open(tmp_path / "r1") as again:
            again.lock()
            again.append(EVENTS[5], sync=True)
            run = again.run()
            assert isinstance(run, Run)
            assert [order.state for order in run.orders] == [OrderState.MAY_EXIST]
            assert [torn.line for torn in again.torn()] == ([5] if cut > 1 else [])


def test_a_deeply_nested_line_is_torn_and_no_crash() -> None:
    import zlib

    text = b'{"event":' + b"[" * 200_000
    line = b'{"crc":"%08x",%b' % (zlib.crc32(text), text[1:])
    assert isinstance(_lines(line + b"\n")[0], Torn)


def test_events_of_a_newer_version_are_passed_over() -> None:
    import zlib

    text = b'{"event":"OrderPraised","at":"t"}'
    assert read_line(b'{"crc":"%08x",%b' % (zlib.crc32(text), text[1:])) is None
