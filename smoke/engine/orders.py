"""What is known of an order that was asked for: a pure judgement over its last exchange."""

from __future__ import annotations

from smoke.engine.retry import may_have_ordered
from smoke.model.exchange import RawExchange
from smoke.model.run import OrderState, Removal

# answers after which the order may have been placed all the same: the server gave up, or asks to come again
_UNKNOWN = frozenset({408, 425, 429})
GONE = frozenset({404, 410})


def settle(exchange: RawExchange, order_id: str, *, has_id_rule: bool) -> OrderState:
    """Placed, not placed, or unknown.

    `order_id` is what the scenario's rule read from the response (empty when it found nothing); `has_id_rule` says
    whether there is such a rule. A 5xx is unknown: some shops write the order before they fail.
    """
    response = exchange.response
    if response is None:
        return OrderState.MAY_EXIST if may_have_ordered(exchange.error) else OrderState.NOT_PLACED
    if order_id:
        return OrderState.PLACED
    if 200 <= response.status < 400:
        return OrderState.MAY_EXIST if has_id_rule else OrderState.PLACED
    if 400 <= response.status < 500 and response.status not in _UNKNOWN:
        return OrderState.NOT_PLACED
    return OrderState.MAY_EXIST


def removal(*, passed: bool, status: int | None) -> Removal:
    """What a step that removes an order came to."""
    if status in GONE:
        return Removal.GONE
    return Removal.YES if passed else Removal.FAILED
