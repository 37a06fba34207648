"""Which orders the steps of a scenario tried to remove, and why the others were not tried."""

from __future__ import annotations

from collections.abc import Sequence

from smoke.engine.step import Ordered, StepEnd
from smoke.model.run import JsonValue, Outcome, Removal
from smoke.scenario.model import Step

_DONE = (Removal.YES, Removal.GONE)
_WORDS = {Outcome.SKIPPED: "was skipped", Outcome.ERRORED: "had no verdict"}


class Removals:
    """What came of the removing steps of one scenario so far."""

    def __init__(self) -> None:
        self._tried: dict[str, Removal] = {}
        self._reason = ""

    def take(self, step: Step, end: StepEnd) -> None:
        """Take note of how a step ended."""
        if end.removed is not None:
            key, state = end.removed
            self._tried[key] = state
        elif step.removes_order is not None and end.message:
            self._reason = f"'{step.name}' {_WORDS.get(end.outcome, 'failed')}: {end.message}"

    def done(self, key: str) -> bool:
        """Whether the shop does not have this order any more."""
        return self._tried.get(key) in _DONE

    def why_not(self, order: Ordered) -> str | None:
        """Why no step tried to remove this order; None when one did."""
        if order.key in self._tried:
            return None
        if not order.order_id:
            return (
                "its id is not known, and no step of the teardown looked for it (orders_without_id)"
            )
        why = self._reason or "no step of the teardown says that it removes it (removes_order)"
        return f"not tried: {why}"


def as_names(orders: Sequence[Ordered]) -> dict[str, JsonValue]:
    """What templates see of the orders: those with an id, which can be removed, and those that must be looked for."""
    with_id: list[JsonValue] = [
        {"key": order.key, "id": order.order_id} for order in orders if order.order_id
    ]
    without: list[JsonValue] = [
        {"key": order.key, "idempotency_key": order.idempotency_key}
        for order in orders
        if not order.order_id
    ]
    return {"orders": with_id, "orders_without_id": without}
