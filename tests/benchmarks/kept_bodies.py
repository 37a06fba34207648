"""Prints how bodies of failing responses are kept by whole `smoke run` processes: byte for byte, and in how much memory.

    python tests/benchmarks/kept_bodies.py [MEGABYTES]

Bodies of 0 bytes, 1 kB, 5 MB and MEGABYTES (200) that hold nothing to mask and repeat nothing, plain and in every content
coding. They are made while they are sent, so that this process stays smaller than those it measures.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import brotli

from tests.support.cli import command, environment
from tests.support.wire_server import Peer, WireServer

BLOCK = 1_000_000
LINE = '{{"id": {0}, "sku": "SKU-{0:06d}", "name": "Blue cotton shirt, size {1}", "at": "2026-11-23T10:{2:02d}:{1:02d}Z"}},\n'
ROWS = "".join(LINE.format(n, n % 60, n // 60 % 60) for n in range(12_000)).encode()[:BLOCK]

Coder = tuple[Callable[[bytes], bytes], Callable[[], bytes]]


def pieces(size: int) -> Iterator[bytes]:
    """The body: rows that are shifted from block to block."""
    for number in range(0, size, BLOCK):
        shift = number // BLOCK * 977 % BLOCK
        yield (b"%d\n" % number + ROWS[shift:] + ROWS[:shift])[: min(BLOCK, size - number)]


def _zstd() -> Coder:
    if sys.version_info >= (3, 14):
        from compression import zstd

        state = zstd.ZstdCompressor(level=1)
        return state.compress, state.flush
    import zstandard

    other = zstandard.ZstdCompressor(level=1).compressobj()
    return other.compress, other.flush


def _coder(name: str) -> Coder:
    if name == "zstd":
        return _zstd()
    if name == "br":
        state = brotli.Compressor(quality=1)
        return state.process, state.finish
    gzip = zlib.compressobj(1, wbits=31)
    return gzip.compress, gzip.flush


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def answer(peer: Peer, size: int, coding: str) -> None:
    """A 500 with the body in chunks."""
    peer.read_head()
    peer.send(b"HTTP/1.1 500 Oops\r\nContent-Type: application/json\r\n")
    if coding != "plain":
        peer.send(b"Content-Encoding: " + coding.encode() + b"\r\n")
    peer.send(b"Transfer-Encoding: chunked\r\n\r\n")
    code, end = (bytes, bytes) if coding == "plain" else _coder(coding)
    for piece in pieces(size):
        peer.send(_chunk(code(piece)))
    peer.send(_chunk(end()) + b"0\r\n\r\n")


def measure(size: int, coding: str) -> None:
    """One process, from its start to its end."""

    def script(peer: Peer) -> None:
        with contextlib.suppress(OSError):
            answer(peer, size, coding)

    scenario = {"name": "big", "steps": [{"name": "A", "request": {"url": "/"}}]}
    with tempfile.TemporaryDirectory() as folder, WireServer(script) as server:
        Path(folder, "big.yaml").write_text(json.dumps(scenario), encoding="utf-8")
        begun = time.monotonic()
        process = subprocess.Popen(
            command("run", "big.yaml", "--url", server.url, "--timeout", "120s"),
            cwd=folder,
            env=environment(),
            stdout=subprocess.DEVNULL,
        )
        _, code, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(code)
        kept, wanted = hashlib.sha256(), hashlib.sha256()
        for piece in pieces(size):
            wanted.update(piece)
        for path in Path(folder, ".smoke").rglob("*response.body"):
            with path.open("rb") as file:
                while data := file.read(BLOCK):
                    kept.update(data)
    same = "same bytes" if kept.digest() == wanted.digest() else "NOT THE SAME BYTES"
    print(
        f"{size / 1e6:9.3f} MB {coding:6} {same}  {usage.ru_maxrss / 1024:6.1f} MiB peak  {seconds:6.2f} s"
        f"  {usage.ru_utime + usage.ru_stime:6.2f} s CPU  exit {process.returncode}",
        flush=True,
    )


if __name__ == "__main__":
    largest = int(float(sys.argv[1]) * 1e6) if len(sys.argv) > 1 else 200_000_000
    for length in (0, 1000, 5_000_000, largest):
        for way in ("plain", "gzip", "br", "zstd"):
            measure(length, way)
