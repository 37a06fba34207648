"""Streams of events: however their bytes are cut, as many are counted as are read."""

from __future__ import annotations

import pytest

from smoke.model.event_stream import MOST, SSE, EventReader, SentEvent, is_stream, sent_events

SENT = b'\xef\xbb\xbf: hi\n\ndata: {"n": 1}\n\nevent: order\r\nid: 7\r\ndata: {"n": 2,\r\ndata: "x": 3}\r\n\r\n'


@pytest.mark.parametrize(
    ("media_type", "data", "count"),
    [
        (SSE, SENT, 2),
        (SSE, b"data\n\n", 1),
        (SSE, b"\xef\xbb\xbfdata\n\n\xef\xbb\xbfdata\n\n", 1),
        (SSE, b"data:\r\rdata:x\r\r", 2),
        (SSE, b"data: cut", 0),
        (SSE, b"id: 1\nevent: x\n\n: only a comment\n\n", 0),
        (SSE, b"database: x\n\n", 0),
        ("application/x-ndjson", b"  \n" + b" " * 40 + b'{"n": 1}\n\n[2]\r\n', 2),
        ("application/x-ndjson", b'{"cut": ', 0),
    ],
)
def test_events_are_counted_however_they_are_cut(media_type: str, data: bytes, count: int) -> None:
    for size in (1, 2, 3, 7, len(data)):
        reader = EventReader(media_type)
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        found = [event for piece in (*pieces, b"") for event in reader.feed(piece)]
        assert len(found) == count, size
        if media_type == SSE:
            assert found == list(sent_events(data.decode()))
            assert list(reader.end()) == []


def test_a_last_line_of_json_may_lack_its_end() -> None:
    reader = EventReader("application/jsonl")
    assert list(reader.feed(b'\xef\xbb\xbf{"n":\r1}\r\n{"n": 2}')) == [SentEvent('{"n":\r1}', "")]
    assert list(reader.end()) == [SentEvent('{"n": 2}', "")]
    assert list(reader.end()) == []


@pytest.mark.parametrize("media_type", [SSE, "application/jsonl"])
@pytest.mark.parametrize("line", [b"data:" + b"x" * MOST + b"\n", b"data:xx\n" * (MOST // 5)])
def test_an_event_that_is_too_large_is_counted_and_not_held(media_type: str, line: bytes) -> None:
    if media_type != SSE:
        line = line.replace(b"\n", b"") + b"\n"
    reader = EventReader(media_type)
    (large, small) = reader.feed(line + b"\ndata: y\n\n")
    assert (large.data, large.cut) == ("", True)
    assert not small.cut


def test_what_an_event_is_made_of() -> None:
    text = "id: 7\ndata: a\n\ndata:b\nevent:x\nnothing\n\nid: \0\ndata\n\n"
    assert list(sent_events(text)) == [
        SentEvent("a", "message", "7"),
        SentEvent("b", "x", "7"),
        SentEvent("", "message", "7"),
    ]


def test_which_types_are_streams() -> None:
    assert is_stream(SSE)
    assert is_stream("application/jsonl")
    assert not is_stream("application/json")


def test_no_more_is_held_of_an_event_that_is_too_large() -> None:
    reader = EventReader("application/x-ndjson")
    assert [each for _ in range(3) for each in reader.feed(b"x" * MOST)] == []
    (large, small) = reader.feed(b"\n{}\n")
    assert (large.data, large.cut, small.data) == ("", True, "{}")
