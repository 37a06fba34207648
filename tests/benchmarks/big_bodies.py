"""Prints seconds and peak memory of whole `smoke run` processes on bodies and headers that are far too large.

    python tests/benchmarks/big_bodies.py [MEGABYTES]

The body is MEGABYTES (1024) long and carries a declared secret once in every mebibyte; the bombs are as large when
decoded. Nothing is asserted: the figures depend on the machine.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.support.cli import command, environment
from tests.support.wire_server import Peer, WireServer

MEBIBYTE = 1024 * 1024
SECRET = "tok_live_0123456789abcdef"


def plain(peer: Peer, megabytes: int) -> None:
    """Text with the secret at changing offsets."""
    line = b'{"level": "error", "msg": "could not finish the order, trying again"}\n'
    block = (SECRET.encode() + b" " + line * (MEBIBYTE // len(line) + 1))[:MEBIBYTE]
    peer.send(b"HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\n")
    peer.send(b"Content-Length: %d\r\n\r\n" % (len(block) * megabytes))
    for _ in range(megabytes):
        peer.send(block)


def bomb(peer: Peer, megabytes: int, layers: int = 1) -> None:
    """Zeros, compressed `layers` times."""
    data = gzip.compress(bytes(MEBIBYTE), mtime=0) * megabytes
    for _ in range(layers - 1):
        data = gzip.compress(data, mtime=0)
    codings = b", ".join([b"gzip"] * layers)
    peer.send(b"HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\nContent-Encoding: " + codings)
    peer.send(b"\r\nContent-Length: %d\r\n\r\n" % len(data) + data)


def headers(peer: Peer, megabytes: int) -> None:
    """10,000 headers of 8 KB."""
    peer.send(b"HTTP/1.1 500 Oops\r\n")
    for number in range(10_000):
        peer.send(b"X-Header-%05d: " % number + b"v" * 8192 + b"\r\n")
    peer.send(b"Content-Length: 2\r\n\r\nok")


WAYS = {
    "1 GB body, masked": plain,
    "gzip bomb": bomb,
    "gzip bomb, two layers": lambda peer, megabytes: bomb(peer, megabytes, 2),
    "10,000 headers of 8 KB": headers,
}


def measure(name: str, megabytes: int) -> None:
    """One process, from its start to its end."""

    def script(peer: Peer) -> None:
        with contextlib.suppress(OSError):
            WAYS[name](peer, megabytes)

    scenario = {
        "name": "big",
        "secrets": ["TOKEN"],
        "steps": [{"name": "A", "request": {"url": "/", "bearer": "{{ secrets.TOKEN }}"}}],
    }
    with tempfile.TemporaryDirectory() as folder, WireServer(script) as server:
        Path(folder, "big.yaml").write_text(json.dumps(scenario), encoding="utf-8")
        reports = [f"{kind}=report.{kind}" for kind in ("json", "junit", "html", "har")]
        begun = time.monotonic()
        process = subprocess.Popen(
            command(
                *("run", "big.yaml", "--url", server.url, "--timeout", "60s"),
                *(text for report in reports for text in ("--report", report)),
            ),
            cwd=folder,
            env=environment({"TOKEN": SECRET}),
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        shown = process.stdout.read()
        _, code, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(code)
        process.stdout.close()
        kept = sum(path.stat().st_size for path in Path(folder, ".smoke").rglob("*.body"))
    leaked = SECRET.encode() in shown
    print(
        f"{name:24} {seconds:6.2f} s  {usage.ru_maxrss / 1024:6.1f} MB peak  {kept / 1e6:8.1f} MB kept"
        f"  exit {process.returncode}{'  LEAKED' if leaked else ''}"
    )


if __name__ == "__main__":
    for way in WAYS:
        measure(way, int(sys.argv[1]) if len(sys.argv) > 1 else 1024)
