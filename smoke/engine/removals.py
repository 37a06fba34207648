"""Which orders the steps of a scenario tried to remove, and why nothing is known of the others."""

from __future__ import annotations

from collections.abc import Sequence

from smoke.engine.step import Ordered, StepEnd
from smoke.model.run import JsonValue, Outcome, Removal
from smoke.scenario.model import Step, every_step
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import render

_DONE = (Removal.YES, Removal.GONE)
_WORDS = {Outcome.SKIPPED: "was skipped", Outcome.ERRORED: "had no verdict"}


class Removals:
    """What came of the removing steps of one scenario so far."""

    def __init__(self) -> None:
        self._tried: dict[str, Removal] = {}
        self._reasons: dict[str, str] = {}
        self._reason = ""

    def take(self, step: Step, end: StepEnd, scope: Scope | None) -> None:
        """Take note of how a step ended; `scope` has the names that it saw, as far as they were known."""
        if end.removed is not None:
            key, state = end.removed
            self._tried[key] = state
        elif end.message and any(each.removes_order is not None for each in every_step((step,))):
            reason = f"'{end.title}' {_WORDS.get(end.outcome, 'failed')}: {end.message}"
            own = _key(step, scope)
            if own is None:
                self._reason = reason
            else:
                self._reasons[own] = reason

    def done(self, key: str) -> bool:
        """Whether the shop does not have this order any more."""
        return self._tried.get(key) in _DONE

    def why_not(self, order: Ordered) -> str | None:
        """Why no step is known to have tried to remove this order; None when one is."""
        if order.key in self._tried:
            return None
        if not order.order_id and order.key not in self._reasons:
            return (
                "its id is not known, and no step of the teardown looked for it (orders_without_id)"
            )
        why = self._reasons.get(order.key) or self._reason
        if why:
            return f"not tried: {why}"
        # a step that does not say so may have removed it all the same
        return (
            "not known whether it is gone: no step of the teardown says that it removes it "
            "(removes_order)"
        )


def _key(step: Step, scope: Scope | None) -> str | None:
    """The key of the order that a step was to remove; None when that is not known."""
    if step.removes_order is None or scope is None:
        return None
    try:
        return str(render(step.removes_order, scope))
    except TemplateError:
        return None


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


def removes(steps: Sequence[Step]) -> bool:
    """Whether one of the steps says that it removes an order."""
    return any(step.removes_order is not None or removes(step.children) for step in steps)


def looks(steps: Sequence[Step]) -> bool:
    """Whether one of the steps goes through the orders whose id is not known, and says what became of them."""
    return any(
        ("orders_without_id" in str(step.for_each) and removes([step])) or looks(step.children)
        for step in steps
    )
