"""Orders that a run left: how they are called, why they are still there, and what a person can do about each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from smoke.advice.commands import Commands
from smoke.model.run import PlacedOrder, Removal, Run

LEFT = "left behind"
MAY_EXIST = "may exist"
_MOST_FORGET = 3


def label(order: PlacedOrder) -> str:
    """`left behind` for an order that is known to exist, else `may exist`."""
    return LEFT if order.known else MAY_EXIST


def heading(orders: Sequence[PlacedOrder]) -> str:
    """`2 orders left behind, 1 may exist`; empty for none."""
    known = sum(order.known for order in orders)
    words: list[str] = []
    for count, word in ((known, LEFT), (len(orders) - known, MAY_EXIST)):
        if count:
            noun = "" if words else " order" if count == 1 else " orders"
            words.append(f"{count}{noun} {word}")
    return ", ".join(words)


def reason(order: PlacedOrder) -> str:
    """Why an order was not removed; empty when nobody tried, and nothing is known."""
    if order.removed is Removal.FAILED:
        return (
            f"removing it failed: {order.removal_note}"
            if order.removal_note
            else "removing it failed"
        )
    return order.removal_note


def look_for(order: PlacedOrder) -> str:
    """By what a person can find an order in the shop whose id is not known; empty when it is."""
    if order.order_id:
        return ""
    key = f", its Idempotency-Key was {order.idempotency_key}" if order.idempotency_key else ""
    when = f" at {order.intended_at}" if order.intended_at else ""
    return f"in the shop, an order that '{order.placed_by}' asked for{when}{key}"


def by_hand(run: Run, commands: Commands) -> Iterator[str]:
    """What to type when orders that no teardown can remove were dealt with by hand."""
    left = run.orders_left_behind
    stuck = [
        order for order in left if order.removed is Removal.FAILED or not commands.can_remove(order)
    ]
    if len(stuck) == len(left) and stuck:
        yield commands.forget()
    elif len(stuck) <= _MOST_FORGET:
        yield from (commands.forget([order]) for order in stuck)


def age(then: str, now: datetime) -> str:
    """`2 d ago` from a time of the journal; empty when that is none."""
    try:
        seconds = (now - datetime.fromisoformat(then)).total_seconds()
    except (ValueError, TypeError):
        return ""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"
