"""How an order is removed is said with its id only where the id can do no harm."""

from __future__ import annotations

import pytest

from smoke.facts.orders import removal_hint
from smoke.model.run import PlacedOrder

HINT = "DELETE FROM orders WHERE id = '{{ order_id }}'"


@pytest.mark.parametrize(
    ("order_id", "hint"),
    [
        ("ORD-1", "DELETE FROM orders WHERE id = 'ORD-1'"),
        ("", HINT),
        ("ord_1.2-3", "DELETE FROM orders WHERE id = 'ord_1.2-3'"),
        ("x'; DROP TABLE orders; --", HINT),
        ("a b", HINT),
        ("\\1\\g<0>", HINT),
        ("x" * 101, HINT),
    ],
)
def test_removal_hint(order_id: str, hint: str) -> None:
    # the engine fills names in as far as they are known: then the id may stand in the hint already
    filled = PlacedOrder("k", "s", "t", order_id=order_id, remove_hint=f"x {order_id or 'y'} z")
    expected = order_id or "y" if hint != HINT or not order_id else "<order_id>"
    assert removal_hint(filled) == f"x {expected} z"
    order = PlacedOrder("k", "s", "t", order_id=order_id, remove_hint=HINT)
    assert removal_hint(order) == hint
