"""Sending through the transport in tests, and a spill that keeps what it gets in memory."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, field

from smoke.model.exchange import (
    Body,
    Headers,
    RawExchange,
    RawResponse,
    Redaction,
    Request,
    TransportError,
)
from smoke.transport import Client, Options


@dataclass
class MemorySpill:
    """Keeps a spilled body in memory."""

    data: bytearray = field(default_factory=bytearray)
    discarded: bool = False
    redaction_count: int = 0

    def write(self, data: bytes) -> None:
        self.data += data

    def finish(self) -> tuple[Body, tuple[Redaction, ...]]:
        return Body(size=len(self.data), path="spilled"), ()

    def discard(self) -> None:
        self.discarded = True


@dataclass
class Spills:
    """Makes spills and remembers them."""

    made: list[MemorySpill] = field(default_factory=list)

    def __call__(self) -> MemorySpill:
        self.made.append(MemorySpill())
        return self.made[-1]


def send(
    url: str,
    *,
    method: str = "GET",
    headers: Headers = (),
    body: bytes = b"",
    timeout: float = 5,
    options: Options | None = None,
    spills: Spills | None = None,
    cancelled: threading.Event | None = None,
) -> RawExchange:
    """One exchange by a client of its own."""
    with Client(options) as client:
        return client.send(
            Request(method, url, headers, body),
            exchange_id="e1",
            timeout=timeout,
            spill=spills or Spills(),
            cancelled=cancelled,
        )


def answer_of(exchange: RawExchange) -> RawResponse:
    """The response, which has to be there."""
    assert exchange.response is not None, exchange.error
    return exchange.response


def error_of(exchange: RawExchange) -> TransportError:
    """The transport error, which has to be there."""
    assert exchange.error is not None, exchange.response
    return exchange.error


def body_of(exchange: RawExchange) -> bytes:
    """The whole body of a response that fitted into memory."""
    window = answer_of(exchange).body.window
    assert window.omitted == 0
    return window.head


def plain(body: bytes, *extra: bytes, status: bytes = b"200 OK") -> bytes:
    """An honest answer with a length."""
    lines = [b"HTTP/1.1 " + status, *extra, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunked(*chunks: bytes, trailers: bytes = b"") -> bytes:
    """An honest chunked answer."""
    coded = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + coded
        + b"0\r\n"
        + trailers
        + b"\r\n"
    )


if sys.version_info >= (3, 14):
    from compression import zstd

    def zstd_compress(data: bytes) -> bytes:
        """One zstd frame."""
        return zstd.compress(data)

else:
    import zstandard

    def zstd_compress(data: bytes) -> bytes:
        """One zstd frame."""
        return zstandard.compress(data)
