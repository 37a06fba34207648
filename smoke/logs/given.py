"""Ids that a shop gave a customer, told from those that everybody has: of carts and orders, not of products. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from smoke.logs.wanted import Named
from smoke.model.exchange import Body, Exchange
from smoke.model.run import JsonValue, StepResult

Read = Callable[[Body], str]
"""Gives a kept body as text; empty when it is not there, or too large."""
MASK = "[masked:"
"""Begins what stands in the place of a secret (redact/matches.py): it is nobody's value."""
MOST = 200
"""Values of a kind at most: a scenario in rounds has many."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWNED = frozenset(
    [
        "account",
        "address",
        "basket",
        "cart",
        "checkout",
        "client",
        "contact",
        "customer",
        "draft",
        "intent",
        "invoice",
        "job",
        "member",
        "order",
        "payment",
        "profile",
        "purchase",
        "quote",
        "recipient",
        "reservation",
        "session",
        "shipment",
        "shopper",
        "subscription",
        "transaction",
        "user",
        "wishlist",
    ]
)
"""Things of which each customer has one of their own."""
_SHARED = frozenset(
    [
        "category",
        "channel",
        "collection",
        "country",
        "coupon",
        "currency",
        "discount",
        "gateway",
        "inventory",
        "item",
        "language",
        "line",
        "locale",
        "location",
        "method",
        "option",
        "plan",
        "price",
        "product",
        "promotion",
        "provider",
        "rate",
        "region",
        "sales",
        "shipping",
        "sku",
        "stock",
        "store",
        "tax",
        "tenant",
        "variant",
        "vendor",
        "warehouse",
        "zone",
    ]
)
"""Things that all customers share: an id of one of them says nothing of whose an error is."""
_RANDOM = re.compile(r"(?=[\w.:~+/=-]{8,128}\Z)(?=[^0-9]{0,128}[0-9])(?=[^A-Za-z]{0,128}[A-Za-z])")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]|\Z)|v?\d{1,4}(?:\.\d{1,6}){1,3}\Z")
_COUNTING = re.compile(r"\d{1,20}\Z")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_DEEPEST = 6
_MOST_OBJECTS = 2000


class GivenIds:
    """Ids that the shop gave, told from those that everybody has."""

    def __init__(self) -> None:
        self.given: dict[str, None] = {}
        self.named: dict[tuple[str, str], Named] = {}
        self.common: set[str] = set()
        self.objects = 0

    def take(self, name: str, value: JsonValue) -> None:
        """An id by the name of the thing that it is of."""
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            return
        text = str(value)
        if not text or text in self.common or MASK in text or len(self.given) >= MOST:
            return
        if _COUNTING.match(text):
            if name:
                names = (name, f"{name}s", f"{name}_id")
                self.named.setdefault((name, text), Named(names, text))
        elif is_random(text):
            self.given.setdefault(text)


def is_random(text: str) -> bool:
    """Whether a text is an id that nobody else has by chance: letters and digits, and no time or version."""
    return _RANDOM.match(text) is not None and _MOMENT.match(text) is None


def given_by(exchange: Exchange, read: Read, found: GivenIds) -> None:
    """Ids of what an unsafe request made: of what is only read everybody may have the same."""
    response = exchange.response
    if response is None or exchange.request.method in SAFE or response.status >= 400:
        return
    location = response.header("location") or ""
    if MASK not in location:
        segments = [unquote(part) for part in urlsplit(location).path.split("/") if part]
        for before, segment in zip(["", *segments], segments, strict=False):
            found.take(thing_of(before), segment)
    if "json" not in response.body.media_type:
        return
    try:
        data = json.loads(read(response.body) or "null")
    except (ValueError, RecursionError):
        return
    _walk(data, "", found, 0)


def _walk(data: Any, name: str, found: GivenIds, depth: int) -> None:
    """The ids of a customer's own things in an answer; lists hold what there are many of."""
    if not isinstance(data, dict) or depth > _DEEPEST or found.objects > _MOST_OBJECTS:
        return
    found.objects += 1
    thing = thing_of(name)
    if depth == 0 or thing in _OWNED:
        found.take(thing, data.get("id"))
    for key, value in data.items():
        if isinstance(value, dict):
            if thing_of(key) not in _SHARED:
                _walk(value, key, found, depth + 1)
        elif _is_id(key) and thing_of(key) in _OWNED:
            found.take(thing_of(key), value)


def captured(step: StepResult, found: GivenIds) -> None:
    """What a step took from its answer, unless it is secret or of a thing that all customers share."""
    exchanges = step.attempts[-1].exchanges
    made = bool(exchanges) and exchanges[0].request.method not in SAFE
    for capture in step.captures:
        words = {word.lower().removesuffix("s") for word in _WORD.findall(capture.name)}
        owned = bool(words & _OWNED)
        if not capture.secret and (owned or (made and not words & _SHARED)):
            found.take(thing_of(capture.name), capture.value)


def _is_id(key: str) -> bool:
    return key.endswith(("_id", "Id", "ID", "_uuid", "Uuid"))


def thing_of(name: str) -> str:
    """What a name is about, in the singular: `orderId`, `order_id` and `orders` are about an order."""
    words = [word.lower() for word in _WORD.findall(name)]
    if len(words) > 1 and words[-1] in ("id", "uuid", "number"):
        words = words[:-1]
    known = [word.removesuffix("s") for word in words if word.removesuffix("s") in _OWNED]
    return known[-1] if known else "_".join(words).removesuffix("s")
