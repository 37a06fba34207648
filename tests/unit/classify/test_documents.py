"""A successful answer that is a document (a description of an API, a feed, translations) tells of no error."""

from __future__ import annotations

import json

import pytest

import smoke

SAID = 'duplicate key value violates unique constraint "orders_number_key"'
ERROR = {"code": "23505", "message": SAID}
CODES = ("23505", "23503", "23502", "40001", "40P01", "42P01", "53300")
DOCUMENTS: dict[str, object] = {
    "openapi": {"openapi": "3.1.0", "paths": {"/orders": {"post": {"responses": {"409": {"example": {"error": ERROR}}}}}}},
    "openapi schema": {"openapi": "3.1.0", "components": {"schemas": {"Error": {"properties": {"message": {"example": SAID}}}}}},
    "swagger": {"swagger": "2.0", "paths": {"/orders": {"post": {"responses": {"500": {"description": SAID}}}}}},
    "json schema": {"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"error": {"default": SAID}}},
    "examples": {"endpoint": "/orders", "examples": [{"ok": False, "error": ERROR}]},
    "list of codes": {"errors": [{"code": code, "message": f"{code}: {SAID}"} for code in CODES]},
    "translations": {"translations": {"en": {"errors": {"unique": SAID}}}},
    "flat translations": {"errors.db.unique": SAID, "cart.title": "Cart", "nav.home": "Home"},
    "namespaces": {"errors": {"unique": SAID, "generic": "Sorry"}, "cart": {"title": "Cart"}, "nav": {"home": "Home"}},
    "messages of a page": {"pageProps": {"messages": {"Checkout": {"errorDuplicate": SAID, "title": "Checkout"}}}},
    "texts by texts": {"x": dict.fromkeys(("Add to cart", "Back to shop", "Could not save", "Default value", "Go to cart", "Pay now", "Please wait", "Sign in"), SAID) | {"error": SAID}},
    "jed": {"domain": "shop", "locale_data": {"shop": {"": {"plural_forms": "nplurals=1"}, "Could not save": [SAID], "Error": [SAID]}}},
    "metric": {"series": [{"metric": "pg_errors", "tags": {"sqlstate": "23505"}, "value": 12}]},
}  # fmt: skip
TEXTS = {
    "yaml": ("application/yaml", f"openapi: 3.1.0\npaths:\n  /orders:\n    post:\n      example:\n        message: {json.dumps(SAID)}\n"),
    "feed": ("application/rss+xml", f'<?xml version="1.0"?><rss><channel><item><title>{SAID}</title></item></channel></rss>'),
    "atom": ("application/xml", f"<feed><entry><title>{SAID}</title></entry></feed>"),
    "module": ("application/javascript", f'export default {{ "db.error": {json.dumps(SAID)} }};'),
    "comparison": ("text/plain", f'def place(order):\n    # {SAID}\n    if error.sqlstate == "23505":\n        return retry(order)\n'),
    "page": (
        "text/html",
        f'<html><body><h1>Create order</h1><pre><code>{json.dumps({"error": ERROR})}</code></pre><p>{"We tell you here what may come back. " * 8}</p></body></html>',
    ),
    "links": ("text/html", f'<html><body><p>{"Did you look for one of these pages? " * 8}</p><a href="/x">{SAID}</a></body></html>'),
}  # fmt: skip
FAILURES: dict[str, object] = {
    "fields": {"errors": {"order.number": SAID, "customer.email": "is required"}},
    "echo": {"errors": {"number": SAID, "email": "is required"}, "values": {"email": "a@b.example", "name": "Ann"}},
    "meta": {"error": ERROR, "meta": {"request": "x", "at": "y"}, "links": {"self": "/orders", "help": "/help"}},
    "flash": {"messages": {"error": SAID}},
    "results": {"results": [{"error": ERROR}, {"error": {"code": "23503", "message": "no such customer"}}]},
    "code": {"ok": False, "sqlstate": "23505"},
    "fields of several words": {"errors": {"Order number": SAID, "Your name": "is required"}},
    "an order that is stored": {"order": {"id": 1, "created_at": "x", "updated_at": "y"}, "error": SAID},
}  # fmt: skip


def _codes(status: int, media: str, body: str) -> list[str | None]:
    found = smoke.classify_response(status, [("content-type", media)], body.encode())
    return [finding.database_error.sqlstate for finding in found if finding.database_error]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_of_json(name: str) -> None:
    assert _codes(200, "application/json", json.dumps(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", TEXTS)
def test_a_document_of_text(name: str) -> None:
    assert _codes(200, *TEXTS[name]) == []


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_at_200_is_none(name: str) -> None:
    assert _codes(200, "application/json", json.dumps(FAILURES[name])) == ["23505"]


def test_a_failed_answer_is_none() -> None:
    assert _codes(500, "application/json", json.dumps({"openapi": "3.1.0", "error": ERROR})) == [
        "23505"
    ]
