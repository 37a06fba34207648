"""How an order is removed is said with its id only where the id can do no harm."""

from __future__ import annotations

import pytest

from smoke.model.run import PlacedOrder
from smoke.report._evidence import removal_hint

HINT = "DELETE FROM orders WHERE id = '{{ order_id }}'"


@pytest.mark.parametrize(
    ("order_id", "hint"),
    [
        ("ORD-1", "DELETE FROM orders WHERE id = 'ORD-1'"),
        ("", HINT),
        ("x'; DROP TABLE orders; --", HINT),
        ("a b", HINT),
        ("\\1\\g<0>", HINT),
        ("x" * 101, HINT),
    ],
)
def test_removal_hint(order_id: str, hint: str) -> None:
    order = PlacedOrder("k", "s", "t", order_id=order_id, remove_hint=HINT)
    assert removal_hint(order) == hint
