"""A message of the server is named in the envelopes and boxes of shops, at 200 as at 500; shop pages have much around it."""

from __future__ import annotations

import html
import json

import pytest

import smoke
from tests.support.elsewhere import LOREM
from tests.support.shown_errors import SHOWN_ERRORS

SAID = 'duplicate key value violates unique constraint "orders_number_key"'
_E = html.escape(SAID)
AROUND = f"<footer><p>{'We write down what we learn from running shops for many years. ' * 6}</p></footer>"
PAGES = {
    "alert": f'<div class="alert alert-danger" role="alert">{_E}</div>',
    "code in an alert": f'<div class="alert alert-danger"><p>Your order could not be placed because of <code>{_E}</code></p></div>',
    "heading in a box": f'<div class="error-page"><h1>Oops</h1><h3>{_E}</h3></div>',
    "list": f'<ul class="messages"><li class="error">{_E}</li></ul>',
    "list in a box": f'<ul class="woocommerce-error" role="alert"><li>{_E}</li></ul>',
    "article": f'<article class="message is-danger"><div class="message-body">{_E}</div></article>',
    "card": f'<div class="card"><div class="card-body"><div class="invalid-feedback">{_E}</div></div></div>',
    "paragraph": f"<h1>Order failed</h1><p>{_E}</p>",
    "field": f'<form><input type="hidden" name="error" value="{_E}"></form>',
    "sentence behind": f'<div class="flash flash-error">We could not place your order: {_E}. Please contact support.</div>',
}
VALUES: dict[str, object] = {
    "errors": {"errors": [{"message": SAID, "path": ["checkout"]}], "data": None},
    "details": {"error": {"code": "ORDER_FAILED", "message": "Could not place the order", "details": SAID}},
    "status": {"status": "error", "message": f"Order failed: {SAID}"},
    "problem": {"type": "about:blank", "title": SAID, "status": 500},
    "tRPC": [{"error": {"json": {"message": SAID, "code": -32603, "data": {"httpStatus": 500}}}}],
    "parts of a page": {"components": [{"effects": {"html": f'<div class="alert alert-danger">{_E}</div>'}}]},
    "Inertia": {"component": "Checkout", "props": {"errors": {"order": SAID}, "flash": {}}},
    "hasError": {"hasError": True, "errors": {"0": SAID}},
    "user errors": {"data": {"checkout": {"order": None, "userErrors": [{"field": [], "message": SAID}]}}},
    "array": [{"code": "ORDER", "message": SAID}],
    "batch": {"results": [{"status": 200, "body": {"ok": True}}, {"status": 500, "body": {"error": SAID}}]},
}  # fmt: skip


def _told(status: int, media_type: str, body: str) -> list[str | None]:
    found = smoke.classify_response(status, [("content-type", media_type)], body.encode())
    return [finding.database_error.constraint_name for finding in found if finding.database_error]


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("name", PAGES)
def test_a_page(name: str, status: int) -> None:
    body = f"<!doctype html><html><body><a href='/'>Home</a>{PAGES[name]}{AROUND}</body></html>"
    assert _told(status, "text/html", body) == ["orders_number_key"]


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("name", VALUES)
def test_a_value(name: str, status: int) -> None:
    assert _told(status, "application/json", json.dumps(VALUES[name])) == ["orders_number_key"]


@pytest.mark.parametrize("name", SHOWN_ERRORS)
def test_an_error_is_found_where_an_application_shows_it(name: str) -> None:
    status, media, body = SHOWN_ERRORS[name]
    found = smoke.classify_response(
        status, [("content-type", media)], body.replace("#L", LOREM).encode()
    )
    named = [finding.database_error for finding in found if finding.database_error is not None]
    assert [error.sqlstate for error in named] == ["23505"]
    if "orders_number_key" in body:
        assert named[0].constraint_name == "orders_number_key"
