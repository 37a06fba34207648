"""Which request places the order, why, and where its answer has the order's id."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from smoke.recording.given import given, json_of, leaves
from smoke.recording.operation import body_of, operation_of
from smoke.recording.records import RecordedRequest
from smoke.recording.yaml_text import dump
from smoke.redact.keys import words

_LEAST = 3
_WEIGHTS = {
    "place": 3,
    "purchase": 4,
    "complete": 3,
    "submit": 2,
    "confirm": 2,
    "order": 3,
    "orders": 3,
    "checkout": 1,
    "pay": 1,
}
_AGAINST = {"cancel": 9, "refund": 9, "search": 9, "cart": 1, "carts": 1, "basket": 3, "address": 4, "shipping": 3, "login": 9, "register": 9, "preview": 4, "coupon": 4, "catalogue": 4, "items": 2}  # fmt: skip
_AGAINST_FIELDS = {"delete": 9, "remove": 9, "update": 3}
_ENDS_CART = {
    frozenset(each.split())
    for each in (
        "checkout",
        "complete cart",
        "complete checkout",
        "submit cart",
        "cart submit for completion",
    )
}
"""Words of a mutation that orders, whatever its answer tells."""
_THANKS = ("thank", "success", "confirmation", "order-received", "complete")
_NAMES = {"orderid", "ordernumber", "orderno", "orderref", "ordercode", "orderuuid"}


class Candidate(Struct, frozen=True):
    """A request that may order: where it is in the recording, how much speaks for it, and what."""

    index: int
    weight: int
    reasons: tuple[str, ...]


def candidates(requests: Sequence[RecordedRequest]) -> list[Candidate]:
    """Those that may place the order, the likeliest first; of equally likely ones the later."""
    found = [
        Candidate(index, *_weighed(request))
        for index, request in enumerate(requests)
        if request.method in {"POST", "PUT"} and not _only_reads(request)
    ]
    likely = [each for each in found if each.weight >= _LEAST] or _last_of(found, requests)
    return sorted(likely, key=lambda each: (-each.weight, -each.index))


def _only_reads(request: RecordedRequest) -> bool:
    """Whether it asks for a query, or listens: neither places an order (GraphQL October 2021, 2.3: a query is a read-only fetch)."""
    operation = operation_of(request)
    return operation is not None and operation.kind in {"query", "subscription"}


def _last_of(found: Sequence[Candidate], requests: Sequence[RecordedRequest]) -> list[Candidate]:
    """The last request that changes something, where it speaks of a checkout and no answer tells more: an order has to be listed."""
    last = found[-1:]
    if not last or last[0].weight < 1 or requests[last[0].index].answer is not None:
        return []
    reasons = (*last[0].reasons, "it is the last one that changes something")
    return [Candidate(last[0].index, last[0].weight, reasons)]


def _weighed(request: RecordedRequest) -> tuple[int, tuple[str, ...]]:
    weight, reasons = 0, []
    told = [word for part in request.path.split("/") for word in words(part)]
    told += _action(request)
    operation = operation_of(request)
    against = _AGAINST if operation is None else _AGAINST | _AGAINST_FIELDS
    for field in operation.fields if operation is not None else ():
        weight += 3 * (frozenset(words(field)) in _ENDS_CART)
    for word in dict.fromkeys(told):
        weight += _WEIGHTS.get(word, 0) - against.get(word, 0)
        if word in _WEIGHTS:
            reasons.append(f"it says '{word}'")
    if order_id(request) is not None:
        weight += 3
        reasons.append("its answer gives the id of an order")
    answer = request.answer
    arrived = request.arrived or (answer.header("location") if answer is not None else "")
    if any(word in arrived.lower() for word in _THANKS):
        weight += 4
        reasons.append("it leads to a page of thanks")
    return weight, tuple(reasons)


def _action(request: RecordedRequest) -> list[str]:
    """The words of a body's own name for what it does."""
    operation = operation_of(request)
    if operation is not None:
        return [word for name in operation.fields for word in words(name)]
    document = body_of(request)
    if not isinstance(document, dict):
        return []
    names = [document.get(key) for key in ("action", "type", "event")]
    return [word for name in names if isinstance(name, str) for word in words(name)]


def order_id(request: RecordedRequest) -> tuple[str, Any] | None:
    """The id of an order in an answer, and the capture that takes it; None where it has none."""
    answer = request.answer
    document = json_of(answer) if answer is not None else None
    if document is not None:
        for path, name, value in leaves(document):
            before = words(path.rpartition(".")[0].rpartition(".")[2])
            ordered = name in {"id", "number", "code"} and before[-1:] == ("order",)
            at_top = path == "$.id" and request.path.rstrip("/").endswith("/orders")
            if value not in (None, "", True, False) and (
                ordered or at_top or "".join(words(name)) in _NAMES
            ):
                return str(value), path
    if any(word in urlsplit(request.arrived).path.lower() for word in _THANKS):
        for each in given(request):
            if isinstance(each.spec, dict) and "url" in each.spec:
                return unquote(each.value), each.spec
    return _that_is_kept(request)


def _that_is_kept(request: RecordedRequest) -> tuple[str, Any] | None:
    """The order's id where a person wrote down that it is kept, or looked at, and no answer was recorded."""
    asked = request.expect.get("json")
    for path in (
        *(spec for _, spec in request.captures),
        *(asked if isinstance(asked, dict) else ()),
    ):
        if isinstance(path, str) and path.startswith("$."):
            head, _, name = path.rpartition(".")
            before = words(head.rpartition(".")[2])
            ordered = name in {"id", "number", "code"} and before[-1:] == ("order",)
            at_top = path == "$.id" and request.path.rstrip("/").endswith("/orders")
            if ordered or at_top or "".join(words(name)) in _NAMES:
                return "", path
    return None


def last_that_asks(steps: list[dict[str, Any]], start: int, order: int) -> int:
    """The last step that sends what the rounds of an order gave: it belongs to them."""
    end, at = order, start
    while at <= end:
        for name in steps[at].get("capture", {}):
            uses = re.compile(rf"\{{\{{ {re.escape(name)}\b")
            end = max(
                [
                    end,
                    *(
                        later
                        for later in range(end + 1, len(steps))
                        if uses.search(dump(steps[later]))
                    ),
                ]
            )
        at += 1
    return end
