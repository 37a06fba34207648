"""A browser's way through the demo shop's pages as the HAR that it would save, made over real HTTP."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from tests.support.shop_client import Answer, send

PASSWORD = "correct horse 4711"
EMAIL = "ann.berg@shop.example"
PHONE = "+1 555 0100"
_NOISE = (
    ("GET", "/static/app.3f2a.js", "application/javascript"),
    ("POST", "/collect", "text/plain"),
    ("OPTIONS", "/basket/add", "text/plain"),
)


class RecordingBrowser:
    """Keeps cookies, follows redirects, and writes each exchange down as HAR 1.2 has it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.entries: list[dict[str, Any]] = []
        self._cookies: dict[str, str] = {}
        self._token = ""

    def get(self, path: str) -> Answer:
        return self._send("GET", path, "")

    def post(self, path: str, **fields: str) -> Answer:
        return self._send("POST", path, urlencode({"csrfmiddlewaretoken": self._token, **fields}))

    def har(self) -> bytes:
        """What was seen, among what a browser asks for beside it."""
        other = {"method": "GET", "url": "https://ads.example/pixel?email=" + EMAIL, "headers": []}
        entries = [{"request": other, "response": {"status": 200, "headers": [], "content": {}}}]
        for method, path, kind in _NOISE:
            entries.append(
                {
                    "request": {"method": method, "url": self.url + path, "headers": []},
                    "response": _response(200, [("Content-Type", kind)], ""),
                }
            )
        return json.dumps(
            {"log": {"version": "1.2", "entries": [*entries, *self.entries]}}
        ).encode()

    def _send(self, method: str, path: str, body: str) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        sent = {"Cookie": cookie, "User-Agent": "Mozilla/5.0", "Sec-Fetch-Mode": "navigate"}
        answer = send(self.url, method, path, body.encode() if body else None, sent)
        self._cookies.update(answer.cookies)
        found = re.search(rb'name="csrfmiddlewaretoken" value="([0-9a-f]+)"', answer.body)
        self._token = found[1].decode() if found else self._token
        request: dict[str, Any] = {
            "method": method,
            "url": self.url + path,
            "headers": _pairs(sent.items()),
        }
        if body:
            request["postData"] = {"mimeType": "application/x-www-form-urlencoded", "text": body}
        headers = [
            *answer.headers.items(),
            *(("Set-Cookie", "=".join(each)) for each in answer.cookies),
        ]
        self.entries.append(
            {
                "request": request,
                "response": _response(answer.status, headers, answer.body.decode()),
            }
        )
        if answer.status == 303:
            return self.get(answer.headers["location"])
        return answer


def _response(status: int, headers: Any, text: str) -> dict[str, Any]:
    return {"status": status, "headers": _pairs(headers), "content": {"text": text}}


def _pairs(items: Any) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in items]


def order_in_pages(url: str) -> bytes:
    """The HAR of somebody who signs up and orders once."""
    browser = RecordingBrowser(url)
    browser.get("/accounts/register")
    browser.post("/accounts/register", email=EMAIL, phone=PHONE, name="Ann Berg", password=PASSWORD)
    browser.get("/products/tea-sencha")
    browser.post("/basket/add", sku="tea-sencha", quantity="1")
    browser.get("/checkout/shipping-address")
    browser.post("/checkout/shipping-address", phone=PHONE, name="Ann Berg")
    browser.post("/checkout/place-order")
    return browser.har()
