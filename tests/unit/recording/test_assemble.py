"""A recording as a scenario: noise gone, gifts captured, what was typed made up, secrets nowhere."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smoke.diagnostic import SmokeError
from smoke.recording.assemble import assemble
from smoke.recording.records import RecordedAnswer, RecordedRequest
from smoke.scenario.files import Files
from smoke.scenario.load import load_text
from smoke.scenario.nodes import plain
from smoke.scenario.source import parse

SHOP = "https://shop.example"
JSON = (("content-type", "application/json"),)


def posted(
    path: str, body: object, answer: object = None, *headers: tuple[str, str]
) -> RecordedRequest:
    told = None if answer is None else RecordedAnswer(200, JSON, json.dumps(answer).encode())
    return RecordedRequest(
        "POST", SHOP + path, (*JSON, *headers), json.dumps(body).encode(), answer=told
    )


def made(*requests: RecordedRequest, twice: bool = False) -> Any:
    return plain(parse(assemble(requests, "it", twice=twice).text.encode(), "it.yaml").root)


CART = "cart_01HV7Z3K"
SESSION = [
    posted(
        "/auth",
        {"email": "ann@shop.example", "password": "hunter2-hunter2"},
        {"token": "tok-4f5e6a7b8c"},
    ),
    posted("/carts", {}, {"cart": {"id": CART}}, ("authorization", "Bearer tok-4f5e6a7b8c")),
    posted(f"/carts/{CART}/items", {"sku": "tea-sencha", "cart_id": CART}, {"ok": True}),
    posted(f"/carts/{CART}/complete", {}, {"order": {"id": "ORD-1"}}),
]


def test_what_an_answer_gave_is_captured_and_an_account_is_a_secret() -> None:
    found = made(*SESSION)
    sign_in, new_cart, item, order = found["steps"]
    assert sign_in["request"]["json"] == {
        "email": "{{ secrets.SHOP_EMAIL }}",
        "password": "{{ secrets.SHOP_PASSWORD }}",
    }
    assert sign_in["capture"] == {"token": {"json": "$.token", "secret": True}}
    assert new_cart["request"]["bearer"] == "{{ token }}"
    assert new_cart["capture"] == {"cart_id": "$.cart.id"}
    assert item["request"]["url"] == "/carts/{{ cart_id }}/items"
    assert item["request"]["json"] == {"sku": "tea-sencha", "cart_id": "{{ cart_id }}"}
    assert order["places_order"] == {"id": "$.order.id"}
    assert order["expect"] == {"status": 200, "json": {"$.order.id": {"exists": True}}}


def test_twice_repeats_what_makes_the_order_and_not_the_sign_in() -> None:
    found = made(*SESSION, twice=True)
    assert [step["name"] for step in found["steps"]] == ["POST auth", "Orders"]
    assert found["steps"][1]["repeat"] == 2
    assert len(found["steps"][1]["group"]) == 3
    alone = made(posted("/orders", {"sku": "tea"}), twice=True)
    assert alone["steps"][1] == {"name": "Order again", "like": "Order"}


def test_what_asks_for_something_of_a_round_belongs_to_it() -> None:
    answer = {"order": {"id": "ORD-12345678"}}
    order = posted(f"/carts/{CART}/complete", {}, answer)
    read = RecordedRequest("GET", f"{SHOP}/orders/ORD-12345678")
    other = RecordedRequest("GET", f"{SHOP}/news")
    found = made(*SESSION[:3], order, read, other, twice=True)
    assert [step["name"] for step in found["steps"]] == ["POST auth", "Orders", "GET news"]
    assert found["steps"][1]["group"][-1]["request"]["url"] == "/orders/{{ order_id }}"
    text = assemble([*SESSION[:3], order, read, other], "it", twice=True).text
    load_text(text.encode(), "it.yaml", Files(Path("it.yaml")))


def test_a_header_that_no_request_can_have_is_left_out_and_told() -> None:
    order = posted("/orders", {}, None, ("X A", "1"), ("X-B", "a\nb"), ("X-C", "c"))
    assert made(order)["steps"][0]["request"]["headers"] == {"X-C": "c"}
    assert assemble([order], "it").text.count("a header that no request can have") == 2


def test_one_value_is_one_variable_everywhere_and_an_unsigned_customer_is_made_up() -> None:
    ann = {
        "email": "ann@shop.example",
        "firstName": "Ann",
        "postalCode": "24176",
        "name": "Ann Berg",
    }
    found = made(posted("/orders", {"customer": ann, "notify": "ann@shop.example", "name": "box"}))
    assert found["variables"] == {
        "email": "{{ fake.email }}",
        "first_name": "{{ fake.first_name }}",
        "postcode": "{{ fake.postcode }}",
        "name": "{{ fake.name }}",
    }
    body = found["steps"][0]["request"]["json"]
    assert body["customer"]["email"] == body["notify"] == "{{ email }}"
    assert body["name"] == "box"


def test_several_that_may_order_are_told_with_reasons() -> None:
    text = assemble([posted("/orders", {}), posted("/checkout/complete", {})], "it").text
    assert "# Another request that may order: POST /orders (it says 'orders')" in text
    assert "No request that places an order" in assemble([posted("/search", {})], "it").text


@pytest.mark.parametrize("requests", [[], [RecordedRequest("OPTIONS", SHOP)]])
def test_a_recording_without_a_customer_is_refused(requests: list[RecordedRequest]) -> None:
    with pytest.raises(SmokeError, match="no request of a customer"):
        assemble(requests, "it")


def test_a_token_of_a_cookie_that_a_header_repeats_is_captured() -> None:
    page = RecordedAnswer(200, (("Set-Cookie", "XSRF-TOKEN=a1b2c3d4e5; Path=/"),), b"")
    order = posted(
        "/orders",
        {},
        {"id": 7},
        ("X-XSRF-TOKEN", "a1b2c3d4e5"),
        ("cookie", "XSRF-TOKEN=a1b2c3d4e5"),
    )
    first, second = made(RecordedRequest("GET", SHOP, answer=page), order)["steps"]
    assert first["capture"] == {"xsrf_token": {"cookie": "XSRF-TOKEN"}}
    assert second["request"]["headers"] == {"X-XSRF-TOKEN": "{{ xsrf_token }}"}


def test_braces_of_a_recording_are_no_template() -> None:
    found = made(posted("/orders", {"note": "{{ env.HOME }}"}))
    assert found["steps"][0]["request"]["json"]["note"] == "{{ '{{' }} env.HOME }}"


DEEP = b"[" * 400 + b"]" * 400


@pytest.mark.parametrize(
    "hostile",
    [
        RecordedRequest("GET", "https://[x/"),
        RecordedRequest("GET", SHOP, answer=RecordedAnswer(303, (("location", "https://[x/"),))),
        RecordedRequest("POST", SHOP, JSON, DEEP, answer=RecordedAnswer(200, JSON, DEEP)),
        RecordedRequest(
            "POST", SHOP, JSON, b"\xff\xfe\x00{", answer=RecordedAnswer(200, JSON, b"{\xff")
        ),
        RecordedRequest("\x1b[2J", SHOP + "/%00%ff/\u202e", (("a b", "\x00"),), b"\x00\x1b"),
    ],
)
def test_hostile_requests_take_nothing_down(hostile: RecordedRequest) -> None:
    found = made(hostile, posted("/orders", {}))
    assert found["steps"][-1]["name"] == "Order"


SECRETS = st.text("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMN23456789!$-_.", min_size=8, max_size=24)
WRITTEN_INTO: dict[str, Callable[[str], dict[str, Any]]] = {
    "document": lambda it: {
        "query": f'mutation {{ logIn(email: "a@b.example", password: "{it}") }}'
    },
    "object": lambda it: {"query": f'{{ a(i: {{n: 1, tokens: ["t", "{it}"], pin: """{it}"""}}) }}'},
    "default": lambda it: {
        "query": f'mutation A($password: String = "{it}") {{ a(p: $password) }}'
    },
    "comment": lambda it: {"query": f'# was (password: "{it}")\n{{ shop {{ id }} }}'},
    "literal": lambda it: {"query": f"{{ a(i: {json.dumps(json.dumps({'password': it}))}) }}"},
    "batch": lambda it: {"all": [{"query": f'mutation {{ a(clientSecret: "{it}") }}'}]},
    "broken": lambda it: {"query": f'mutation {{ a(password: "{it}") {{ id '},
    "open": lambda it: {"query": f'mutation {{ a(password: "{it}'},
    "json": lambda it: {"payload": json.dumps({"a": {"password": it}, "b": 1})},
    "xml": lambda it: {"payload": f"<a><password>{it}</password><b>1</b></a>"},
}
"""Bodies with a secret in a text that has a language of its own."""


@settings(max_examples=120, deadline=None)
@given(
    SECRETS,
    st.sampled_from(
        ["bearer", "basic", "cookie", "header", "field", "form", "query", "key", *WRITTEN_INTO]
    ),
    st.booleans(),
)
def test_no_secret_of_a_recording_is_in_what_is_written(
    secret: str, where: str, again: bool
) -> None:
    basic = base64.b64encode(f"ann:{secret}".encode()).decode()
    headers = {
        "bearer": ("authorization", f"Bearer {secret}"),
        "basic": ("authorization", f"Basic {basic}"),
        "cookie": ("cookie", f"session={secret}"),
        "header": ("x-api-key", secret),
    }
    sent = [headers[where]] if where in headers else []
    body: dict[str, Any] = {"note": f"see {secret}!"} if again and where != "basic" else {}
    if where == "field":
        body["payment"] = {"password": secret, "card_number": "4242 4242 4242 4242"}
    if where == "key":
        body["api_key"] = {"value": [secret], "client_secret": secret}
        del body["api_key"]["value"]
    request = posted("/orders", body, None, *sent)
    if where in WRITTEN_INTO:
        body |= WRITTEN_INTO[where](secret)
        request = posted("/orders", body, None)
    if where == "form":
        form = (("content-type", "application/x-www-form-urlencoded"),)
        request = RecordedRequest(
            "POST", f"{SHOP}/orders", form, urlencode({"pin": secret}).encode()
        )
    if where == "query":
        request = RecordedRequest("POST", f"{SHOP}/orders?{urlencode({'access_token': secret})}")
    before = RecordedRequest(
        "GET", f"{SHOP}/pages", (("x-note", f"a {secret} b"),) if again else ()
    )
    text = assemble([before, request], "it").text
    assert secret not in text
    assert basic not in text
    assert "4242 4242" not in text
