"""The shop reads whatever JSON it is sent, or refuses it in plain words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.demo.shop import fields
from smoke.demo.shop.errors import ShopError

T = TypeVar("T")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
people = st.dictionaries(st.sampled_from(["email", "phone", "name"]), anything)
carts = st.lists(
    st.dictionaries(st.sampled_from(["sku", "quantity"]), anything) | anything, max_size=5
)


def outcome(call: Callable[[], T]) -> T | ShopError:
    """What the call returns, or its refusal; any other exception fails the test."""
    try:
        return call()
    except ShopError as refusal:
        return refusal


@given(st.binary())
def test_any_body_is_a_document_or_a_clean_400(body: bytes) -> None:
    found = outcome(lambda: fields.document(body))
    if isinstance(found, ShopError):
        assert (found.status, found.code) == (400, "invalid_json")
    else:
        assert isinstance(found, dict)


@given(people | anything)
def test_any_customer_can_be_stored_or_is_refused_by_field(given_customer: object) -> None:
    found = outcome(lambda: fields.customer({"customer": given_customer}))
    if isinstance(found, ShopError):
        assert (found.status, found.code) == (422, "invalid_request")
        assert str(found.details["field"]).startswith("customer")
    else:
        assert found.email == found.email.lower()
        assert found.phone.removeprefix("+").isdigit()
        assert b"\0" not in f"{found.email}{found.phone}{found.name}".encode()


@given(carts | anything)
def test_any_cart_has_quantities_that_fit_or_is_refused_by_field(given_items: object) -> None:
    found = outcome(lambda: fields.cart({"items": given_items}))
    if isinstance(found, ShopError):
        assert found.status == 422
        assert str(found.details["field"]).startswith("items")
        assert json.dumps(found.details, ensure_ascii=False).encode()
    else:
        assert all(1 <= quantity <= fields.MAX_QUANTITY for quantity in found.values())


@pytest.mark.parametrize(
    ("email", "phone"),
    [("Ann@Shop.Example ", "+1 (555) 010-0123"), ("ann@shop.example", "+15550100123")],
)
def test_people_are_found_again_however_they_write_themselves(email: str, phone: str) -> None:
    """E-mail and phone are normalised."""
    found = fields.customer({"customer": {"email": email, "phone": phone, "name": "Ann"}})
    assert found == fields.Customer("ann@shop.example", "+15550100123", "Ann")
