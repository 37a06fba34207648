"""Orders that a run left in the shop, once for every report: which, why, and what a person can do, as values to lay out.

Texts in here are as they came: each writer makes them safe for its own format.
"""

from __future__ import annotations

import re

from msgspec import Struct

from smoke.advice.commands import Commands
from smoke.advice.leftovers import by_hand, heading, label, look_for, reason
from smoke.advice.pasted import is_inert, put_in
from smoke.facts.typed import typed
from smoke.model.run import PlacedOrder, Run

UNKNOWN = "id unknown"

_ORDER_ID = re.compile(r"(\{\{ ?order_id ?\}\}|<order_id>)")


class LeftOrder(Struct, frozen=True):
    """One order that the shop has, or may have, still.

    `name` is its id, or says that none is known; `remove` the scenario's words on how to remove it; `look_for` by what
    a person can find it, where there are no such words.
    """

    name: str
    state: str
    scenario: str
    placed_by: str
    why: str = ""
    remove: str = ""
    look_for: str = ""

    @property
    def to_do(self) -> str:
        """How to be rid of it, in a cell."""
        return self.remove or (f"look for it: {self.look_for}" if self.look_for else "")


class LeftOrders(Struct, frozen=True):
    """All of them: `more` were left out of `orders`, `next` is what to type, and `when_done` when they are dealt with.

    `needs` are secrets that the commands want and nobody kept.
    """

    heading: str = ""
    orders: tuple[LeftOrder, ...] = ()
    more: int = 0
    next: tuple[str, ...] = ()
    needs: str = ""
    when_done: tuple[str, ...] = ()


def left_orders(run: Run, most: int = 200) -> LeftOrders:
    """What `run` left behind, at most so many orders one by one; nothing at all where it left none."""
    left = run.orders_left_behind
    if not left:
        return LeftOrders()
    commands = typed(run)
    removing = commands.teardown()
    left_out = run.asked.left_out if removing and run.asked is not None else ()
    return LeftOrders(
        heading(left),
        tuple(left_order(order, commands) for order in left[:most]),
        max(0, len(left) - most),
        tuple(line for line in (removing, commands.orders()) if line),
        f"{', '.join(left_out)} (secret, so not kept)" if left_out else "",
        tuple(by_hand(run, commands)),
    )


def left_order(order: PlacedOrder, commands: Commands | None = None) -> LeftOrder:
    """One order. `commands` of its run: what a teardown can remove, nobody has to look for."""
    removable = commands is not None and commands.can_remove(order)
    return LeftOrder(
        order.order_id or UNKNOWN,
        label(order),
        order.scenario,
        order.placed_by,
        reason(order),
        removal_hint(order) if order.remove_hint else "",
        "" if order.remove_hint or removable else look_for(order),
    )


def removal_hint(order: PlacedOrder) -> str:
    """The scenario's words on how to remove an order, with its id only where that can do no harm.

    The id is the server's text and the hint may be SQL or a command: any other id is left for the person to judge.
    """
    if not order.order_id:
        return order.remove_hint
    hint = order.remove_hint
    if not is_inert(order.order_id):
        return hint.replace(order.order_id, "<order_id>")
    pieces = _ORDER_ID.split(hint)
    return put_in(
        ("order_id", order.order_id) if number % 2 else piece for number, piece in enumerate(pieces)
    )
