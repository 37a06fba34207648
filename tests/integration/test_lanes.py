"""Groups and includes side by side: at once, apart from each other, and everything that they order is known."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.model.run import Outcome, Removal, Run
from tests.support.documents import ROOT, blocks_of
from tests.support.running import run_text
from tests.support.scripted import Answer, Shop, scripted

PAGE = ROOT / "docs" / "how-to" / "loops.md"
REMOVE = """
teardown:
  - {name: Cancel, for_each: "{{ orders }}", request: "DELETE /orders/{{ item.id }}", removes_order: "{{ item.key }}"}
"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Carts are given out to two at once only; the order of a cart has its id."""
    with scripted() as running:
        both = threading.Barrier(2)

        def cart(body: bytes) -> Answer:
            both.wait(timeout=10)
            customer = json.loads(body)["customer"]
            cookie = {"Content-Type": "application/json", "Set-Cookie": f"who={customer}; Path=/"}
            return 201, cookie, json.dumps({"id": f"cart-{customer}"}).encode()

        def order(body: bytes) -> Answer:
            number = f"order-{json.loads(body)['cart']}"
            running.on(f"DELETE /orders/{number}")
            return 201, {"Content-Type": "application/json"}, json.dumps({"id": number}).encode()

        running.routes["POST /carts"] = cart
        running.routes["POST /orders"] = order
        yield running


def outcomes(run: Run) -> dict[str, str]:
    return {step.called: step.outcome.value for step in run.scenarios[0].steps if not step.teardown}


def test_the_example_of_the_manual_checks_out_twice_at_once(shop: Shop, tmp_path: Path) -> None:
    (text,) = (b.text for b in blocks_of(PAGE) if "name: two-customers" in b.text)
    (part,) = (b.text for b in blocks_of(PAGE) if b.title == "scenarios/parts/check-out.yaml")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "check-out.yaml").write_text(part, encoding="utf-8")
    run = run_text(tmp_path, shop.url, text + REMOVE)
    assert run.outcome is Outcome.PASSED
    assert outcomes(run) == {
        f"{who} › {step}": "passed" for who in ("Ann", "Bob") for step in ("Cart", "Order")
    }
    cookies = {
        body: headers.get("Cookie") for _, path, headers, body in shop.seen if path == "/orders"
    }
    assert cookies == {
        b'{"cart":"cart-ann"}': "who=ann",
        b'{"cart":"cart-bob"}': "who=bob",
    }
    assert sorted(order.order_id for order in run.orders) == ["order-cart-ann", "order-cart-bob"]
    assert [order.removed for order in run.orders] == [Removal.YES] * 2
    assert sorted(order.key for order in run.orders) == [
        "two-customers/Ann/Order",
        "two-customers/Bob/Order",
    ]


def test_one_that_fails_ends_for_itself_and_what_all_captured_is_known_behind(
    shop: Shop, tmp_path: Path
) -> None:
    shop.on("GET /carts/cart-ann/cart-bob", body={})
    steps = """
name: s
steps:
  - name: Both
    repeat: 1
    together:
      - name: Ann
        group:
          - {name: Cart, request: {url: /carts, json: {customer: ann}}, capture: {ann_cart: $.id}}
          - {name: Nothing, request: GET /nothing}
          - {name: Order, request: {url: /orders, json: {cart: "{{ ann_cart }}"}}, places_order: {id: $.id}}
      - name: Bob
        group:
          - {name: Cart, request: {url: /carts, json: {customer: bob}}, capture: {bob_cart: $.id}}
          - name: Order
            for_each: [1, 2]
            request: {url: /orders, json: {cart: "{{ bob_cart }}-{{ item }}"}}
            places_order: {id: $.id}
  - {name: Behind, request: GET /behind}
"""
    run = run_text(tmp_path, shop.url, steps + REMOVE)
    assert outcomes(run) == {
        "Ann, round 1 › Cart": "passed",
        "Ann, round 1 › Nothing": "failed",
        "Ann, round 1 › Order": "skipped",
        "Bob, round 1 › Cart": "passed",
        "Bob, round 1 › Order, round 1": "passed",
        "Bob, round 1 › Order, round 2": "passed",
        "Behind": "skipped",
    }
    assert [order.removed for order in run.orders] == [Removal.YES] * 2
    behind = steps.replace("repeat: 1", "repeat: 1").replace("    repeat: 1\n", "")
    behind = behind.replace("GET /nothing", '"GET /carts/{{ ann_cart }}/cart-bob"')
    behind = behind.replace("GET /behind", '"GET /carts/{{ ann_cart }}/{{ bob_cart }}"')
    run = run_text(tmp_path, shop.url, behind + REMOVE)
    assert run.outcome is Outcome.PASSED, outcomes(run)


def test_in_a_teardown_what_a_lane_could_not_give_is_not_used(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /a", status=500)
    shop.on("GET /b", body={"id": "b"})
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: s
        steps: [{name: Order, request: {url: /orders, json: {cart: x}}, places_order: {id: $.id}}]
        teardown:
          - name: Look
            together:
              - {name: A, group: [{name: Get, request: GET /a, capture: {a: {json: $.id, default: x}}}]}
              - {name: B, group: [{name: Get, request: GET /b, capture: {b: $.id}}]}
          - {name: By A, request: "DELETE /{{ a }}", removes_order: s/Order}
          - {name: By B, request: "DELETE /orders/order-x?{{ b }}", removes_order: s/Order}
        """,
    )
    ended = {step.called: step.outcome.value for step in run.scenarios[0].steps}
    assert (ended["By A"], ended["By B"]) == ("skipped", "passed")
    assert "DELETE /orders/order-x?b" in shop.paths()


def test_templates_in_names_are_filled_in_wherever_a_step_ends(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text(
        'parameters: [who]\nsteps: [{name: "Fails for {{ who }}", request: GET /x}, {name: "Then {{ who }}", request: GET /y}]',
        encoding="utf-8",
    )
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: s
        secrets: [SHOP_KEY]
        variables: {shop: kent}
        steps:
          - name: "Both in {{ shop }}"
            together:
              - {name: "Part of {{ shop }}, {{ secrets.SHOP_KEY }}", include: {file: part.yaml, with: {who: ann}}}
              - {name: "Each {{ item.n }}", for_each: [{n: 7}], group: [{name: "{{ item.n }} in {{ shop }}", request: GET /z, expect: {status: 404}}]}
          - name: "Behind {{ shop }}"
            group: [{name: "In {{ shop }}", request: GET /z}]
        """,
        environ={"SHOP_KEY": "very-secret-4711"},
    )
    assert outcomes(run) == {
        "Part of kent, [masked:SHOP_KEY] › Fails for ann": "failed",
        "Part of kent, [masked:SHOP_KEY] › Then ann": "skipped",
        "Each 7, round 1 › 7 in kent": "passed",
        "Behind kent › In kent": "skipped",
    }
