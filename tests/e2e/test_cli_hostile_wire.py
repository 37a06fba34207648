"""Answers that break HTTP's rules, through the installed command: never green, and every byte that came is kept."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import command, environment
from tests.support.wire_server import Peer, WireServer

TEXT = b"".join(
    b"line %04d of the body, with some text to fill it\n" % number for number in range(200)
)
ZIPPED = gzip.compress(TEXT, mtime=0)
ODD = b'{"a": "+ADw-script+AD4- \\x1b[31m caf\xe9 \xff"}'


@dataclass(frozen=True)
class Case:
    """What the server sends; the bytes that must be kept; the error's kind and how the body ended."""

    data: bytes
    kept: bytes
    kind: str | None = None
    ended: str | None = "complete"


def head(status: bytes, *fields: bytes) -> bytes:
    return b"HTTP/1.1 " + status + b"\r\n" + b"".join(field + b"\r\n" for field in fields) + b"\r\n"


def sized(body: bytes, *fields: bytes, status: bytes = b"500 Oops") -> bytes:
    return head(status, b"Content-Length: %d" % len(body), *fields) + body


def chunk(data: bytes, extension: bytes = b"") -> bytes:
    return b"%x" % len(data) + extension + b"\r\n" + data + b"\r\n"


def coded(coding: bytes, body: bytes) -> bytes:
    return sized(body, b"Content-Type: text/plain", b"Content-Encoding: " + coding)


CHUNKED = head(b"500 Oops", b"Transfer-Encoding: chunked")
GOOD = b'{"ok": true, "order_id": "x"}'
CASES = {
    "cut-200": Case(
        head(b"200 OK", b"Content-Length: 100", b"Content-Type: application/json") + GOOD,
        GOOD,
        "truncated",
        "truncated",
    ),
    "two-lengths": Case(
        head(b"500 O", b"Content-Length: 10", b"Content-Length: 20") + TEXT,
        TEXT,
        "protocol",
        "protocol",
    ),
    "no-number": Case(head(b"500 O", b"Content-Length: abc") + TEXT, TEXT, "protocol", "protocol"),
    "no-length": Case(head(b"500 O") + TEXT, TEXT, None, "unproven"),
    "more-than-said": Case(head(b"500 O", b"Content-Length: 10") + TEXT, TEXT[:10]),
    "length-and-chunks": Case(
        head(b"500 O", b"Content-Length: 5", b"Transfer-Encoding: chunked")
        + chunk(TEXT)
        + b"0\r\n\r\n",
        TEXT,
    ),
    "no-last-chunk": Case(CHUNKED + chunk(TEXT), TEXT, "truncated", "truncated"),
    "bad-chunk-size": Case(CHUNKED + chunk(TEXT) + b"zz\r\nxx", TEXT, "protocol", "protocol"),
    "chunk-extension": Case(CHUNKED + chunk(TEXT, b";" + b"e" * 5000) + b"0\r\n\r\n", TEXT),
    "trailers": Case(CHUNKED + chunk(TEXT) + b"0\r\nX-Trailer: 1\r\n\r\n", TEXT),
    "second-answer": Case(sized(TEXT) + sized(b'{"ok": true}', status=b"200 OK"), TEXT),
    "http-0.9": Case(b"hello from 1991\n", b"hello from 1991\n", "protocol", None),
    "ssh": Case(b"SSH-2.0-OpenSSH_9.6\r\n", b"SSH-2.0-OpenSSH_9.6\r\n", "protocol", None),
    "nul": Case(b"\0" * 1000, b"\0" * 1000, "protocol", None),
    "early-hints": Case(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + sized(TEXT), TEXT),
    "status-999": Case(sized(TEXT, status=b"999 Odd"), TEXT),
    "status-599": Case(sized(TEXT, status=b"599 Odd"), TEXT),
    "line-feeds": Case(sized(TEXT).replace(b"\r\n", b"\n"), TEXT),
    "no-reason": Case(sized(TEXT, status=b"500"), TEXT),
    "gzip": Case(coded(b"gzip", ZIPPED), TEXT),
    "gzip-twice": Case(coded(b"gzip, gzip", gzip.compress(ZIPPED, mtime=0)), TEXT),
    "gzip-members": Case(coded(b"gzip", ZIPPED + ZIPPED), TEXT + TEXT),
    "gzip-cut": Case(coded(b"gzip", ZIPPED[:-30]), ZIPPED[:-30], "bad-encoding"),
    "gzip-that-is-text": Case(coded(b"gzip", TEXT), TEXT, "bad-encoding"),
    "deflate": Case(coded(b"deflate", zlib.compress(TEXT)), TEXT),
    "unknown-coding": Case(coded(b"foo", TEXT), TEXT),
    "codings-without-end": Case(coded(b"gzip," * 1000, TEXT), TEXT, "bad-encoding"),
} | {
    f"charset-{name}": Case(
        sized(ODD, b"Content-Type: application/json; charset=" + name.encode()), ODD
    )
    for name in (
        "utf-7",
        "unicode_escape",
        "zlib_codec",
        "rot13",
        "idna",
        "punycode",
        "utf-16",
        "undefined",
    )
}


@dataclass(frozen=True)
class Left:
    """What one run over all cases left."""

    folder: Path
    status: int
    exchanges: dict[str, dict[str, Any]]
    outcomes: dict[str, str]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    folder = tmp_path_factory.mktemp("hostile-wire")
    for name in CASES:
        step = {"name": "A", "request": {"method": "POST", "url": f"/{name}", "json": {}}}
        made = {"name": name.replace("_", "-").replace(".", "-"), "steps": [step]}
        (folder / f"answer-{name}.yaml").write_text(json.dumps(made), encoding="utf-8")

    def script(peer: Peer) -> None:
        peer.send(CASES[peer.request.split(b" ", 2)[1][1:].decode()].data)

    with WireServer(script) as server:
        done = subprocess.run(
            command(
                *("run", *sorted(path.name for path in folder.glob("*.yaml"))),
                *("--url", server.url, "--report", "json=report.json"),
            ),
            cwd=folder,
            env=environment(),
            capture_output=True,
            check=False,
        )
    assert b"Traceback" not in done.stderr
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    exchanges, outcomes = {}, {}
    for scenario in report["run"]["scenarios"]:
        (exchange,) = scenario["steps"][0]["attempts"][0]["exchanges"]
        name = exchange["request"]["url"].rpartition("/")[2]
        exchanges[name], outcomes[name] = exchange, scenario["outcome"]
    return Left(folder, done.returncode, exchanges, outcomes)


def test_all_of_them_were_run(left: Left) -> None:
    assert left.status == 1
    assert set(left.exchanges) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_an_answer_that_breaks_the_rules_is_named_kept_and_not_green(left: Left, name: str) -> None:
    case, exchange = CASES[name], left.exchanges[name]
    assert left.outcomes[name] in ("failed", "errored")
    assert (exchange["error"] or {}).get("kind") == case.kind
    assert (exchange["response"] or {}).get("completeness") == case.ended
    bodies = [path.read_bytes() for path in left.folder.rglob("*.body")]
    assert hashlib.sha256(case.kept).digest() in {hashlib.sha256(body).digest() for body in bodies}


def test_what_came_behind_an_answer_is_evidence_of_that_answer_only(left: Left) -> None:
    """The next exchange must not be given the bytes that were left over."""
    exchange = left.exchanges["second-answer"]
    assert exchange["response"]["status"] == 500
    assert exchange["leftover"]["size"] == len(sized(b'{"ok": true}', status=b"200 OK"))
