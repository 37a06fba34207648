"""Orders: placed in one transaction with stock, payment and dispatch job; cancelled without a trace of them."""

from __future__ import annotations

import secrets
from typing import Any

from smoke.demo.shop.catalogue import (
    CURRENCY,
    Line,
    already_ordered,
    put_back,
    take_from_stock,
    total,
)
from smoke.demo.shop.errors import ShopError
from smoke.demo.shop.faults import Faults
from smoke.demo.shop.fields import Customer
from smoke.demo.shop.payments import Authorisation
from smoke.demo.shop.pool import Connection

FIRST_STEP = "step-1"


def place(
    database: Connection,
    customer: Customer,
    lines: tuple[Line, ...],
    payment: Authorisation,
    checkout_id: str | None,
    faults: Faults,
) -> dict[str, Any]:
    """The new order. The caller commits; until then nothing of it can be seen."""
    order_id = f"ORD-{secrets.token_hex(6).upper()}"
    faults.at_start(database, customer)
    buyer = customer_id(database, customer)
    recipient = recipient_id(database, buyer, customer)
    take_from_stock(database, lines)
    placed = database.execute(
        "INSERT INTO orders (id, customer_id, recipient_id, checkout_id, total)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (checkout_id) DO NOTHING",
        (order_id, buyer, recipient, checkout_id, total(lines)),
    )
    if placed.rowcount == 0:  # the same checkout, ordered in another window a moment ago
        raise already_ordered()
    for line in lines:
        database.execute(
            "INSERT INTO order_items (order_id, sku, quantity, price) VALUES (%s, %s, %s, %s)",
            (order_id, line.sku, line.quantity, line.price),
        )
    database.execute(
        "INSERT INTO payments (order_id, authorisation, last_four, amount, status)"
        " VALUES (%s, %s, %s, %s, 'captured')",
        (order_id, payment.id, payment.last_four, payment.amount),
    )
    faults.at_dispatch(database, customer, recipient, order_id)
    # the incident: with UNIQUE (recipient_id, step_id) a recipient's second order ends here, with 23505
    database.execute(
        "INSERT INTO h2s_dispatch_jobs (recipient_id, step_id, order_id) VALUES (%s, %s, %s)",
        (recipient, FIRST_STEP, order_id),
    )
    return read(database, order_id)


def customer_id(database: Connection, customer: Customer) -> str:
    """The id of the customer: found by e-mail and phone, or made."""
    row = database.execute(
        "INSERT INTO customers (email, phone, name) VALUES (%s, %s, %s)"
        " ON CONFLICT (email, phone) DO UPDATE SET name = excluded.name RETURNING id::text",
        (customer.email, customer.phone, customer.name),
    ).fetchone()
    assert row is not None
    return str(row[0])


def recipient_id(database: Connection, customer_id: str, recipient: Customer) -> str:
    """The id of the customer's recipient: found by e-mail and phone, or made."""
    row = database.execute(
        "INSERT INTO recipients (customer_id, email, phone, name) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (email, phone) DO UPDATE SET name = excluded.name RETURNING id::text",
        (customer_id, recipient.email, recipient.phone, recipient.name),
    ).fetchone()
    assert row is not None
    return str(row[0])


def cancel(database: Connection, order_id: str) -> tuple[dict[str, Any], str | None]:
    """The cancelled order, and the authorisation to refund; None when it was cancelled before."""
    row = database.execute(
        "SELECT status FROM orders WHERE id = %s FOR UPDATE", (order_id,)
    ).fetchone()
    if row is None:
        raise not_found()
    if row[0] == "cancelled":
        return read(database, order_id), None
    put_back(database, order_id)
    database.execute("DELETE FROM h2s_dispatch_jobs WHERE order_id = %s", (order_id,))
    database.execute("UPDATE orders SET status = 'cancelled' WHERE id = %s", (order_id,))
    refunded = database.execute(
        "UPDATE payments SET status = 'refunded' WHERE order_id = %s RETURNING authorisation",
        (order_id,),
    ).fetchone()
    assert refunded is not None
    return read(database, order_id), str(refunded[0])


def read(database: Connection, order_id: str) -> dict[str, Any]:
    """An order; ShopError 404 when there is none."""
    row = database.execute(
        "SELECT orders.status, orders.total, customers.email, recipients.id::text,"
        " payments.status, payments.last_four,"
        " (SELECT json_agg(json_build_object('sku', sku, 'quantity', quantity, 'price', price)"
        "   ORDER BY sku) FROM order_items WHERE order_id = orders.id),"
        " (SELECT json_build_object('id', jobs.id, 'step', jobs.step_id)"
        "   FROM h2s_dispatch_jobs AS jobs WHERE order_id = orders.id)"
        " FROM orders JOIN customers ON customers.id = orders.customer_id"
        " JOIN recipients ON recipients.id = orders.recipient_id"
        " JOIN payments ON payments.order_id = orders.id WHERE orders.id = %s",
        (order_id,),
    ).fetchone()
    if row is None:
        raise not_found()
    status, cents, email, recipient_id, payment, last_four, items, dispatch = row
    return {
        "id": order_id,
        "status": status,
        "total": cents,
        "currency": CURRENCY,
        "customer": {"email": email},
        "recipient_id": recipient_id,
        "items": items,
        "payment": {"status": payment, "last_four": last_four},
        "dispatch_job": dispatch,
    }


def placed_by(database: Connection, email: str) -> list[dict[str, Any]]:
    """The orders of that customer that were not cancelled, oldest first."""
    rows = database.execute(
        "SELECT orders.id FROM orders JOIN customers ON customers.id = orders.customer_id"
        " WHERE customers.email = %s AND orders.status = 'placed' ORDER BY orders.created_at",
        (email,),
    ).fetchall()
    return [read(database, str(order_id)) for (order_id,) in rows]


def count(database: Connection) -> dict[str, int]:
    """How many orders there are in each status."""
    rows = database.execute("SELECT status, count(*) FROM orders GROUP BY status ORDER BY status")
    return {str(status): int(str(number)) for status, number in rows}


def not_found() -> ShopError:
    """The refusal of an order that there is not."""
    return ShopError(404, "order_not_found", "There is no such order")
