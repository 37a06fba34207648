"""Reading heads that break the rules: never an error, never more than is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.text import safe_line
from smoke.transport.looks import describe
from smoke.transport.salvage import body_behind, salvage


@given(st.binary(max_size=300).map(lambda data: b"HTTP/1.1 " + data) | st.binary(max_size=300))
def test_any_bytes_are_read_or_not(raw: bytes) -> None:
    found = salvage(raw)
    if found is not None:
        assert 0 < found.size <= len(raw)
        assert 0 <= found.status <= 9999


@given(st.binary(max_size=300))
def test_any_bytes_are_described_on_one_line(raw: bytes) -> None:
    text = describe(raw)
    assert text == safe_line(text)
    assert len(text) < 600


def test_a_head_is_read_without_judging_it() -> None:
    raw = b"HTTP/1.1 1000 So \x1b[31m\r\nX A: \x00b\r\nnothing\r\ncontent-length: 4\r\n\r\nbody"
    found = salvage(raw)
    assert found is not None
    assert (found.version, found.status, found.reason) == (b"1.1", 1000, b"So \x1b[31m")
    assert found.headers == ((b"X A", b"\x00b"), (b"nothing", b""), (b"content-length", b"4"))
    assert raw[found.size :] == b"body"
    assert (found.length, found.chunked) == (4, False)


@pytest.mark.parametrize(
    ("fields", "length", "chunked"),
    [
        (b"Content-Length: 4\r\nContent-Length: 4\r\n", 4, False),
        (b"Content-Length: 4\r\nContent-Length: 5\r\n", None, False),
        (b"Content-Length: -4\r\n", None, False),
        (b"Content-Length: " + b"9" * 400 + b"\r\n", None, False),
        (b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", None, True),
        (b"Transfer-Encoding: gzip, Chunked\r\n", None, True),
        (b"Transfer-Encoding: chunked, gzip\r\n", None, False),
        (b"", None, False),
    ],
)
def test_only_one_clear_length_counts(fields: bytes, length: int | None, chunked: bool) -> None:
    found = salvage(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n")
    assert found is not None
    assert (found.length, found.chunked) == (length, chunked)


@pytest.mark.parametrize(
    "raw", [b"", b"HTTP", b"HTTP/1.1 abc\r\n", b"SSH-2.0-x\r\n", b"HTTP/1.1 20000 x\r\n"]
)
def test_without_a_status_line_there_is_nothing(raw: bytes) -> None:
    assert salvage(raw) is None


def test_a_head_without_end_is_all_there_is() -> None:
    raw = b"HTTP/1.1 200 OK\r\nX-A: b"
    assert body_behind(raw, 0) == len(raw)
    found = salvage(raw)
    assert found is not None
    assert found.headers == ((b"X-A", b"b"),)


def test_the_first_blank_line_ends_a_head() -> None:
    assert body_behind(b"a\n\nb\r\n\r\n", 0) == 3
    assert body_behind(b"a\r\n\r\nb\n\n", 0) == 5
