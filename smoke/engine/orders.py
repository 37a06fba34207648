"""What is known of an order that was asked for: a pure judgement over its last exchange."""

from __future__ import annotations

import json

from smoke.engine.retry import may_have_ordered
from smoke.model.exchange import RawExchange
from smoke.model.run import JsonValue, Mismatch, OrderState, Removal
from smoke.scenario.model import Step

# answers after which the order may have been placed all the same: the server gave up, or asks to come again
_UNKNOWN = frozenset({408, 425, 429})


def id_text(value: JsonValue) -> str:
    """A value as the id of an order; empty for what cannot be one: nothing, blanks, true, a list, an object."""
    if isinstance(value, str):
        return value if value.strip() else ""
    if value is None or isinstance(value, (bool, list, dict)):
        return ""
    return json.dumps(value)


def without_id(step: Step, why: str) -> tuple[Mismatch, ...]:
    """An order that was taken and cannot be named (`why`) cannot be removed either: that is not green."""
    if not why:
        return ()
    place = step.lines.get("places_order.id", step.span)
    return (
        Mismatch(
            path="places_order.id",
            expected="the id of the order",
            actual=None,
            message=why,
            source=place.source,
            line=place.line,
            column=place.column,
        ),
    )


def accepted(status: int) -> bool:
    """Whether a status alone says that the shop took the order."""
    return 200 <= status < 400


def may_be_none(step: Step, exchange: RawExchange, order_id: str, *, asked_before: bool) -> bool:
    """Whether the answer placed no order where all that is expected of it holds: the author says so of one that has no id.

    `asked_before`: the order itself was answered, or may have been placed, before this answer.
    """
    rule, response = step.places_order, exchange.response
    if rule is None or not rule.may_place_none or response is None:
        return False
    return 200 <= response.status < 300 and not order_id and not asked_before


def settle(
    exchange: RawExchange, order_id: str, *, has_id_rule: bool, followed: bool = False
) -> OrderState:
    """Placed, not placed, or unknown.

    `order_id` is what the scenario's rule read from the response (empty when it found nothing); `has_id_rule` says
    whether there is such a rule. A 5xx is unknown: some shops write the order before they fail. A 429 says that it
    turned the request away (RFC 6585, 4), but some shops count their requests after they took the order. `followed`: this answers a redirect, so the order itself had been answered before.
    """
    response = exchange.response
    if response is None:
        unknown = followed or may_have_ordered(exchange.error)
        return OrderState.MAY_EXIST if unknown else OrderState.NOT_PLACED
    if order_id:
        return OrderState.PLACED
    if accepted(response.status):
        return OrderState.MAY_EXIST if has_id_rule else OrderState.PLACED
    if 400 <= response.status < 500 and response.status not in _UNKNOWN and not followed:
        return OrderState.NOT_PLACED
    return OrderState.MAY_EXIST


def removal(*, passed: bool, status: int | None, page: bool = False) -> Removal:
    """What a step that removes an order came to.

    `page`: the answer is a page, or empty. A 404 that the scenario did not expect is then as likely that of an address
    which is wrong by now (RFC 9110, 15.5.5: nothing is there, or nobody says why), so the order counts as still there.
    """
    if status == 410 or (status == 404 and (passed or not page)):
        return Removal.GONE
    return Removal.YES if passed else Removal.FAILED
