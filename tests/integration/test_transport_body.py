"""Bodies: content codings undone within bounds, damage named, large ones streamed, limits kept."""

from __future__ import annotations

import gzip
import os
import random
import zlib
from dataclasses import dataclass

import brotli
import pytest

from smoke.diagnostic import SmokeError
from smoke.model.exchange import (
    MEMORY_LIMIT,
    WINDOW_HEAD,
    WINDOW_TAIL,
    Body,
    Completeness,
    Delivery,
    ErrorKind,
    Phase,
    Redaction,
    Request,
)
from smoke.transport import Client, Options
from tests.support.transport import (
    MemorySpill,
    Spills,
    answer_of,
    body_of,
    error_of,
    plain,
    send,
    zstd_compress,
)
from tests.support.wire_server import Peer, WireServer, sends

TEXT = b"".join(b'{"line": %d, "text": "checkout"}\n' % number for number in range(2_000))


def bare_deflate(data: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(data) + squeeze.flush()


WHOLE = {
    "gzip": (b"gzip", gzip.compress(TEXT)),
    "x-gzip": (b"x-gzip", gzip.compress(TEXT)),
    "GZIP": (b"GZIP", gzip.compress(TEXT)),
    "two members": (b"gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
    "padded": (b"gzip", gzip.compress(TEXT) + bytes(512)),
    "deflate": (b"deflate", zlib.compress(TEXT)),
    "bare deflate": (b"deflate", bare_deflate(TEXT)),
    "br": (b"br", brotli.compress(TEXT)),
    "zstd": (b"zstd", zstd_compress(TEXT)),
    "two frames": (b"zstd", zstd_compress(TEXT[:100]) + zstd_compress(TEXT[100:])),
    "list": (b"gzip, br", brotli.compress(gzip.compress(TEXT))),
    "five": (
        b"gzip,gzip , gzip,deflate,br",
        brotli.compress(zlib.compress(gzip.compress(gzip.compress(gzip.compress(TEXT))))),
    ),
    "identity": (b"identity", TEXT),
    "identity in a list": (b"identity, gzip", gzip.compress(TEXT)),
    "empty": (b"", TEXT),
}


@pytest.mark.parametrize(("coding", "wire"), WHOLE.values(), ids=WHOLE.keys())
def test_whole_codings_are_undone(coding: bytes, wire: bytes) -> None:
    with WireServer(sends(plain(wire, b"Content-Encoding: " + coding))) as server:
        exchange = send(server.url)
    body = answer_of(exchange).body
    assert exchange.error is None
    assert body_of(exchange) == TEXT
    assert (body.decode_error, body.decoded, body.wire) == ("", True, None)
    assert (body.wire_size, body.declared_size) == (len(wire), len(wire))
    assert body.content_encoding == coding.decode()


def test_codings_in_two_headers_are_one_list() -> None:
    wire = brotli.compress(gzip.compress(TEXT))
    raw = plain(wire, b"Content-Encoding: gzip", b"content-encoding: br")
    with WireServer(sends(raw)) as server:
        assert body_of(send(server.url)) == TEXT


@dataclass(frozen=True)
class Damaged:
    """A coded body that is not whole, what can be read of it at least, and the words for it."""

    coding: bytes
    wire: bytes
    word: str
    least: int = 1


NOISE = random.Random(1).randbytes(200_000)
GZIP = gzip.compress(NOISE)
DAMAGED = {
    "gzip cut": Damaged(b"gzip", GZIP[:-50_000], "ends too early", 100_000),
    "gzip without its end": Damaged(b"gzip", GZIP[:-8], "ends too early", len(NOISE)),
    "gzip checksum": Damaged(b"gzip", GZIP[:-8] + b"\0\0\0\0" + GZIP[-4:], "checksum", len(NOISE)),
    "gzip length": Damaged(b"gzip", GZIP[:-4] + b"\0\0\0\0", "length", len(NOISE)),
    "gzip, then text": Damaged(b"gzip", GZIP + b"Fatal error", "something else", len(NOISE)),
    "second member cut": Damaged(b"gzip", GZIP + GZIP[:5_000], "ends too early", len(NOISE)),
    "deflate cut": Damaged(b"deflate", zlib.compress(NOISE)[:-50_000], "ends too early", 100_000),
    "deflate, then text": Damaged(
        b"deflate", zlib.compress(NOISE) + b"more", "something else", len(NOISE)
    ),
    "br cut": Damaged(b"br", brotli.compress(NOISE)[:-50_000], "ends too early", 100_000),
    "br broken": Damaged(
        b"br", brotli.compress(TEXT * 20, quality=1)[:3_000] + b"\xff" * 90_000, "damaged"
    ),
    "zstd cut": Damaged(b"zstd", zstd_compress(NOISE)[:-50_000], "ends too early", 100_000),
    "gzip in br cut": Damaged(
        b"gzip, br", brotli.compress(GZIP[:-50_000]), "ends too early", 100_000
    ),
}


@pytest.mark.parametrize("case", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_codings_are_named_and_keep_their_bytes(case: Damaged) -> None:
    """What could be decoded is shown, what came is kept byte for byte, and the exchange is no success (T4)."""
    with WireServer(sends(plain(case.wire, b"Content-Encoding: " + case.coding))) as server:
        exchange = send(server.url)
    error = error_of(exchange)
    body = answer_of(exchange).body
    assert (error.kind, error.phase, error.delivery) == (
        ErrorKind.BAD_ENCODING,
        Phase.RECEIVE,
        Delivery.SENT,
    )
    assert case.word in error.message
    assert case.word in body.decode_error
    assert body.wire == case.wire
    assert len(body_of(exchange)) >= case.least
    whole = TEXT * 20 if case.word == "damaged" else NOISE
    assert (whole * 2).startswith(body_of(exchange))


def test_a_checksum_that_is_wrong_loses_no_byte() -> None:
    """The library keeps the output of a failing call to itself; all of it is wanted."""
    text = TEXT[:5_000]
    wire = gzip.compress(text)
    wire = wire[:-8] + b"\0\0\0\0" + wire[-4:]
    with WireServer(sends(plain(wire, b"Content-Encoding: gzip"))) as server:
        assert body_of(send(server.url)) == text


@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br", b"zstd"])
def test_text_that_claims_a_coding_is_still_read(coding: bytes) -> None:
    """A proxy's plain error page under the header of the real answer: the text is what a person needs."""
    text = b'{"error": "duplicate key value violates unique constraint"}'
    with WireServer(
        sends(plain(text, b"Content-Encoding: " + coding, status=b"500 Oops"))
    ) as server:
        exchange = send(server.url)
    body = answer_of(exchange).body
    assert error_of(exchange).kind is ErrorKind.BAD_ENCODING
    assert body_of(exchange) == text
    assert (body.decoded, body.wire) == (False, None)
    assert body.decode_error


def test_an_unknown_coding_is_kept_as_it_came() -> None:
    """`utf-8` is not a coding, but servers say so: it is noted, and is no failure of the exchange."""
    with WireServer(sends(plain(TEXT, b"Content-Encoding: utf-8"))) as server:
        exchange = send(server.url)
    body = answer_of(exchange).body
    assert exchange.error is None
    assert body_of(exchange) == TEXT
    assert "utf-8" in body.decode_error
    assert not body.decoded


def test_too_many_codings_are_not_undone() -> None:
    wire = TEXT
    for _ in range(6):
        wire = gzip.compress(wire)
    with WireServer(
        sends(plain(wire, b"Content-Encoding: " + b", ".join([b"gzip"] * 6)))
    ) as server:
        exchange = send(server.url)
    assert error_of(exchange).kind is ErrorKind.BAD_ENCODING
    assert body_of(exchange) == wire
    assert "6" in answer_of(exchange).body.decode_error


def test_a_coded_body_that_breaks_off_is_truncated_first() -> None:
    """The connection's end is the cause; the decoding's is its consequence."""
    raw = plain(GZIP, b"Content-Encoding: gzip")[:-50_000]
    with WireServer(sends(raw)) as server:
        exchange = send(server.url)
    body = answer_of(exchange).body
    assert error_of(exchange).kind is ErrorKind.TRUNCATED
    assert body.completeness is Completeness.TRUNCATED
    assert body.wire == GZIP[:-50_000]
    assert "ends too early" in body.decode_error


def squeezed(coding: str, size: int) -> bytes:
    """Zeros, as small as they go."""
    piece = bytes(1024 * 1024)
    if coding == "br":
        pack = brotli.Compressor(quality=1)
        return b"".join([*(pack.process(piece) for _ in range(size)), pack.finish()])
    if coding == "zstd":
        return zstd_compress(bytes(size * len(piece)))
    deflate = zlib.compressobj(wbits=31)
    return b"".join([*(deflate.compress(piece) for _ in range(size)), deflate.flush()])


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "gzip, gzip"])
def test_a_decompression_bomb_is_stopped(coding: str) -> None:
    """Little that becomes much is stopped by its ratio; its wire bytes are the evidence (T5)."""
    wire = squeezed(coding.partition(",")[0], 200)
    if "," in coding:
        wire = gzip.compress(wire)
    spills = Spills()
    with WireServer(sends(plain(wire, b"Content-Encoding: " + coding.encode()))) as server:
        exchange = send(server.url, spills=spills)
    body = answer_of(exchange).body
    error = error_of(exchange)
    assert error.kind is ErrorKind.TOO_LARGE
    assert "decompression stopped" in error.message
    assert body.completeness is Completeness.TOO_LARGE
    assert body.wire == wire
    assert sum(len(spill.data) for spill in spills.made) < 64 * 1024 * 1024


def test_a_large_body_streams_to_the_run_folder() -> None:
    """Beyond the memory limit the spill gets every byte, and head and tail stay for what looks at them."""
    data = os.urandom(MEMORY_LIMIT + 3_000_000)
    spills = Spills()
    with WireServer(sends(plain(data))) as server:
        exchange = send(server.url, spills=spills, timeout=20)
    body = answer_of(exchange).body
    assert exchange.error is None
    assert [bytes(spill.data) for spill in spills.made] == [data]
    assert body.stored == Body(size=len(data), path="spilled")
    assert body.window.head == data[:WINDOW_HEAD]
    assert body.window.tail == data[-WINDOW_TAIL:]
    assert body.window.size == len(data)


def test_a_body_at_the_memory_limit_stays_in_memory() -> None:
    data = bytes(MEMORY_LIMIT)
    spills = Spills()
    with WireServer(sends(plain(data))) as server:
        exchange = send(server.url, spills=spills, timeout=20)
    assert body_of(exchange) == data
    assert spills.made == []


@pytest.mark.parametrize("coded", [False, True], ids=["plain", "gzip"])
def test_a_body_beyond_the_limit_is_kept_up_to_it(coded: bool) -> None:
    def endless(peer: Peer) -> None:
        peer.send(
            b"HTTP/1.1 200 OK\r\n" + (b"Content-Encoding: gzip\r\n" if coded else b"") + b"\r\n"
        )
        squeeze = zlib.compressobj(level=0, wbits=31)
        while True:
            piece = os.urandom(10_000)
            peer.send(squeeze.compress(piece) if coded else piece)

    with WireServer(endless) as server:
        exchange = send(server.url, options=Options(max_body=100_000))
    error = error_of(exchange)
    assert (error.kind, error.delivery) == (ErrorKind.TOO_LARGE, Delivery.SENT)
    assert "100000" in error.message
    body = answer_of(exchange).body
    assert body.completeness is Completeness.TOO_LARGE
    assert 90_000 < len(body_of(exchange)) <= 100_000


def test_a_limit_of_zero_is_none() -> None:
    with WireServer(sends(plain(TEXT))) as server:
        exchange = send(server.url, options=Options(max_body=0))
    assert body_of(exchange) == TEXT


class FullDisk(MemorySpill):
    """A spill whose disk is full after the first write."""

    def write(self, data: bytes) -> None:
        if self.data:
            raise SmokeError.of("cannot-write", "no space left on device")
        super().write(data)

    def finish(self) -> tuple[Body, tuple[Redaction, ...]]:
        raise AssertionError("a spill that failed is discarded")


def test_a_full_disk_does_not_take_the_answer_with_it() -> None:
    data = os.urandom(MEMORY_LIMIT + 5_000_000)
    spill = FullDisk()
    with WireServer(sends(plain(data, status=b"500 Oops"))) as server, Client() as client:
        exchange = client.send(
            Request("GET", server.url), exchange_id="e", timeout=20, spill=lambda: spill
        )
    error = error_of(exchange)
    assert error.kind is ErrorKind.NOT_KEPT
    assert "no space left" in error.message
    assert answer_of(exchange).status == 500
    assert answer_of(exchange).body.window.head == data[:WINDOW_HEAD]
    assert answer_of(exchange).body.window.tail == data[-WINDOW_TAIL:]
    assert answer_of(exchange).body.stored is None
    assert spill.discarded
