"""GraphQL in a recording: the operation says what the path, which is one for all, does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from smoke.recording.assemble import assemble
from smoke.recording.operation import operation_of
from smoke.recording.records import RecordedAnswer, RecordedRequest
from smoke.scenario.nodes import plain
from smoke.scenario.source import parse

JSON = (("content-type", "application/json"),)
CART = "gid://shop/Cart/b1b1bb0bad27"


def asked(body: object, answer: object = None) -> RecordedRequest:
    told = None if answer is None else RecordedAnswer(200, JSON, json.dumps(answer).encode())
    return RecordedRequest(
        "POST", "https://shop.example/graphql", JSON, json.dumps(body).encode(), answer=told
    )


@pytest.mark.parametrize(
    ("body", "called"),
    [
        ({"query": "mutation { createCart { id } }"}, "createCart"),
        ({"query": "{ mine: cart { id } }"}, "cart"),
        ({"query": "mutation A { a } mutation B { b }", "operationName": "B"}, "B"),
        ({"query": "# first\nquery Shop($id: ID!) { shop(id: $id) { id } }"}, "Shop"),
        ({"query": "fragment F on Cart { id } query Mine { cart { ...F } }"}, "Mine"),
    ],
)
def test_what_an_operation_is_called(body: object, called: str) -> None:
    found = operation_of(asked(body))
    assert found is not None
    assert found.called == called


@pytest.mark.parametrize(
    "body",
    [
        {"query": "green tea"},
        {"query": 7},
        {"query": None},
        [],
        "mutation { a }",
        {"search": "{ a }"},
    ],
)
def test_a_search_is_no_operation(body: object) -> None:
    assert operation_of(asked(body)) is None


def steps(*requests: RecordedRequest) -> Any:
    document: Any = plain(parse(assemble(requests, "it").text.encode(), "it.yaml").root)
    return document["steps"]


@pytest.mark.parametrize(
    "field", ["customerCreate", "accountRegister", "registerCustomer", "signUp"]
)
def test_whoever_signs_up_has_no_account_before(field: str) -> None:
    given = {"email": "ann@shop.example", "password": "hunter2-hunter2"}
    sign_up = {
        "query": f"mutation ($i: I!) {{ {field}(input: $i) {{ id }} }}",
        "variables": {"i": given},
    }
    assert steps(asked(sign_up))[0]["request"]["graphql"]["variables"] == {
        "i": {"email": "{{ email }}", "password": "{{ password }}"}
    }


def test_the_operation_that_orders_is_found_and_errors_at_200_fail_it() -> None:
    cart = asked({"query": "mutation { cartCreate { id } }"}, {"data": {"cartCreate": {"id": "c"}}})
    place = {"query": "mutation Place { placeOrder { order { id } } }", "operationName": "Place"}
    ordered = {"data": {"placeOrder": {"order": {"id": "ORD-1"}}}}
    first, second = steps(cart, asked(place, ordered))
    assert first["name"] == "cartCreate"
    assert "places_order" not in first
    assert second["places_order"] == {"id": "$.data.placeOrder.order.id"}
    assert second["request"]["graphql"]["operation"] == "Place"
    assert second["expect"]["json"] == {
        "$.errors": {"exists": False},
        "$.data.placeOrder.order.id": {"exists": True},
    }


def test_what_the_language_has_no_word_for_stays_json() -> None:
    body = {"query": "{ shop { id } }", "extensions": {"persistedQuery": {"version": 1}}}
    assert steps(asked(body))[0]["request"]["json"] == body


def documents(*queries: str) -> list[str]:
    found: list[dict[str, Any]] = steps(*(asked({"query": query}) for query in queries))
    return [each["request"]["graphql"]["query"] for each in found]


def test_secrets_that_are_written_into_a_document_are_asked_for_by_name() -> None:
    log_in = 'mutation { logIn(email: "ann@shop.example", password: "Tr0ub4dor&3") { token } }'
    pay = 'mutation { pay(number: "4242 4242 4242 4242", cvc: "987", pin: 1234) { id } }'
    assert documents(log_in, pay) == [
        'mutation { logIn(email: "{{ secrets.SHOP_EMAIL }}", password: "{{ secrets.SHOP_PASSWORD }}") { token } }',
        'mutation { pay(number: "{{ secrets.CARD_NUMBER }}", cvc: "{{ secrets.SHOP_CVC }}", pin: {{ secrets.SHOP_PIN }}) { id } }',
    ]


def test_a_secret_with_escapes_stays_a_text_of_the_document_with_any_value() -> None:
    assert documents(r'mutation { logIn(password: "a\"b\\cdef") }') == [
        "mutation { logIn(password: {{ secrets.SHOP_PASSWORD | json }}) }"
    ]


def test_a_variable_of_a_document_is_no_secret() -> None:
    asks = "mutation L($password: String!, $pin: Int) { logIn(password: $password, pin: $pin) { token session } }"
    assert documents(asks) == [asks]


def test_what_an_answer_gave_is_sent_from_a_document_too() -> None:
    cart = asked(
        {"query": "mutation { createCart { id } }"}, {"data": {"createCart": {"id": CART}}}
    )
    add = asked({"query": f'mutation {{ add(cartId: "{CART}", quantity: 3) {{ id }} }}'})
    first, second = steps(cart, add)
    assert first["capture"] == {"create_cart_id": "$.data.createCart.id"}
    assert second["request"]["graphql"]["query"] == (
        'mutation { add(cartId: "{{ create_cart_id }}", quantity: 3) { id } }'
    )


@pytest.mark.parametrize(
    "field",
    ["checkout", "placeOrder", "completeCart", "createOrder", "orderCreate", "checkoutComplete"],
)
def test_a_mutation_orders_and_a_query_never_does(field: str) -> None:
    order = {"order": {"number": "#1005"}}
    place = asked(
        {"query": f"mutation Buy {{ {field} {{ order {{ number }} }} }}"}, {"data": {field: order}}
    )
    look = {
        "query": "query Order($n: ID!) { order(number: $n) { number } }",
        "variables": {"n": "#1005"},
    }
    delete = asked({"query": 'mutation { orderDelete(number: "#1005") { deletedNumber } }'})
    found = steps(
        place, asked(look, {"data": order}), asked({"query": "{ orders { id } }"}), delete
    )
    assert [each["name"] for each in found] == ["Buy", "Order", "orders", "orderDelete"]
    assert [each.get("places_order") for each in found] == [
        {"id": f"$.data.{field}.order.number"}, None, None, None
    ]  # fmt: skip


def test_an_order_number_that_a_later_request_sends_is_captured() -> None:
    place = asked(
        {"query": "mutation { placeOrder { order { number } } }"},
        {
            "data": {
                "placeOrder": {
                    "order": {"number": "#1005"},
                    "count": 12,
                    "number": "#7",
                    "id": 4711,
                }
            }
        },
    )
    look = {"query": "query ($number: ID!) { order(number: $number) { id } }"}
    sent = {"n": "#1005", "some": 12, "other": {"number": "#7"}, "amount": 4711}
    first, second = steps(place, asked(look | {"variables": sent}))
    assert first["capture"] == {"number": "$.data.placeOrder.order.number"}
    assert second["request"]["graphql"]["variables"] == sent | {"n": "{{ number }}"}
    text = assemble([place, asked(look | {"variables": sent})], "it").text
    assert "amount: 4711 # as it was recorded: an earlier answer has the same number" in text
    assert "some: 12\n" in text


def test_errors_at_200_fail_an_operation_of_which_no_answer_was_recorded() -> None:
    text = assemble([asked({"query": "mutation { checkout { order { id } } }"})], "it").text
    assert "$.errors: # guessed: errors of GraphQL come at 200" in text
    assert "# The order has no `id`" in text


@pytest.mark.parametrize("field", ["logIn", "signIn", "tokenCreate"])
def test_who_orders_twice_signs_in_once(field: str) -> None:
    sign_in = asked({"query": f'mutation {{ {field}(password: "Tr0ub4dor&3") {{ token }} }}'})
    cart = asked({"query": "mutation { createCart { id } }"})
    made = assemble(
        [sign_in, cart, asked({"query": "mutation { placeOrder { id } }"})], "it", twice=True
    )
    document: Any = plain(parse(made.text.encode(), "it.yaml").root)
    assert [each["name"] for each in document["steps"]] == [field, "Orders"]
    assert [each["name"] for each in document["steps"][1]["group"]] == ["createCart", "placeOrder"]
