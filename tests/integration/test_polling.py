"""`until` and `retry` for what is no GET and only reads; an order is sent once, whatever is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome
from tests.support.documents import ROOT, blocks_of
from tests.support.running import run_text
from tests.support.scripted import Shop, scripted


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        yield running


def test_the_example_of_the_manual_asks_until_it_holds(shop: Shop, tmp_path: Path) -> None:
    page = ROOT / "docs" / "how-to" / "retries.md"
    (text,) = (b.text for b in blocks_of(page) if "safe: true" in b.text)
    states = iter([b"packed", b"packed", b"shipped"])
    hits = iter([b"[]", b'[{"number": "o-1"}]'])
    shop.routes["POST /graphql"] = lambda _: (
        200, {"Content-Type": "application/json"},
        b'{"data": {"order": {"status": "%s"}}}' % next(states),
    )  # fmt: skip
    shop.routes["POST /api/search"] = lambda _: (
        200, {"Content-Type": "application/json"}, b'{"hits": %s}' % next(hits),
    )  # fmt: skip
    steps = "".join(f"  {line}\n" for line in text.replace("every: 2s", "every: 1ms").splitlines())
    run = run_text(tmp_path, shop.url, f"name: s\nvariables: {{order_id: o-1}}\nsteps:\n{steps}")
    assert run.outcome is Outcome.PASSED
    assert shop.paths() == ["POST /graphql"] * 3 + ["POST /api/search"] * 2


def test_a_query_is_tried_again_and_an_order_that_looks_like_one_is_not(
    shop: Shop, tmp_path: Path
) -> None:
    busy = iter([502, 200])
    shop.routes["POST /graphql"] = lambda _: (next(busy), {}, b"{}")
    shop.on("POST /order", status=502)
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: s
        steps:
          - name: Stock
            request: {url: /graphql, graphql: {query: "{ stock }"}}
            retry: {attempts: 3, wait: 1ms}
          - name: Order
            request: {url: /order, graphql: {query: "{ placeOrder { id } }"}}
            places_order: {id: $.id}
            retry: {attempts: 3, wait: 1ms}
        """,
    )
    assert shop.paths() == ["POST /graphql"] * 2 + ["POST /order"]
    assert run.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("request: {url: /a, json: {}}\n    until: {}", "until-unsafe"),
        ('request: {url: /a, graphql: {query: "mutation { a }"}}\n    until: {}', "until-unsafe"),
        ('request: {url: /a, graphql: {query: "{ a }"}}\n    until: {}\n    places_order: {id: $.a}', "until-unsafe"),
        ("request: {url: /a, json: {}, safe: true}\n    places_order: {id: $.a}", "safe-order"),
    ],
)  # fmt: skip
def test_what_may_order_is_refused_and_nothing_is_sent(
    step: str, code: str, shop: Shop, tmp_path: Path
) -> None:
    with pytest.raises(SmokeError) as caught:
        run_text(tmp_path, shop.url, f"name: s\nsteps:\n  - name: A\n    {step}\n")
    found = caught.value.diagnostics
    assert code in [each.code for each in found]
    assert all(each.span is not None for each in found)
    assert shop.seen == []
