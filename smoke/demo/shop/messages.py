"""Requests and responses as the shop's rules see them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `headers` have lower-case names."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    media_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()


def answer(
    status: int, document: Mapping[str, Any], headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    """A JSON response."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return Response(status, body, "application/json; charset=utf-8", headers)


def cookie(request: Request, name: str) -> str:
    """The value of a cookie of the request; empty when it has none of that name."""
    for pair in request.headers.get("cookie", "").split(";"):
        key, _, value = pair.strip().partition("=")
        if key == name:
            return value
    return ""
