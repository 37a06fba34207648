"""Placing and cancelling orders: what every face of the shop has behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from smoke.demo.shop import catalogue, fields, orders
from smoke.demo.shop.call import Call
from smoke.demo.shop.faults import Faults
from smoke.demo.shop.fields import Customer
from smoke.demo.shop.payments import CardProcessor
from smoke.demo.shop.pool import Connection, Pool
from smoke.demo.shop.sessions import Account, Sessions


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order to be placed: of `items` (quantities by SKU), or of the stored checkout when there are none.

    With both, the items become the checkout of that id, as a cart that is completed.
    """

    customer: Customer
    card: str
    items: Mapping[str, int]
    checkout_id: str | None = None


class Checkout:
    """Orders over the shop's tables; safe to be called by many threads."""

    def __init__(self, pool: Pool, payments: CardProcessor, faults: Faults) -> None:
        self.pool = pool
        self._payments = payments
        self._faults = faults

    def place(
        self,
        wanted: Wanted,
        call: Call,
        with_order: Callable[[Connection, dict[str, Any]], None] | None = None,
    ) -> dict[str, Any]:
        """The new order; `with_order` is called in its transaction. ShopError or psycopg.Error: nothing was ordered."""
        with self.pool.transaction(call) as database:
            lines = (
                catalogue.priced(database, wanted.items)
                if wanted.items or wanted.checkout_id is None
                else catalogue.checkout_lines(database, wanted.checkout_id)
            )
        # no transaction is open while the card processor thinks: a slow card keeps nobody else waiting
        payment = self._payments.authorise(wanted.card, catalogue.total(lines))
        try:
            with self.pool.transaction(call) as database:
                if wanted.items and wanted.checkout_id is not None:
                    catalogue.keep_checkout(database, wanted.checkout_id, lines)
                order = orders.place(
                    database, wanted.customer, lines, payment, wanted.checkout_id, self._faults
                )
                if with_order is not None:
                    with_order(database, order)
        except BaseException:
            self._payments.void(payment)
            raise
        self._payments.capture(payment)
        return order

    def sign_up(
        self, sessions: Sessions, given: Mapping[str, Any], call: Call
    ) -> tuple[Account, str]:
        """A new account of what a customer filled in, and its password. Raises ShopError for what is missing."""
        customer = fields.customer({"customer": given})
        password = fields.text(given, "password")
        with self.pool.transaction(call) as database:
            customer_id = orders.customer_id(database, customer)
        return sessions.sign_up(customer, customer_id, password), password

    def must_sell(self, sku: str, call: Call) -> None:
        """ShopError 422 when the shop does not sell that."""
        with self.pool.transaction(call) as database:
            catalogue.priced(database, {sku: 1})

    def cancel(self, order_id: str, call: Call) -> dict[str, Any]:
        """The cancelled order; ShopError 404 when there is none."""
        with self.pool.transaction(call) as database:
            order, authorisation = orders.cancel(database, order_id)
        if authorisation is not None:
            self._payments.refund(authorisation)
        return order

    def read(self, order_id: str, call: Call) -> dict[str, Any]:
        """An order; ShopError 404 when there is none."""
        with self.pool.transaction(call) as database:
            return orders.read(database, order_id)

    def read_own(self, order_id: str, email: str, call: Call) -> dict[str, Any]:
        """An order of that customer; ShopError 404 for any other."""
        order = self.read(order_id, call)
        if order["customer"]["email"] != email:
            raise orders.not_found()
        return order

    def placed_by(self, email: str, call: Call) -> list[dict[str, Any]]:
        """The orders of that customer that were not cancelled."""
        with self.pool.transaction(call) as database:
            return orders.placed_by(database, email)

    def states(self) -> dict[str, dict[str, int]]:
        """How many orders and authorisations are in each state."""
        with self.pool.transaction() as database:
            placed = orders.count(database)
        return {"orders": placed, "payments": self._payments.states()}
