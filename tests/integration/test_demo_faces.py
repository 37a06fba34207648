"""The rules of the demo shop's faces, over HTTP: whose session, whose order, which form."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest

from smoke.demo.look import Look
from tests.support.demo import ShopFactory
from tests.support.shop_client import Answer, send

PHONE = "+1 555 0100"
PASSWORD = "correct horse"


@dataclass
class Browser:
    """Keeps cookies as a browser does, and sends forms with the token of the last page that had one."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def get(self, path: str) -> Answer:
        return self._send("GET", path)

    def post(self, path: str, **fields: str) -> Answer:
        body = urlencode({"csrfmiddlewaretoken": self.token, **fields}).encode()
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: bytes | None = None) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = send(self.url, method, path, body, {"Cookie": cookie})
        for name, value in answer.cookies:
            self.cookies[name] = value
        found = re.search(rb'name="csrfmiddlewaretoken" value="([0-9a-f]+)"', answer.body)
        self.token = found[1].decode() if found else self.token
        return answer


def browser(url: str, email: str = "ann@shop.example") -> Browser:
    """Somebody who has just signed up."""
    made = Browser(url)
    made.get("/accounts/register")
    answer = made.post("/accounts/register", email=email, phone=PHONE, password=PASSWORD)
    assert answer.status == 303
    return made


def ordered(by: Browser) -> str:
    """The number of a new order."""
    by.get("/products/tea-sencha")
    by.post("/basket/add", sku="tea-sencha", quantity="1")
    by.post("/checkout/shipping-address", phone=PHONE)
    answer = by.post("/checkout/place-order")
    assert answer.status == 303
    return answer.headers["location"].rpartition("/")[2]


def test_a_form_without_the_cookies_token_is_refused(shop: ShopFactory) -> None:
    ann = browser(shop(look=Look("html")).url)
    ann.get("/products/tea-sencha")
    ann.token = "0" * 32
    answer = ann.post("/basket/add", sku="tea-sencha", quantity="1")
    assert answer.status == 403
    assert b"CSRF verification failed" in answer.body


def test_the_token_changes_with_the_sign_in(shop: ShopFactory) -> None:
    ann = browser(shop(look=Look("html")).url)
    assert ann.token != ann.cookies["csrftoken"]
    assert ann.post("/basket/add", sku="tea-sencha", quantity="1").status == 403


def test_pages_of_a_customer_lead_others_to_the_sign_in(shop: ShopFactory) -> None:
    running = shop(look=Look("html"))
    number = ordered(browser(running.url))
    stranger = Browser(running.url)
    answer = stranger.get(f"/accounts/orders/{number}")
    assert (answer.status, answer.headers["location"]) == (303, "/accounts/login")
    ben = browser(running.url, "ben@shop.example")
    assert ben.get(f"/accounts/orders/{number}").status == 404
    ben.get("/products/tea-sencha")
    assert ben.post(f"/accounts/orders/{number}/cancel").status == 404
    assert [order["status"] for order in running.orders()] == ["placed"]


def test_a_page_escapes_what_it_was_told(shop: ShopFactory) -> None:
    ann = browser(shop(look=Look("html")).url)
    ann.get("/products/tea-sencha")
    answer = ann.post("/basket/add", sku="<script>alert(1)</script>", quantity="1")
    assert answer.status == 422
    assert b"<script>" not in answer.body


def test_a_failed_order_keeps_the_basket_and_can_be_tried_again(shop: ShopFactory) -> None:
    running = shop("masked", look=Look("html"))
    ann = browser(running.url)
    ordered(ann)
    ann.get("/products/tea-sencha")
    ann.post("/basket/add", sku="tea-sencha", quantity="1")
    ann.post("/checkout/shipping-address", phone=PHONE)
    failed = ann.post("/checkout/place-order")
    assert failed.status == 200
    assert b'<div class="alert alert-danger"' in failed.body
    assert b"duplicate key" not in failed.body
    running.apply_fix()
    assert ann.post("/checkout/place-order").status == 303


def call(url: str, path: str, document: object = None, token: str = "") -> Answer:
    """A JSON request of the session face."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = b"" if document is None else json.dumps(document).encode()
    return send(url, "POST", path, body, headers)


def signed_in(url: str, email: str = "ann@shop.example") -> str:
    """The token of somebody who has just signed up."""
    who = {"email": email, "phone": PHONE, "password": PASSWORD}
    assert call(url, "/store/customers", who).status == 200
    return str(call(url, "/auth/customer/emailpass", who).json["token"])


def full_cart(url: str, token: str) -> str:
    """The path of a cart that can be completed."""
    path = f"/store/carts/{call(url, '/store/carts', token=token).json['cart']['id']}"
    call(url, f"{path}/line-items", {"variant_id": "tea-sencha"}, token)
    call(url, path, {"shipping_address": {"phone": PHONE}}, token)
    return path


def test_a_cart_belongs_to_its_customer_and_is_ordered_once(shop: ShopFactory) -> None:
    running = shop("fixed", look=Look("session"))
    ann, ben = signed_in(running.url), signed_in(running.url, "ben@shop.example")
    path = full_cart(running.url, ann)
    assert call(running.url, f"{path}/complete").status == 401
    assert call(running.url, f"{path}/complete", token=ben).status == 404
    assert call(running.url, f"{path}/complete", token=ann).json["type"] == "order"
    assert call(running.url, f"{path}/complete", token=ann).status == 409
    assert len(running.orders()) == 1


def test_a_wrong_password_or_a_second_account_is_refused(shop: ShopFactory) -> None:
    url = shop("fixed", look=Look("session")).url
    signed_in(url)
    wrong = {"email": "ann@shop.example", "phone": PHONE, "password": "wrong"}
    assert call(url, "/auth/customer/emailpass", wrong).status == 401
    assert call(url, "/store/customers", wrong).status == 422


def ask(url: str, query: str, token: str = "", **variables: object) -> Answer:
    """A GraphQL request."""
    return call(url, "/graphql", {"query": query, "variables": variables}, token)


REGISTER = "mutation R($input: In!) { me: register(input: $input) { token customer { id } } }"
ANN = {"email": "ann@shop.example", "phone": PHONE, "password": PASSWORD}


def test_graphql_answers_what_is_selected_under_its_alias(shop: ShopFactory) -> None:
    url = shop("fixed", look=Look("graphql")).url
    me = ask(url, REGISTER, input=ANN).json["data"]["me"]
    assert set(me) == {"token", "customer"}
    assert set(me["customer"]) == {"id"}
    items = ask(url, "{ products { sku } } # all").json["data"]["products"]
    assert {"sku": "tea-sencha"} in items
    two = "mutation { a: createCart { id }, b: createCart { id items { sku } } }"
    both = ask(url, two, me["token"]).json["data"]
    assert both["a"]["id"] != both["b"]["id"]
    add = """mutation ($cart: ID!, $n: Int = 2) {
      addItem(cartId: $cart, sku: "tea-\\u0073encha", quantity: $n) { items { sku quantity } }
    }"""
    added = ask(url, add, me["token"], cart=both["b"]["id"]).json["data"]["addItem"]
    assert added == {"items": [{"sku": "tea-sencha", "quantity": 2}]}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ products { sku }", "GRAPHQL_PARSE_FAILED"),
        ("{ ...F }", "GRAPHQL_PARSE_FAILED"),
        ("subscription { orders { id } }", "GRAPHQL_PARSE_FAILED"),
        ("{" * 3000, "GRAPHQL_PARSE_FAILED"),
        ("{ a(b: " + "[" * 5000, "GRAPHQL_PARSE_FAILED"),
        ("mutation { products { sku } }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_graphql_refuses_what_is_no_operation(shop: ShopFactory, query: str, code: str) -> None:
    answer = ask(shop("fixed", look=Look("graphql")).url, query)
    assert answer.status == 400
    assert [error["extensions"]["code"] for error in answer.json["errors"]] == [code]


def test_graphql_refuses_a_customer_at_200(shop: ShopFactory) -> None:
    url = shop("fixed", look=Look("graphql")).url
    answer = ask(url, "mutation { createCart { id } }")
    assert answer.status == 200
    (error,) = answer.json["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["createCart"], "UNAUTHORIZED")


@pytest.mark.parametrize(
    ("mask", "status", "said"),
    [
        ("rewritten", 400, "H2s dispatch jobs with recipient_id: "),
        ("exists", 409, "Order already exists."),
        ("unknown", 500, "An unknown error occurred."),
        ("request-id", 500, "Internal Server Error"),
        ("box", 200, "A problem occurred while placing this order"),
        ("unexpected", 200, "INTERNAL_SERVER_ERROR"),
        ("empty", 500, ""),
        ("digest", 500, "data-dgst="),
        ("platform", 500, "FUNCTION_INVOCATION_FAILED"),
    ],
)
def test_masks_name_neither_sqlstate_nor_constraint(
    shop: ShopFactory, mask: str, status: int, said: str
) -> None:
    url = shop(look=Look("session", mask=mask)).url
    token = signed_in(url)
    assert call(url, f"{full_cart(url, token)}/complete", token=token).status == 200
    answer = call(url, f"{full_cart(url, token)}/complete", token=token)
    assert answer.status == status
    text = answer.body.decode()
    assert said in text
    for telling in ("23505", "duplicate key", "recipient_step_uq"):
        assert telling not in text
    if mask == "platform":
        assert answer.headers["x-vercel-id"] in text
