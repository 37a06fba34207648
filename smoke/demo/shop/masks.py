"""How a shop hides its database's errors: the sentences that production builds answer with in their place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from smoke.demo.shop import pages
from smoke.demo.shop.call import Call
from smoke.demo.shop.messages import Response, answer
from smoke.demo.shop.settings import Mask

UNIQUE_VIOLATION = "23505"
_UNKNOWN = {
    "code": "unknown_error",
    "type": "unknown_error",
    "message": "An unknown error occurred.",
}
_KEY = re.compile(r"\((?P<names>[^()]{1,200})\)=\((?P<values>[^()]{1,400})\)")


def hidden(mask: Mask, fields: Mapping[str, Any], call: Call) -> Response:
    """The answer that stands in the place of an error with those driver's fields."""
    match mask:
        case Mask.REQUEST_ID:
            said = {"ok": False, "error": "Internal Server Error", "request_id": call.request_id}
            return answer(500, said)
        case Mask.REWRITTEN:
            return rewritten(fields)
        case Mask.EXISTS if fields.get("code") == UNIQUE_VIOLATION:
            return answer(409, {"type": "duplicate_error", "message": "Order already exists."})
        case Mask.EXISTS | Mask.UNKNOWN:
            return answer(500, _UNKNOWN)
        case Mask.EMPTY:
            return Response(500)
        case Mask.DIGEST:
            return Response(500, _digest_page(fields).encode(), "text/html; charset=utf-8")
        case Mask.BOX:
            return pages.page("Preview order", "", problem=pages.PROBLEM)
        case Mask.UNEXPECTED:
            return unexpected()
        case Mask.PLATFORM:
            return _platform(call)


def rewritten(fields: Mapping[str, Any]) -> Response:
    """A sentence made of the table's name in words and the key of `detail`, as Medusa 2 makes it."""
    subject = str(fields.get("table", "")).replace("_", " ").capitalize()
    key = _KEY.search(str(fields.get("detail", "")))
    names, values = (key["names"].split(", "), key["values"].split(", ")) if key else ([], [])
    pairs = [f"{name}: {value}" for name, value in zip(names, values, strict=False)]
    match fields.get("code"):
        case "23505" if pairs:
            return _invalid(f"{subject} with {', '.join(pairs)}, already exists.")
        case "23502":
            return _invalid(f"Cannot set field '{fields.get('column')}' of {subject} to null")
        case "42703":
            return _invalid(str(fields.get("message", "")))
        case "23503" if pairs:
            return answer(
                404,
                {
                    "type": "not_found",
                    "message": f"You tried to set relationship {','.join(pairs)}, but such entity does not exist",
                },
            )
    return answer(500, _UNKNOWN)


def digest(fields: Mapping[str, Any]) -> str:
    """The number by which an error is found in the log: the same for the same error, as Next.js has it."""
    text = f"{fields.get('message')}{fields.get('routine')}"
    return str(int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]))


def unexpected() -> Response:
    """GraphQL's answer at 200 as graphql-yoga has it."""
    problem = {
        "message": "Unexpected error.",
        "path": ["placeOrder"],
        "extensions": {"code": "INTERNAL_SERVER_ERROR"},
    }
    return answer(200, {"data": None, "errors": [problem]})


def _invalid(message: str) -> Response:
    return answer(400, {"type": "invalid_data", "message": message})


def _digest_page(fields: Mapping[str, Any]) -> str:
    return (
        '<!DOCTYPE html><html id="__next_error__"><head><meta charSet="utf-8"/>'
        "<title>500: Internal Server Error</title></head><body>"
        f'<template data-dgst="{digest(fields)}"></template>'
        "<h1>500</h1><h2>Internal Server Error</h2></body></html>\n"
    )


def _platform(call: Call) -> Response:
    """What Vercel answers when a function ended with an error nobody caught."""
    text = f"A server error has occurred\n\nFUNCTION_INVOCATION_FAILED\n\n{call.platform_id}\n"
    return Response(
        500,
        text.encode(),
        "text/plain; charset=utf-8",
        (("X-Vercel-Error", "FUNCTION_INVOCATION_FAILED"),),
    )
