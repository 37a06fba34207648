"""`defaults`: what requests have in common reaches each of them, no other origin, and repeats no order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.app.options import RunOptions
from smoke.model.run import Outcome
from tests.support.documents import ROOT, blocks_of
from tests.support.running import run_text
from tests.support.scripted import Shop, scripted

PAGE = ROOT / "docs" / "how-to" / "parts.md"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        yield running


@pytest.fixture
def pay() -> Iterator[Shop]:
    """Another origin."""
    with scripted() as running:
        yield running


def sent(shop: Shop, *names: str) -> list[tuple[str, ...]]:
    """Of each request that came: where to, and these headers of it."""
    return [
        (f"{method} {path}", *(_header(headers, name) for name in names))
        for method, path, headers, _ in shop.seen
    ]


def _header(headers: dict[str, str], wanted: str) -> str:
    return next((value for name, value in headers.items() if name.lower() == wanted), "")


def test_the_example_of_the_manual_does_what_it_says(shop: Shop, pay: Shop, tmp_path: Path) -> None:
    (text,) = (b.text for b in blocks_of(PAGE) if "name: order-in-german" in b.text)
    text = text.replace("https://pay.example", pay.url)
    shop.on("POST /api/session", body={"token": "tok-4711-abcdefgh"})
    shop.on("GET /api/account", body={})
    pay.on("GET /methods", body={})
    run = run_text(tmp_path, shop.url, text, options=RunOptions(allow_hosts=(pay.url,)))
    assert run.outcome is Outcome.PASSED
    assert sent(shop, "accept-language", "authorization") == [
        ("POST /api/session", "de", ""),
        ("GET /api/account", "de", "Bearer tok-4711-abcdefgh"),
    ]
    assert sent(pay, "accept-language", "authorization") == [("GET /methods", "", "")]


NESTED = """
    name: s
    variables: {mine: "m-1"}
    defaults: {headers: {X-A: outer, X-B: outer, Authorization: Basic abc}, bearer: "outer-token"}
    steps:
      - {name: Plain, request: GET /plain}
      - {name: Own, request: {url: /own, headers: {x-a: own, x-b: null}, basic: {username: u, password: p}}}
      - name: Group
        defaults: {headers: {x-a: "{{ mine }}"}, bearer: null}
        group:
          - {name: In it, request: GET /in}
          - name: Two
            together: [{name: A, request: GET /a}, {name: B, like: A, request: {bearer: b-token}}]
      - {name: Part, defaults: {headers: {x-b: part}}, include: {file: part.yaml, with: {n: 1}}}
      - {name: Like one of the part, like: Of it, request: {headers: {x-a: null}}}
      - {name: Elsewhere, request: "GET {{ target.url }}/elsewhere"}
      - {name: Another, request: {url: /another, origin: "{{ target.url }}"}}
"""
PART = """
parameters: [n]
defaults: {headers: {x-a: "part {{ n }}"}}
steps:
  - {name: Of it, request: "GET /of/{{ n }}"}
"""


def test_own_values_win_and_inner_ones_before_outer_ones(shop: Shop, tmp_path: Path) -> None:
    paths = ("/plain", "/own", "/in", "/a", "/of/1", "/elsewhere", "/another")
    for path in paths:
        shop.on(f"GET {path}", body={})
    (tmp_path / "part.yaml").write_text(PART, encoding="utf-8")
    run = run_text(tmp_path, shop.url, NESTED)
    assert run.outcome is Outcome.PASSED, [s.message for s in run.scenarios[0].steps]
    seen = sent(shop, "x-a", "x-b", "authorization")
    assert sorted(seen[3:5], key=lambda each: each[3]) == [
        ("GET /a", "m-1", "outer", "Basic abc"),
        ("GET /a", "m-1", "outer", "Bearer b-token"),
    ]
    assert [*seen[:3], *seen[5:]] == [
        ("GET /plain", "outer", "outer", "Basic abc"),
        ("GET /own", "own", "", "Basic dTpw"),
        ("GET /in", "m-1", "outer", "Basic abc"),
        ("GET /of/1", "part 1", "part", "Basic abc"),
        ("GET /of/1", "", "outer", "Basic abc"),
        ("GET /elsewhere", "", "", ""),
        ("GET /another", "", "", ""),
    ]


def test_a_default_retry_repeats_what_is_safe_and_no_order(shop: Shop, tmp_path: Path) -> None:
    busy = iter([503, 503, 200])
    shop.routes["GET /stock"] = lambda _: (next(busy), {}, b"{}")
    shop.routes["POST /orders"] = lambda _: (503, {"Retry-After": "0"}, b"")
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: s
        defaults: {retry: {attempts: 5, on: [503, transport], wait: 1ms}}
        steps:
          - {name: Stock, request: GET /stock}
          - name: Order
            request: {url: /orders, json: {}, idempotency_key: true}
            places_order: {id: $.id}
        """,
    )
    assert shop.paths() == ["GET /stock"] * 3 + ["POST /orders"]
    assert run.outcome is Outcome.FAILED


def test_a_secret_in_a_default_is_masked_everywhere(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /a", body={"ok": True})
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: s
        secrets: [SHOP_KEY]
        defaults: {headers: {x-shop: "{{ secrets.SHOP_KEY }}"}}
        steps:
          - {name: A, request: GET /a}
        """,
        environ={"SHOP_KEY": "very-secret-4711"},
    )
    assert run.outcome is Outcome.PASSED
    assert sent(shop, "x-shop") == [("GET /a", "very-secret-4711")]
    written = [path.read_bytes() for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert written
    assert not any(b"very-secret-4711" in data for data in written)
