"""Whatever bytes a server sends, an exchange comes of it: nothing raised, nothing lost, nothing called whole that is not."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smoke.model.exchange import Completeness, Delivery
from tests.support.transport import chunked, plain, send
from tests.support.wire_server import Peer, WireServer

SEEDS = (
    plain(b'{"ok": true}', b"X-A: b", b"x-a: c"),
    plain(gzip.compress(b'{"ok": true}' * 20), b"Content-Encoding: gzip", status=b"500 Oops"),
    chunked(b"hello ", b"world", trailers=b"X-T: 1\r\n"),
    b"HTTP/1.0 200 OK\r\nX: y\r\n\r\nto the close",
    b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
)
GRAINS = (
    b"",
    b"\0",
    b"\r",
    b"\n",
    b"\r\n\r\n",
    b":",
    b" ",
    b"chunked",
    b"-1",
    b"ffffffffffff",
    b"1xx",
    b"\xff",
    b"HTTP/1.1 ",
)


class Mirror:
    """Answers with whatever it was told to last."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def __call__(self, peer: Peer) -> None:
        for piece in self.pieces:
            peer.send(piece)


@pytest.fixture(scope="module")
def mirror() -> Iterator[tuple[Mirror, WireServer]]:
    script = Mirror()
    with WireServer(script) as server:
        yield script, server


@st.composite
def answers(draw: st.DrawFn) -> list[bytes]:
    """An honest answer with some of its bytes replaced, cut into two sends."""
    raw = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 6)))
        raw = raw[:start] + draw(st.sampled_from(GRAINS)) + raw[end:]
    if draw(st.booleans()):
        raw = raw[: draw(st.integers(0, len(raw)))]
    at = draw(st.integers(0, len(raw)))
    return [piece for piece in (raw[:at], raw[at:]) if piece]


@given(pieces=answers())
@example(
    pieces=[b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"]
)
@example(pieces=[b"HTTP/1.1 200 OK\r\n\r\n"])
@settings(max_examples=200, deadline=None)
def test_any_answer_becomes_an_exchange(
    mirror: tuple[Mirror, WireServer], pieces: list[bytes]
) -> None:
    """A body is only complete when its length says so; what is no answer is kept as it came."""
    script, server = mirror
    script.pieces = pieces
    raw = b"".join(pieces)
    exchange = send(server.url, timeout=10)
    response, error = exchange.response, exchange.error
    assert response is not None or error is not None
    if response is None:
        assert error is not None
        assert exchange.undecoded == raw
        assert error.delivery is Delivery.MAYBE_SENT
        return
    body = response.body
    assert body.wire_size <= len(raw)
    assert raw.startswith(b"HTTP/") or response.interim
    if error is None:
        assert body.completeness in (Completeness.COMPLETE, Completeness.UNPROVEN)
        assert body.decode_error == "" or not body.decoded
    else:
        assert error.delivery is Delivery.SENT
        assert error.message
    if (
        body.completeness is Completeness.COMPLETE
        and body.declared_size is not None
        and response.status != 204
    ):
        assert body.wire_size == body.declared_size or b"chunked" in raw.lower()
