"""A small client of the demo shop for tests: the standard library only, so that it shares no bug with smoke's own."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

CARD = "4242424242424242"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    cookies: tuple[tuple[str, str], ...] = ()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send(
    url: str,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """One request on a connection of its own; header names of the answer are in lower case."""
    target = urlsplit(url)
    assert target.hostname is not None
    connection = http.client.HTTPConnection(target.hostname, target.port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        content = response.read()
        names = {name.lower(): value for name, value in response.getheaders()}
        cookies = tuple(
            (name, morsel.value)
            for line in response.headers.get_all("set-cookie", [])
            for name, morsel in SimpleCookie(line).items()
        )
        return Answer(response.status, names, content, cookies)
    finally:
        connection.close()


def post(url: str, document: object, **headers: str) -> Answer:
    """A JSON document sent to the shop; `idempotency_key="k"` becomes the header `idempotency-key`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(document).encode()
    return send(url, "POST", "/api/shop", body, {"Content-Type": "application/json", **named})


def order(email: str = "ann@shop.example", **changes: Any) -> dict[str, Any]:
    """The document of an order that the shop takes."""
    return {
        "action": "place_order",
        "customer": {"email": email, "phone": "+1 555 0100", "name": "Ann Example"},
        "items": [{"sku": "tea-sencha", "quantity": 2}],
        "payment": {"card_number": CARD},
        **changes,
    }
