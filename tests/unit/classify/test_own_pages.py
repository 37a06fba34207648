"""A page at 200 that shows an error of its own tells it, in whatever element: what PHP echoes, what a checkout says in the place of its result."""

from __future__ import annotations

import html

import pytest

import smoke
from tests.support.elsewhere import LOREM
from tests.support.own_pages import OWN_PAGES

SAID = (
    ("23505", 'duplicate key value violates unique constraint "orders_number_key"', "Key (number)=(7) already exists."),
    ("23503", 'insert or update on table "orders" violates foreign key constraint "orders_customer_fkey"', 'Key (customer_id)=(7) is not present in table "customers".'),
    ("23502", 'null value in column "email" of relation "orders" violates not-null constraint', "Failing row contains (1, null)."),
    ("42P01", 'relation "orders" does not exist', "x"),
    ("40P01", "deadlock detected", "Process 1 waits for ShareLock on transaction 2; blocked by process 3."),
    ("42501", "permission denied for table orders", "x"),
)  # fmt: skip


def _told(page: str, code: str, said: str, detail: str) -> list[str | None]:
    shown = html.escape(said) if "<script>" not in page else said.replace("'", "\\'")
    marks = {"#L": LOREM, "#m": shown, "#k": html.escape(detail), "#c": code}
    for mark, text in marks.items():
        page = page.replace(mark, text)
    found = smoke.classify_response(200, [("content-type", "text/html")], page.encode())
    return [each.database_error.sqlstate for each in found if each.database_error]


@pytest.mark.parametrize("name", OWN_PAGES)
def test_an_error_of_its_own(name: str) -> None:
    for code, said, detail in SAID:
        assert _told(OWN_PAGES[name], code, said, detail) == [code]


def test_in_a_page_of_many_windows() -> None:
    """Of a page that is larger than what is looked at as a whole, what stands around a place decides."""
    filler = "<div class=tile><h4>Tea</h4><p>12.99</p></div>" * 6_000
    said = "<h1>Checkout</h1><p>Sorry, your order could not be placed.</p><p>deadlock detected</p>"
    page = f"<!doctype html><html><head><title>Checkout</title></head><body>{filler}{said}{filler}</body></html>"
    assert _told(page, "40P01", "", "") == ["40P01"]
    rows = "<div class=tile><h4>Error</h4><p>deadlock detected</p></div>" * 6_000
    assert _told(page.replace(said, rows), "40P01", "", "") == []


def test_a_page_of_many_errors_is_a_list() -> None:
    """More places than anybody fails at are a list, whatever stands before each."""
    row = "<p>Your order failed.</p><p>deadlock detected, it is number {}</p><br>"
    page = f"<!doctype html><html><head><title>Orders</title></head><body>{''.join(map(row.format, range(200)))}</body></html>"
    assert _told(page, "40P01", "", "") == []
