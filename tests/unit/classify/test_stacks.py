"""Each stack's forms of each error are read, in whatever they are wrapped on their way to a browser."""

from __future__ import annotations

import html
import json
from collections.abc import Callable

import pytest

import smoke
from tests.support.stacks import CODELESS, FORMS, Err, errors

Wrapped = tuple[int, str, str]
WRAPS: dict[str, Callable[[str], Wrapped]] = {
    "bare": lambda text: (500, _media(text), text),
    "json": lambda text: (500, "application/json", json.dumps({"ok": False, "message": text})),
    "twice": lambda text: (500, "application/json", json.dumps({"body": json.dumps({"error": text})})),
    "page": lambda text: (500, "text/html", f"<html><body><h1>Error</h1><pre>{html.escape(text)}</pre></body></html>"),
    "stack": lambda text: (500, "application/json", json.dumps({"message": "Checkout failed", "stack": f"Error: Checkout failed\n    at x (/a.js:3:1)\n{text}"})),
    "graphql": lambda text: (200, "application/json", json.dumps({"errors": [{"message": text, "path": ["x"]}], "data": None})),
}  # fmt: skip
NAMES = {
    "dots": "shop.orders.key",
    "blanks": "orders number key",
    "quotes": 'say "hi" key',
    "apostrophe": "o'brien_uq",
    "umlaut": "Käufer_nummer_uq",
    "han": "注文_番号_key",
    "parentheses": "uq(a,b)",
    "63 bytes": "a" * 30 + "_" + "b" * 29 + "_uq",
}


def _media(text: str) -> str:
    return "application/json" if text[:1] in "{[" else "text/plain; charset=utf-8"


def _told(wrapped: Wrapped) -> tuple[str | None, str | None]:
    status, media, body = wrapped
    found = smoke.classify_response(status, [("content-type", media)], body.encode())
    error = found[0].database_error if found else None
    return (error.sqlstate, error.constraint_name) if error is not None else (None, None)


def _expected(name: str, error: Err) -> tuple[str | None, str | None]:
    if not error.cond and name in CODELESS:
        return None, None
    return error.code, None if name == "libpq_sqlstate" else error.constraint or None


@pytest.mark.parametrize("name", FORMS)
def test_each_error(name: str) -> None:
    for error in errors():
        text = FORMS[name](error)
        if text is None or (name == "jooq" and not error.cond):
            continue
        for how, wrap in WRAPS.items():
            assert _told(wrap(text)) == _expected(name, error), (how, text)


@pytest.mark.parametrize("constraint", NAMES.values(), ids=NAMES.keys())
def test_each_name(constraint: str) -> None:
    error = errors(constraint)[0]
    for name, form in FORMS.items():
        text = form(error)
        if text is None:
            continue
        # PHP's warning is a page already: escaping it once more is nobody's practice
        for how in (
            ("bare", "json", "twice") if name == "pg_query" else ("bare", "json", "twice", "page")
        ):
            assert _told(WRAPS[how](text)) == _expected(name, error), (name, how, text)
