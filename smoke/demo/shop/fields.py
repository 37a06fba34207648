"""What a request's JSON must look like; every mistake is a 422 that names the field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smoke.demo.shop.errors import ShopError

MAX_LINES = 50
MAX_QUANTITY = 99


@dataclass(frozen=True, slots=True)
class Customer:
    """Who orders, as the shop finds people again: e-mail in lower case, phone as digits."""

    email: str
    phone: str
    name: str


def document(body: bytes) -> dict[str, Any]:
    """The request's JSON object; ShopError 400 when it is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise ShopError(400, "invalid_json", "The request is not JSON") from None
    if not isinstance(value, dict):
        raise ShopError(400, "invalid_json", "The request is not a JSON object")
    return value


def quantity(parent: Mapping[str, Any]) -> int:
    """How many are put into a cart: one where nothing is said."""
    value = parent.get("quantity", 1)
    if not isinstance(value, int):
        raise invalid("quantity", "The quantity must be a whole number")
    return value


def text(parent: Mapping[str, Any], name: str, where: str = "", limit: int = 200) -> str:
    """A string that is not empty."""
    value = parent.get(name)
    path = f"{where}.{name}" if where else name
    if not isinstance(value, str) or not value.strip():
        raise invalid(path, f"{path} is missing")
    if len(value) > limit or not _storable(value):
        raise invalid(path, f"{path} cannot be used")
    return value.strip()


def _storable(value: str) -> bool:
    """Whether PostgreSQL takes it as text: JSON can hold NUL and halves of surrogate pairs, UTF-8 text cannot."""
    return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


def mapping(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A JSON object."""
    value = parent.get(name)
    if not isinstance(value, dict):
        raise invalid(name, f"{name} is missing")
    return value


def customer(parent: Mapping[str, Any]) -> Customer:
    """The customer of an order, normalised."""
    given = mapping(parent, "customer")
    email = text(given, "email", "customer").lower()
    local, _, domain = email.partition("@")
    if not local or "." not in domain.strip(".") or "@" in domain or " " in email:
        raise invalid("customer.email", "That is not an e-mail address")
    phone = text(given, "phone", "customer")
    digits = "".join(character for character in phone if character in "0123456789")
    if not 7 <= len(digits) <= 15 or phone.strip("+0123456789 ()-./"):
        raise invalid("customer.phone", "That is not a phone number")
    name = text(given, "name", "customer") if "name" in given else email
    return Customer(email, f"+{digits}" if phone.startswith("+") else digits, name)


def cart(parent: Mapping[str, Any]) -> dict[str, int]:
    """Quantities by SKU; the same product on two lines counts together."""
    lines = parent.get("items")
    if not isinstance(lines, list) or not lines:
        raise ShopError(422, "empty_cart", "The cart is empty", field="items")
    if len(lines) > MAX_LINES:
        raise invalid("items", f"At most {MAX_LINES} lines")
    quantities: dict[str, int] = {}
    for index, line in enumerate(lines):
        where = f"items[{index}]"
        if not isinstance(line, dict):
            raise invalid(where, f"{where} is not an object")
        sku = text(line, "sku", where)
        quantity = line.get("quantity", 1)
        if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
            raise invalid(f"{where}.quantity", "The quantity must be a whole number from 1")
        quantities[sku] = quantities.get(sku, 0) + quantity
        if quantities[sku] > MAX_QUANTITY:
            raise invalid(f"{where}.quantity", f"At most {MAX_QUANTITY} of a product")
    return quantities


def invalid(field: str, message: str) -> ShopError:
    """The refusal of one field."""
    return ShopError(422, "invalid_request", message, field=field)
