"""What docs/how-to/network.md has somebody type is carried out, against servers with real TLS on loopback."""

from __future__ import annotations

import shlex
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from smoke.cli.entry import main
from tests.support.authority import TestAuthority
from tests.support.documents import ROOT, Block, blocks_of
from tests.support.proxy import forwards
from tests.support.transport import plain
from tests.support.websockets import Talk, opened
from tests.support.wire_server import Peer, WireServer

PAGE = ROOT / "docs" / "how-to" / "network.md"
BLOCKS = list(blocks_of(PAGE))
PASSWORD = "a-pass-phrase-of-the-test"
ORDERED = b'{"ok": true, "id": "7"}'


EVENTS = b"""retry: 100

data: hello

event: order
id: 7
data: {"id": 7, "status": "confirmed"}

"""


def live(shop: Talk) -> None:
    assert next(shop.hear()) == '{"subscribe":"orders"}'
    for message in ("hello", '{"type": "order", "id": "7", "status": "confirmed"}'):
        shop.say(message)
    shop.peer.hold()


def answer(peer: Peer) -> None:
    if b" /live " in peer.request:
        opened(live)(peer)
    if b" /api/events " in peer.request:
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + EVENTS)
        peer.hold()  # it would go on
    peer.send(plain(ORDERED, b"Content-Type: application/json"))


@dataclass
class World:
    """The page's folder, and what stands for the page's names."""

    folder: Path
    canary: WireServer
    proxy: WireServer

    def here(self, text: str) -> str:
        port = str(self.canary.port)
        for name, value in (
            ("https://shop.example", f"https://shop.example:{port}"),
            ("shop.example:443:", f"shop.example:{port}:"),
            ("canary.internal:8443", f"127.0.0.1:{port}"),
            ("proxy.internal:3128", f"127.0.0.1:{self.proxy.port}"),
            ("10.0.0.7", "127.0.0.1"),
        ):
            text = text.replace(name, value)
        return text


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    authority = TestAuthority(tmp_path)
    (tmp_path / "smoke.toml").write_text(f'ca_file = "{authority.file}"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    authority.client(PASSWORD)
    (tmp_path / "company-ca.pem").write_text(Path(authority.file).read_text("utf-8"), "utf-8")
    monkeypatch.setenv("CLIENT_KEY_PASSWORD", PASSWORD)
    tls = authority.server("shop.example", "127.0.0.1")
    tls.verify_mode = ssl.CERT_OPTIONAL
    authority.ca.configure_trust(tls)
    monkeypatch.setenv("PROXY_PASSWORD", PASSWORD)
    with (
        WireServer(answer, tls=tls) as canary,
        WireServer(forwards(f"ann:{PASSWORD}", to=("127.0.0.1", canary.port))) as proxy,
    ):
        made = World(tmp_path, canary, proxy)
        targets: dict[str, Any] = {}
        for block in BLOCKS:
            text = made.here(block.text)
            if block.title.endswith(".yaml"):
                path = tmp_path / block.title
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
            elif block.language == "yaml":
                targets |= yaml.safe_load(text)["targets"]
        for target in targets.values():
            pinned = [f"shop.example:{canary.port}:127.0.0.1"]
            target.setdefault("resolve", pinned)  # the name is nobody's here
        (tmp_path / "smoke-targets.yaml").write_text(yaml.safe_dump({"targets": targets}), "utf-8")
        yield made


def carried_out(block: Block, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    words = shlex.split(world.here(block.text.splitlines()[0].removeprefix("$ ")))
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0


@pytest.mark.parametrize(
    "block", [each for each in BLOCKS if each.language == "console"], ids=lambda each: each.title
)
def test_what_is_typed_prints_what_is_shown(
    block: Block,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    carried_out(block, world, monkeypatch)
    said = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    for line in block.text.splitlines()[1:]:
        assert " ".join(world.here(line).split()) in said
    assert world.canary.requests


def test_the_target_of_the_page_is_a_canary(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["smoke", "run", "order", "--target", "canary"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    assert len(world.canary.requests) == 1
