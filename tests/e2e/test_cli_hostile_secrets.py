"""A secret planted in every place and spelling is in no file, no line and no process list, during the run or after."""

from __future__ import annotations

import json
import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.cli import command, environment, smoke
from tests.support.planted import spellings
from tests.support.wire_server import Peer, WireServer

CARDS = ("4242424242424242", "4000 0566 5566 5556", "3782-822463-10005")

SCENARIO = {
    "name": "planted",
    "secrets": ["API_KEY"],
    "steps": [
        {
            "name": "Login",
            "request": {
                "method": "POST",
                "url": "/login?key={{ secrets.API_KEY }}",
                "bearer": "{{ secrets.API_KEY }}",
                "headers": {
                    "X-Api-Key": "{{ secrets.API_KEY }}",
                    "Cookie": "k={{ secrets.API_KEY | urlencode }}",
                },
                "json": {"password": "{{ secrets.API_KEY }}", "note": "a {{ secrets.API_KEY }} b"},
            },
            "capture": {
                "token": {"json": "$.token", "secret": True},
                "session": {"cookie": "session", "secret": True},
            },
        },
        {
            "name": "Form",
            "request": {
                "method": "POST",
                "url": "/echo/{{ token }}",
                "basic": {"username": "shop", "password": "{{ secrets.API_KEY }}"},
                "headers": {"X-Session": "{{ session }}"},
                "form": {"key": "{{ secrets.API_KEY }}", "token": "{{ token }}"},
                "follow_redirects": True,
            },
            "expect": {"status": 500, "database_error": "allowed", "server_error": "allowed"},
        },
        {
            "name": "Order",
            "request": {"method": "POST", "url": "/chunks", "json": {"token": "{{ token }}"}},
            "places_order": {"id": "$.id", "remove": "remove it with {{ token }}"},
            "retry": {"attempts": 2, "on": ["5xx"], "wait": "1ms", "idempotent": True},
            "expect": {
                "json": {"$.error": "nothing {{ secrets.API_KEY }}"},
                "text": {"contains": "{{ token }}!"},
            },
        },
    ],
    "teardown": [
        {
            "name": "Cancel",
            "request": {"method": "DELETE", "url": "/orders/{{ token }}", "bearer": "{{ token }}"},
        }
    ],
}


@dataclass
class Planted:
    """A shop that gives every secret back in every spelling, and watches what is written meanwhile."""

    folder: Path
    values: dict[str, str] = field(
        default_factory=lambda: {
            "key": f'k{secrets.token_hex(6)}&<"é/+ {secrets.token_urlsafe(9)}\\',
            "token": f"t{secrets.token_urlsafe(12)}",
            "session": f"s{secrets.token_hex(12)}",
        }
    )
    seen: int = 0
    processes: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)

    def said(self) -> bytes:
        """Everything at once, as a careless error page would say it."""
        parts = [
            f"{name}: ".encode() + text
            for value in self.values.values()
            for name, text in spellings(value).items()
        ]
        parts += [
            f"postgres://shop:{self.values['token']}@db/shop".encode(),
            *(card.encode() for card in CARDS),
        ]
        return b"BEFORE\n" + b"\n".join(parts) + b"\nAFTER"

    def answer(self, peer: Peer) -> None:
        self.watch()
        target = peer.request.split(b" ", 2)[1]
        if target.startswith(b"/login"):
            body = json.dumps(
                {"token": self.values["token"], "card": CARDS[0], "cvc": "737"}
            ).encode()
            cookie = b"Set-Cookie: session=" + self.values["session"].encode() + b"; Path=/\r\n"
            peer.send(_head(200, b"application/json", len(body), cookie) + body)
        elif target.startswith(b"/echo"):
            body = self.said()
            named = (
                b"X-Echo: "
                + spellings(self.values["key"])["percent"]
                + b"\r\nX-Token: "
                + self.values["token"].encode()
                + b"\r\n"
            )
            peer.send(_head(500, b"text/html", len(body), named) + body)
        elif target.startswith(b"/chunks"):
            body = json.dumps({"error": self.said().decode()}).encode()
            peer.send(
                b"HTTP/1.1 500 "
                + self.values["token"].encode()
                + b"\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            for start in range(0, len(body), 3):
                piece = body[start : start + 3]
                peer.send(b"%x\r\n" % len(piece) + piece + b"\r\n")
            peer.send(b"0\r\n\r\n")
        else:
            body = self.said()[:-20]
            peer.send(_head(404, b"text/plain", len(body) + 50) + body)  # it breaks off

    def watch(self) -> None:
        """Look for the secrets in the arguments of the run's processes, and in what is on the disk by now."""
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if (entry / "cwd").resolve() != self.folder.resolve():
                        continue  # of another test beside this one: test cards are everybody's
                    arguments = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                self.seen += 1
                self.processes += self.found(arguments)
        for path in (self.folder / ".smoke").rglob("*"):
            if path.is_file():
                self.early += [f"{path.name}: {form}" for form in self.found(path.read_bytes())]

    def found(self, data: bytes) -> list[str]:
        """Which secret is there in which spelling."""
        return [
            f"{which} {name}"
            for which, value in self.values.items()
            for name, text in spellings(value).items()
            if text in data
        ] + [f"card {card}" for card in CARDS if card.encode() in data]


def _head(status: int, kind: bytes, length: int, extra: bytes = b"") -> bytes:
    fields = b"Content-Type: " + kind + b"\r\nContent-Length: " + str(length).encode()
    return f"HTTP/1.1 {status} Status\r\n".encode() + fields + b"\r\n" + extra + b"\r\n"


@pytest.mark.parametrize("ci", [False, True], ids=["terminal", "ci"])
def test_a_planted_secret_is_nowhere(tmp_path: Path, ci: bool) -> None:
    planted = Planted(tmp_path)
    (tmp_path / "planted.json.yaml").write_text(json.dumps(SCENARIO), encoding="utf-8")
    reports = ["json", "junit", "html", "har"]
    arguments = ["run", "planted.json.yaml", "--verbose"]
    arguments += [text for name in reports for text in ("--report", f"{name}=report.{name}")]
    extra = {"API_KEY": planted.values["key"]}
    if ci:
        extra |= {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    with WireServer(planted.answer) as server:
        done = subprocess.run(
            command(*arguments, "--url", server.url),
            cwd=tmp_path,
            env=environment(extra),
            capture_output=True,
            check=False,
        )
        assert len(server.requests) == 5, done.stdout.decode()
    assert done.returncode == 1
    assert planted.seen >= len(server.requests)
    assert planted.processes == []
    assert planted.early == []
    # the runner must be told a captured secret to mask it; that one line is not shown
    lines = [
        line
        for line in (done.stdout + done.stderr).split(b"\n")
        if not line.startswith(b"::add-mask::")
    ]
    assert planted.found(b"\n".join(lines)) == []
    for later in (["show"], ["show", "--body"], ["orders"]):
        again = smoke(later, tmp_path)
        assert planted.found((again.stdout + again.stderr).encode()) == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files if planted.found(path.read_bytes())} == set()
    assert all(planted.found(str(path).encode()) == [] for path in files)
    kept = b"".join(path.read_bytes() for path in files if path.suffix == ".body")
    assert kept.count(b"BEFORE") == 4
    assert kept.count(b"AFTER") == 3
