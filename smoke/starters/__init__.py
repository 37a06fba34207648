"""Kinds of shops: what each is known by, and a first scenario to begin with. Says what to look at; looks at nothing itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from smoke.text import safe_line, shorten

KINDS = {
    "rest": "one JSON request orders",
    "html": "pages and forms",
    "graphql": "a GraphQL API",
    "nextjs": "a route handler of Next.js",
    "medusa": "Medusa",
    "vendure": "Vendure",
    "shopify": "Shopify's Storefront API",
    "woocommerce": "WooCommerce's Store API",
    "saleor": "Saleor",
}
"""Each kind of shop, in the order in which they are offered."""

_OPERATIONS = "{ __schema { mutationType { fields { name } } } }"


class ShopQuestion(Struct, frozen=True):
    """A request that only reads: a GET, or what GraphQL says of its own operations."""

    path: str
    query: str = ""


class SeenAnswer(Struct, frozen=True):
    """What came: a status of 0 where nothing did. `headers` have small letters, `text` is the beginning of the body."""

    question: ShopQuestion
    status: int
    headers: dict[str, str] = {}
    text: str = ""

    @property
    def document(self) -> Any:
        """The JSON in it; None for what is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


class Recognised(Struct, frozen=True):
    """The kind of a shop, and by what it is known."""

    kind: str
    why: str
    path: str = ""
    """Where its API is, for one that has it at a place of its own."""


OWN = ShopQuestion("", _OPERATIONS)
"""To be asked of the very address that was given, where it says GraphQL."""
QUESTIONS = (
    ShopQuestion("/"),
    ShopQuestion("/wp-json/wc/store/v1/products?per_page=1"),
    ShopQuestion("/store/regions"),
    ShopQuestion("/shop-api", _OPERATIONS),
    ShopQuestion("/graphql/", _OPERATIONS),
    ShopQuestion("/graphql", _OPERATIONS),
    ShopQuestion("/api/graphql", _OPERATIONS),
    ShopQuestion("/openapi.json"),
)
"""In this order, until one of the answers leaves no doubt."""


def starter(kind: str, path: str = "") -> str:
    """The text of a kind's first scenario; `path` is where a GraphQL API is, if it is not at its usual place."""
    text = (Path(__file__).parent / f"{kind}.yaml").read_text(encoding="utf-8")
    plain = kind == "graphql" and re.fullmatch(r"/[A-Za-z0-9/_.~-]{1,200}", path)
    return re.sub(r"url: /graphql\b", f"url: {path}", text) if plain else text


def certain(answer: SeenAnswer) -> Recognised | None:
    """The kind that one answer leaves no doubt of."""
    return _ANSWERS[answer.question.path](answer)


def likely(answers: Sequence[SeenAnswer]) -> Recognised | None:
    """What is to be supposed where none is certain: Next.js, an API in JSON, or pages; None where nothing answered."""
    answered = [each for each in answers if each.status]
    if not answered:
        return None
    first = answered[0]
    if "next.js" in first.headers.get("x-powered-by", "").lower() or _NEXT.search(first.text):
        return Recognised("nextjs", "the pages are made by Next.js")
    if re.search(r"<form\b", first.text, re.IGNORECASE):
        return Recognised("html", "the first page has a form")
    if first.status < 400 and "html" in first.headers.get("content-type", ""):
        return Recognised("html", "it answers with a page")
    return Recognised("rest", "nothing else was recognised")


_NEXT = re.compile(r"/_next/static/|__NEXT_DATA__|self\.__next_f")


def _page(answer: SeenAnswer) -> Recognised | None:
    headers, text = answer.headers, answer.text
    shopify = next((name for name in headers if name.startswith(("x-shopify", "x-shopid"))), "")
    if shopify or "cdn.shopify.com" in text:
        return Recognised(
            "shopify", f"the header {shopify}" if shopify else "cdn.shopify.com in the page"
        )
    if "/wp-content/plugins/woocommerce/" in text:
        return Recognised("woocommerce", "WooCommerce's files in the page")
    return None


def _woocommerce(answer: SeenAnswer) -> Recognised | None:
    found = answer.document
    known = answer.status == 200 and isinstance(found, list)
    if known and ("x-wp-total" in answer.headers or "nonce" in answer.headers):
        return Recognised("woocommerce", "the Store API answers")
    return None


def _medusa(answer: SeenAnswer) -> Recognised | None:
    found = answer.document
    if isinstance(found, dict) and (
        isinstance(found.get("regions"), list) or "x-publishable-api-key" in answer.text
    ):
        return Recognised("medusa", "/store/regions is Medusa's")
    return None


def _operations(answer: SeenAnswer) -> set[str] | None:
    """The mutations of a GraphQL API; empty where it does not tell them, None where it is no such API."""
    found = answer.document
    if not isinstance(found, dict) or answer.status not in {200, 400}:  # a 404 is another path's
        return None
    if isinstance(found.get("errors"), list) and all(
        isinstance(each, dict) and "message" in each for each in found["errors"]
    ):
        return set()
    try:
        fields = found["data"]["__schema"]["mutationType"]["fields"]
        return {str(each["name"]) for each in fields}
    except (KeyError, TypeError):
        return None


def _shop_api(answer: SeenAnswer) -> Recognised | None:
    found = _operations(answer)
    if found is not None and (not found or "addItemToOrder" in found):
        return Recognised("vendure", "/shop-api is Vendure's")
    return None


def _graphql(answer: SeenAnswer) -> Recognised | None:
    found = _operations(answer)
    if found is None:
        return None
    if {"checkoutCreate", "checkoutComplete"} <= found:
        return Recognised("saleor", "its mutations are Saleor's")
    if "addItemToOrder" in found:
        return Recognised("vendure", "its mutations are Vendure's")
    orders = sorted(name for name in found if re.search(r"order|checkout", name, re.IGNORECASE))
    named = f"; mutations that may order: {', '.join(map(_name, orders[:5]))}" if orders else ""
    path = answer.question.path
    return Recognised("graphql", f"{path or 'the address'} is GraphQL{named}", path)


def _openapi(answer: SeenAnswer) -> Recognised | None:
    found = answer.document
    paths = found.get("paths") if isinstance(found, dict) else None
    if not isinstance(paths, dict):
        return None
    orders = [
        path
        for path, item in paths.items()
        if isinstance(item, dict)
        and "post" in item
        and re.search(r"order|checkout", path, re.IGNORECASE)
    ]
    named = f"; POST that may order: {', '.join(map(_name, orders[:5]))}" if orders else ""
    return Recognised("rest", f"{answer.question.path} describes a JSON API{named}")


def _name(text: str) -> str:
    return safe_line(shorten(text, 60))


_ANSWERS: dict[str, Callable[[SeenAnswer], Recognised | None]] = {
    "/": _page,
    "/wp-json/wc/store/v1/products?per_page=1": _woocommerce,
    "/store/regions": _medusa,
    "/shop-api": _shop_api,
    "/graphql/": _graphql,
    "/graphql": _graphql,
    "/api/graphql": _graphql,
    "": _graphql,
    "/openapi.json": _openapi,
}


def github_workflow(target: str, secrets: Sequence[str]) -> str:
    """A workflow that runs the first scenario after each deployment."""
    text = (Path(__file__).parent / "github.yml").read_text(encoding="utf-8")
    given = "".join(f"      {name}: ${{{{ secrets.{name} }}}}\n" for name in secrets)
    env = f"    env: # set them in the repository's settings\n{given}" if secrets else ""
    named = f"          secrets: {' '.join(secrets)}\n" if secrets else ""
    return text.replace("@ENV@", env).replace("@TARGET@", target).replace("@SECRETS@", named)
