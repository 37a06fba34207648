"""One order of the journal as lines for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from smoke.advice.leftovers import age, label
from smoke.app.ledger import Row
from smoke.facts.orders import left_order
from smoke.model.run import OrderState, PlacedOrder, Removal
from smoke.text import safe_line


def listed(row: Row, now: datetime) -> Iterator[str]:
    """The order with its run, its age and its target; below it why it is still there, and how to remove it."""
    order = row.order
    parts = [
        row.run_id,
        order.key,
        f"id {order.order_id}" if order.order_id else "id unknown",
        state(order),
        age(order.intended_at, now),
        f"at {row.target}",
    ]
    yield safe_line("  ".join(part for part in parts if part))
    if not order.left_behind:
        return
    told = left_order(order)
    for words, value in (
        ("why", told.why),
        ("remove it", told.remove),
        ("look for it", told.look_for),
    ):
        if value:
            yield safe_line(f"    {words}: {value}")


def state(order: PlacedOrder) -> str:
    """What became of an order, in a few words."""
    if order.forgotten:
        return f"forgotten: {order.forgotten}"
    if order.left_behind:
        return label(order)
    if order.state is OrderState.NOT_PLACED:
        return "not placed"
    return "removed" if order.removed is Removal.YES else "gone: the shop does not know it any more"
