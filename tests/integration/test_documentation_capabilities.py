"""Short examples of the manual that show one capability each are carried out: at a shop that answers well, and at one that does not."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.model.run import Outcome, Run
from tests.support.documents import ROOT, blocks_of
from tests.support.running import run_text
from tests.support.scripted import Answer, Shop, scripted

JSON = {"Content-Type": "application/json"}
CANCEL = """
teardown:
  - {name: Cancel, for_each: "{{ orders }}", request: "DELETE /orders/{{ item.id }}", removes_order: "{{ item.key }}"}
"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        yield running


def example(page: str, words: str) -> str:
    """The one block of a page that has these words."""
    blocks = blocks_of(ROOT / "docs" / "how-to" / f"{page}.md")
    (text,) = (each.text for each in blocks if words in each.text and each.language == "yaml")
    return text


def steps(piece: str, head: str = "", before: str = "") -> str:
    """A whole scenario of a piece that is steps."""
    return f"name: piece\n{head}steps:\n" + textwrap.indent(before + piece, "  ") + CANCEL


def answered(*answers: int | object) -> list[Answer]:
    """Answers in turn: a status alone, or a body with 200."""
    return [
        (each, JSON, b"{}") if isinstance(each, int) else (200, JSON, json.dumps(each).encode())
        for each in answers
    ]


def in_turn(shop: Shop, route: str, *answers: int | object) -> None:
    left = answered(*answers)
    shop.routes[route] = lambda _: left.pop(0) if len(left) > 1 else left[0]


def sent(shop: Shop, route: str) -> list[tuple[dict[str, str], bytes]]:
    return [(seen[2], seen[3]) for seen in shop.seen if f"{seen[0]} {seen[1]}" == route]


def outcomes(run: Run) -> list[str]:
    return [str(step.outcome) for step in run.scenarios[0].steps]


def test_rounds_n_times_and_over_a_list(shop: Shop, tmp_path: Path) -> None:
    text = steps(example("loops", "Look at each product"), "variables: {email: a@shop.example}\n")
    in_turn(shop, "POST /api/shop", *({"order": {"id": f"o{n}"}} for n in range(3)))
    for name in ("tea-sencha", "tea-earl-grey", "pot-cast-iron"):
        shop.on(f"GET /products/{name}", body=b"<h1>Tea</h1>", Content_Type="text/html")
    for n in range(3):
        shop.on(f"DELETE /orders/o{n}")
    run = run_text(tmp_path, shop.url, text)
    assert run.outcome is Outcome.PASSED
    assert not run.orders_left_behind
    notes = [json.loads(body)["note"] for _, body in sent(shop, "POST /api/shop")]
    assert notes == ["order 1", "order 2", "order 3"]
    shop.on("GET /products/tea-earl-grey", body=b"<p>gone</p>", Content_Type="text/html")
    assert run_text(tmp_path, shop.url, text).outcome is Outcome.FAILED


def test_several_steps_in_each_round(shop: Shop, tmp_path: Path) -> None:
    text = steps(example("loops", "New cart"))
    in_turn(shop, "POST /carts", {"cart": {"id": "c1"}}, {"cart": {"id": "c2"}})
    for n in (1, 2):
        shop.on(f"POST /carts/c{n}/items")
        shop.on(f"POST /carts/c{n}/complete", body={"order": {"id": f"o{n}"}})
        shop.on(f"DELETE /orders/o{n}")
    assert run_text(tmp_path, shop.url, text).outcome is Outcome.PASSED
    both = [
        f"POST /carts{rest}" for n in (1, 2) for rest in ("", f"/c{n}/items", f"/c{n}/complete")
    ]
    assert shop.paths()[:6] == both
    shop.on("POST /carts/c2/items", 409)
    assert run_text(tmp_path, shop.url, text).outcome is Outcome.FAILED


@pytest.mark.parametrize(("coupon", "paths"), [("TEA", ["POST /api/cart/coupon"]), ("null", [])])
def test_a_condition_for_a_step(shop: Shop, tmp_path: Path, coupon: str, paths: list[str]) -> None:
    text = steps(example("parts", "Use the coupon"), f"variables: {{coupon: {coupon}}}\n", "- {name: Home, request: GET /}\n")  # fmt: skip
    shop.on("GET /")
    shop.on("POST /api/cart/coupon")
    assert run_text(tmp_path, shop.url, text).outcome is Outcome.PASSED
    assert shop.paths()[1:] == paths


def test_steps_of_another_file_with_parameters(shop: Shop, tmp_path: Path) -> None:
    text = example("parts", "name: order-signed-in")
    (tmp_path / "parts").mkdir()
    part = example("parts", "parameters: [email]")
    (tmp_path / "parts" / "sign-in.yaml").write_text(part, encoding="utf-8")
    shop.on("POST /api/session", 201, Set_Cookie="sid=1; Path=/")
    shop.on("POST /api/shop", 201, {"order": {"id": "o1"}})
    shop.on("DELETE /orders/o1")
    run = run_text(tmp_path, shop.url, text, environ={"SHOP_PASSWORD": "tr0ub4dor"})
    assert run.outcome is Outcome.PASSED
    ((_, body), _) = sent(shop, "POST /api/session")
    assert json.loads(body) == {"email": "smoke@shop.example", "password": "tr0ub4dor"}
    shop.on("POST /api/session", 200)
    run = run_text(tmp_path, shop.url, text, environ={"SHOP_PASSWORD": "tr0ub4dor"})
    assert run.outcome is Outcome.FAILED


def test_tried_again_and_never_where_it_may_order_twice(shop: Shop, tmp_path: Path) -> None:
    head = "variables: {email: a@shop.example}\n"
    shop.on("DELETE /orders/o1")
    with_key = steps(example("retries", "idempotency_key: true"), head)
    in_turn(shop, "POST /api/shop", 503, {"order": {"id": "o1"}})
    assert run_text(tmp_path, shop.url, with_key).outcome is Outcome.PASSED
    keys = [headers["Idempotency-Key"] for headers, _ in sent(shop, "POST /api/shop")]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    without = steps(example("retries", "on: [429]"), head)
    for status, requests, outcome in ((429, 2, Outcome.PASSED), (503, 1, Outcome.FAILED)):
        shop.seen.clear()
        in_turn(shop, "POST /api/shop", status, {"order": {"id": "o1"}})
        assert run_text(tmp_path, shop.url, without).outcome is outcome
        assert len(sent(shop, "POST /api/shop")) == requests
    address = steps(example("retries", "Set the address"), "variables: {cart: c1}\n")
    in_turn(shop, "PUT /carts/c1/address", 500, 200)
    assert run_text(tmp_path, shop.url, address).outcome is Outcome.PASSED
    assert len(sent(shop, "PUT /carts/c1/address")) == 2


def test_graphql_as_a_body(shop: Shop, tmp_path: Path) -> None:
    text = steps(example("graphql", "name: New cart"))
    placed = {"data": {"placeOrder": {"id": "o1", "status": "placed"}}}
    in_turn(shop, "POST /graphql", {"data": {"createCart": {"id": "c1"}}}, placed)
    shop.on("DELETE /orders/o1")
    assert run_text(tmp_path, shop.url, text).outcome is Outcome.PASSED
    assert json.loads(sent(shop, "POST /graphql")[1][1])["variables"] == {"cart": "c1"}
    shop.on("POST /graphql", body={"errors": [{"message": "no"}], "data": {"createCart": None}})
    assert run_text(tmp_path, shop.url, text).outcome is Outcome.FAILED


def test_several_customers_each_with_cookies(shop: Shop, tmp_path: Path) -> None:
    text = steps(example("logins", "A guest sees none"), "secrets: [SHOP_PASSWORD]\nvariables: {email: a@shop.example}\n")  # fmt: skip
    shop.on("POST /api/session", 201, Set_Cookie="sid=of-alice; Path=/")
    shop.routes["GET /api/orders"] = lambda _: (
        200 if "Cookie" in shop.seen[-1][2] else 401, JSON, b"[]",
    )  # fmt: skip
    environ = {"SHOP_PASSWORD": "tr0ub4dor"}
    assert run_text(tmp_path, shop.url, text, environ=environ).outcome is Outcome.PASSED
    shop.on("GET /api/orders", body=[])
    run = run_text(tmp_path, shop.url, text, environ=environ)
    assert outcomes(run)[:3] == ["passed", "passed", "failed"]


def test_a_teardown_that_always_runs(shop: Shop, tmp_path: Path) -> None:
    order = "name: piece\nsteps:\n  - {name: Order, request: POST /orders, places_order: {id: $.id}}\n  - {name: Broken, request: GET /none}\n"
    shop.on("POST /orders", 201, {"id": "o1"})
    shop.on("GET /orders/o1", ETag='"v1"')
    shop.on("DELETE /orders/o1")
    run = run_text(tmp_path, shop.url, order + example("left-over-orders", "If-Match"))
    assert run.outcome is Outcome.FAILED
    assert not run.orders_left_behind
    assert sent(shop, "DELETE /orders/o1")[0][0]["If-Match"] == '"v1"'
    shop.on("GET /orders/o1", 404)
    run = run_text(tmp_path, shop.url, order + example("left-over-orders", "If-Match"))
    assert len(sent(shop, "DELETE /orders/o1")) == 1
    assert len(run.orders_left_behind) == 1


def test_secrets_are_masked_in_what_is_kept(shop: Shop, tmp_path: Path) -> None:
    shop.on("POST /api/session", 201, {"token": "t0ken-of-a-customer", "you": "tr0ub4dor-and-3"})
    shop.on("GET /api/orders", body={"seen": "t0ken-of-a-customer"})
    text = example("secrets", "name: order-signed-in")
    run = run_text(tmp_path, shop.url, text, environ={"SHOP_PASSWORD": "tr0ub4dor-and-3"})
    assert run.outcome is Outcome.PASSED
    assert sent(shop, "GET /api/orders")[0][0]["Authorization"] == "Bearer t0ken-of-a-customer"
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"seen" in kept
    assert b"t0ken-of-a-customer" not in kept
    assert b"tr0ub4dor-and-3" not in kept
