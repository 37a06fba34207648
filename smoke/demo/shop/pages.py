"""The pages of a server-rendered shop. Every text from outside is escaped where it enters a page."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from smoke.demo.shop.messages import Response

TOKEN_FIELD = "csrfmiddlewaretoken"  # noqa: S105  (the name of a form's field, as Django has it)
HTML = "text/html; charset=utf-8"
PROBLEM = "A problem occurred while placing this order. Please contact customer services."


def page(title: str, main: str, *, status: int = 200, problem: str = "") -> Response:
    """A whole page; `problem` is shown in a red box above its `main`."""
    text = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)} | Demo shop</title></head>\n'
        f"<body>\n{box(problem) if problem else ''}<main>\n<h1>{escape(title)}</h1>\n{main}</main>\n</body></html>\n"
    )
    return Response(status, text.encode(), HTML)


def box(problem: str) -> str:
    """The red box."""
    return f'<div class="alert alert-danger" role="alert">{escape(problem)}</div>\n'


def form(action: str, token: str, button: str, fields: Mapping[str, str]) -> str:
    """A form that is posted; `fields` by name, with their types (`hidden:VALUE` for one that nobody sees)."""
    inputs = []
    for name, typed in fields.items():
        kind, _, value = typed.partition(":")
        inputs.append(f'<input type="{kind}" name="{escape(name)}" value="{escape(value)}">\n')
    return (
        f'<form method="post" action="{escape(action)}">\n'
        f'<input type="hidden" name="{TOKEN_FIELD}" value="{escape(token)}">\n'
        f"{''.join(inputs)}<button>{escape(button)}</button>\n</form>\n"
    )


def basket(items: Mapping[str, int]) -> str:
    """What is in the basket, or that nothing is."""
    if not items:
        return "<p>Your basket is empty.</p>\n"
    rows = (f"<tr><td>{escape(sku)}</td><td>{number}</td></tr>\n" for sku, number in items.items())
    return f'<table class="basket">\n{"".join(rows)}</table>\n'


def orders_table(orders: list[dict[str, Any]]) -> str:
    """The orders of a customer."""
    rows = (
        f'<tr class="order"><td><a href="/accounts/orders/{escape(order["id"])}">{escape(order["id"])}</a></td>'
        f"<td>{money(order)}</td></tr>\n"
        for order in orders
    )
    return f'<table class="orders">\n{"".join(rows)}</table>\n'


def order_details(order: Mapping[str, Any]) -> str:
    """One order."""
    return (
        f'<p>Order <strong id="order-number">{escape(order["id"])}</strong></p>\n'
        f'<p>Status <span id="order-status">{escape(order["status"])}</span></p>\n'
        f"<p>Total {money(order)}</p>\n"
    )


def money(order: Mapping[str, Any]) -> str:
    """What an order costs."""
    return f'<span class="price">{order["total"] / 100:.2f} {escape(order["currency"])}</span>'
