"""Measures the transport on loopback: `python -m tests.benchmarks.transport_speed`. Figures, not a test."""

from __future__ import annotations

import gzip
import os
import resource
import socket
import threading
import time

from smoke.model.exchange import Body, RawExchange, Redaction, Request
from smoke.transport import Client, Options

SMALL = 3_000
LARGE = 100 * 1024 * 1024
_MIB = 1024 * 1024


class NullSpill:
    """Takes a large body and keeps nothing."""

    redaction_count = 0

    def write(self, data: bytes) -> None:
        """Drop the bytes."""

    def finish(self) -> tuple[Body, tuple[Redaction, ...]]:
        return Body(), ()

    def discard(self) -> None:
        """Nothing was kept."""


def serve() -> int:
    """The port of a server in a process of its own, so that its memory is not counted."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    if os.fork():
        port: int = listener.getsockname()[1]
        listener.close()
        return port
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    answers = _answers()
    while True:
        connection, _ = listener.accept()
        with connection:
            path = connection.recv(65536).split(b" ", 2)[1]
            for part in answers[path]:
                connection.sendall(part)


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(0)


def head(length: int, extra: bytes = b"") -> bytes:
    """A status line and headers."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n" % (
        extra,
        length,
    )


def _answers() -> dict[bytes, list[bytes]]:
    piece = b'{"order": "%d"}' % 1 * 80_000
    large = [piece[:_MIB]] * (LARGE // _MIB)
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in large] + [b"0\r\n\r\n"]
    packed = gzip.compress(os.urandom(_MIB) * 4 + piece * 20, 1)
    bomb = gzip.compress(bytes(_MIB) * 1024, 9)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return {
        b"/small": [head(15) + b'{"order": "12"}'],
        b"/large": [head(LARGE), *large],
        b"/chunked": [chunked, *chunks],
        b"/tiny-chunks": [chunked, b"1\r\nx\r\n" * 1_000_000, b"0\r\n\r\n"],
        b"/gzip": [head(len(packed), b"Content-Encoding: gzip\r\n"), packed],
        b"/bomb": [head(len(bomb), b"Content-Encoding: gzip\r\n"), bomb],
    }


def main() -> None:
    """Print requests a second, seconds for large bodies, and the peak of memory after each."""
    base = f"http://127.0.0.1:{serve()}"
    client = Client(Options())

    def send(path: str) -> RawExchange:
        return client.send(
            Request("GET", base + path), exchange_id="x", timeout=60, spill=NullSpill
        )

    send("/small")
    for _ in range(3):
        started = time.perf_counter()
        for _ in range(SMALL):
            assert send("/small").error is None
        print(f"small        {SMALL / (time.perf_counter() - started):8.0f} requests/s")
    for path in ("/large", "/chunked", "/tiny-chunks", "/gzip", "/bomb"):
        started = time.perf_counter()
        result = send(path)
        seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        assert result.response is not None
        size = result.response.body.window.size
        print(f"{path:13}{seconds:8.3f} s, {size} bytes, peak {peak:.0f} MiB, {result.error}")


if __name__ == "__main__":
    main()
