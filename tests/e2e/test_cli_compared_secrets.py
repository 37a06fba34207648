"""Two requests are called the same only when they were the same before anything was masked."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from tests.support.cli import smoke
from tests.support.wire_server import Peer, WireServer

TOKENS = ("tok-5f3a9b2c7d41", "tok-9b2c7d415f3a")


def _compared(folder: Path, tokens: tuple[str, str], place: str) -> str:
    """What is said of two orders, of which the second fails, that send these tokens."""
    steps: list[dict[str, object]] = []
    for number in (1, 2):
        request: dict[str, object] = {"method": "POST", "url": "/orders", "json": {"sku": "a"}}
        if place == "header":
            request["headers"] = {"X-CSRF-Token": "{{ c }}"}
        elif place == "query":
            request["query"] = {"token": "{{ c }}"}
        else:
            request["json"] = {"sku": "a", "csrf": "{{ c }}"}
        steps += [
            {"name": f"Cart {number}", "request": {"url": "/cart"}, "capture": {"c": "$.csrf"}},
            {"name": f"Order {number}", "request": request, "places_order": {"id": "$.id"}},
        ]
    scenario = {"name": "two", "steps": steps}
    (folder / "two.yaml").write_text(json.dumps(scenario), encoding="utf-8")
    carts, orders = itertools.count(), itertools.count(1)

    def answer(peer: Peer) -> None:
        if b" /cart" in peer.request:
            status, body = "200 OK", json.dumps({"csrf": tokens[next(carts)]})
        else:
            number = next(orders)
            status = "201 Created" if number == 1 else "500 Oops"
            body = json.dumps({"id": f"o-{number}"})
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        peer.send((head + body).encode())

    with WireServer(answer) as server:
        done = smoke(["run", "two.yaml", "--url", server.url], folder)
    assert all(token not in done.stdout for token in tokens)
    lines = done.stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if "compared" in line)
    return " ".join(" ".join(lines[at : at + 4]).split())


@pytest.mark.parametrize("place", ["header", "query", "body"])
def test_other_values_behind_the_same_masks_are_a_difference(tmp_path: Path, place: str) -> None:
    said = _compared(tmp_path, TOKENS, place)
    assert "was the same" not in said
    assert "not the same value (masked)" in said
    name = {"header": "header X-CSRF-Token", "query": "url", "body": "$.csrf"}[place]
    assert f"{name}: not the same value" in said


@pytest.mark.parametrize("place", ["header", "query", "body"])
def test_the_same_values_behind_masks_are_the_same(tmp_path: Path, place: str) -> None:
    said = _compared(tmp_path, (TOKENS[0], TOKENS[0]), place)
    assert "the request was the same as that of" in said
    assert "not compared" not in said
