"""Products, prices, stock, and checkouts made of them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from smoke.demo.shop.errors import ShopError
from smoke.demo.shop.pool import Connection

CURRENCY = "EUR"


@dataclass(frozen=True, slots=True)
class Line:
    """A product in a cart, with the price that counts; amounts are in cents."""

    sku: str
    quantity: int
    price: int

    def as_json(self) -> dict[str, Any]:
        return {"sku": self.sku, "quantity": self.quantity, "price": self.price}


def total(lines: tuple[Line, ...]) -> int:
    """What the cart costs, in cents."""
    return sum(line.quantity * line.price for line in lines)


def products(database: Connection) -> list[dict[str, Any]]:
    """Everything the shop sells."""
    rows = database.execute("SELECT sku, name, price, stock FROM products ORDER BY sku")
    return [
        {"sku": sku, "name": name, "price": price, "in_stock": int(str(stock)) > 0}
        for sku, name, price, stock in rows
    ]


def priced(database: Connection, cart: Mapping[str, int]) -> tuple[Line, ...]:
    """The cart's lines at today's prices, by SKU; ShopError 422 for what the shop does not sell."""
    rows = database.execute("SELECT sku, price FROM products WHERE sku = ANY(%s)", (list(cart),))
    prices = {str(sku): int(str(price)) for sku, price in rows}
    for sku in cart:
        if sku not in prices:
            raise ShopError(422, "unknown_product", "The shop does not sell that", sku=sku)
    return tuple(Line(sku, cart[sku], prices[sku]) for sku in sorted(cart))


def take_from_stock(database: Connection, lines: tuple[Line, ...]) -> None:
    """Take the lines out of stock; ShopError 409 when one is sold out."""
    # always in the order of the SKUs, so that two orders never wait for each other
    for line in lines:
        taken = database.execute(
            "UPDATE products SET stock = stock - %s WHERE sku = %s AND stock >= %s",
            (line.quantity, line.sku, line.quantity),
        )
        if taken.rowcount == 0:
            raise ShopError(
                409, "out_of_stock", "There is not enough of that in stock", sku=line.sku
            )


def put_back(database: Connection, order_id: str) -> None:
    """Put an order's lines back into stock."""
    database.execute(
        "UPDATE products SET stock = stock + items.quantity FROM"
        " (SELECT sku, quantity FROM order_items WHERE order_id = %s ORDER BY sku) AS items"
        " WHERE products.sku = items.sku",
        (order_id,),
    )


def create_checkout(database: Connection, cart: Mapping[str, int]) -> dict[str, Any]:
    """A new checkout that an order can be placed from, at the prices of this moment."""
    lines = priced(database, cart)
    checkout_id = f"CHK-{secrets.token_hex(6).upper()}"
    keep_checkout(database, checkout_id, lines)
    items = [line.as_json() for line in lines]
    return {"id": checkout_id, "items": items, "total": total(lines), "currency": CURRENCY}


def keep_checkout(database: Connection, checkout_id: str, lines: tuple[Line, ...]) -> None:
    """Store a checkout; one that is there already stays as it is."""
    database.execute(
        "INSERT INTO checkouts (id, items, total) VALUES (%s, %s, %s) ON CONFLICT (id) DO NOTHING",
        (checkout_id, Jsonb([line.as_json() for line in lines]), total(lines)),
    )


def checkout_lines(database: Connection, checkout_id: str) -> tuple[Line, ...]:
    """What a checkout holds; ShopError 404 when there is none, 409 when it was ordered already."""
    row = database.execute(
        "SELECT checkouts.items, orders.id FROM checkouts"
        " LEFT JOIN orders ON orders.checkout_id = checkouts.id WHERE checkouts.id = %s",
        (checkout_id,),
    ).fetchone()
    if row is None:
        raise ShopError(404, "checkout_not_found", "There is no such checkout")
    items, order_id = row
    if order_id is not None:
        raise already_ordered()
    assert isinstance(items, list)
    return tuple(Line(**item) for item in items)


def already_ordered() -> ShopError:
    """The refusal of a checkout that an order was made from."""
    return ShopError(409, "already_ordered", "This checkout was ordered already")
