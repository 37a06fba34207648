"""What a real Chromium did, as its developer tools save it: "Save all as HAR", with sensitive data."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.browser import Page

_EMPTY = {"cookies": [], "headersSize": -1}


class Saved:
    """The network panel of a page, with "Preserve log" ticked: call `keep` while a page is still there, `har` at the end."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._bodies: dict[str, tuple[str, bool]] = {}

    def keep(self) -> None:
        """Take the bodies that came until now: a browser forgets them when it leaves the page."""
        for event in list(self._page.events):
            told = event["params"]
            if event["method"] != "Network.loadingFinished" or told["requestId"] in self._bodies:
                continue
            try:
                found = self._page.call("Network.getResponseBody", requestId=told["requestId"])
            except AssertionError:  # a preflight has none, and one that was left behind has lost it
                continue
            self._bodies[told["requestId"]] = (found["body"], found["base64Encoded"])

    def har(self) -> bytes:
        """The archive as a file has it."""
        log = {
            "version": "1.2",
            "creator": {"name": "WebInspector", "version": "537.36"},
            "pages": [],
            "entries": self._entries(),
        }
        return json.dumps({"log": log}, indent=2).encode()

    def _entries(self) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        last: dict[str, dict[str, Any]] = {}
        extra: dict[str, list[dict[str, Any]]] = {}
        for event in self._page.events:
            told, method = event.get("params", {}), event["method"]
            number = told.get("requestId", "")
            if method == "Network.requestWillBeSent":
                if "redirectResponse" in told and number in last:
                    last[number]["response"] = _response(told["redirectResponse"], None)
                last[number] = _entry(told)
                made.append(last[number])
            elif method == "Network.responseReceived" and number in last:
                body = self._bodies.get(number)
                last[number]["response"] = _response(told["response"], body)
            elif method in (
                "Network.requestWillBeSentExtraInfo",
                "Network.responseReceivedExtraInfo",
            ):
                extra.setdefault(f"{number} {method}", []).append(told)
        self._with_raw_headers(made, extra)
        return made

    @staticmethod
    def _with_raw_headers(
        made: list[dict[str, Any]], extra: dict[str, list[dict[str, Any]]]
    ) -> None:
        """The headers that were on the wire, cookies too: they are told apart from the rest, in the order of the hops."""
        for entry in made:
            number = entry.pop("_number")
            sent = extra.get(f"{number} Network.requestWillBeSentExtraInfo", [])
            came = extra.get(f"{number} Network.responseReceivedExtraInfo", [])
            if sent:
                entry["request"]["headers"] = _pairs(sent.pop(0)["headers"])
            if came:
                entry["response"]["headers"] = _pairs(came.pop(0)["headers"])


def _entry(told: dict[str, Any]) -> dict[str, Any]:
    request = told["request"]
    made: dict[str, Any] = {
        "method": request["method"],
        "url": request["url"],
        "httpVersion": "HTTP/1.1",
        "headers": _pairs(request["headers"]),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(urlsplit(request["url"]).query)
        ],
        "bodySize": len(request.get("postData", "")),
        **_EMPTY,
    }
    if "postData" in request:
        kind = request["headers"].get("Content-Type", "")
        made["postData"] = {"mimeType": kind, "text": request["postData"]}
        if kind.startswith("application/x-www-form-urlencoded"):
            made["postData"]["params"] = [
                dict(zip(("name", "value"), pair.partition("=")[::2], strict=True))
                for pair in request["postData"].split("&")
            ]
    return {
        "_number": told["requestId"],
        "_initiator": {"type": told["initiator"]["type"]},
        "_priority": "High",
        "_resourceType": told.get("type", "Other").lower(),
        "cache": {},
        "connection": "17",
        "request": made,
        "response": _response({"status": 0, "headers": {}}, None),
        "serverIPAddress": "127.0.0.1",
        "startedDateTime": "2026-11-23T10:15:02.000Z",
        "time": 1.5,
        "timings": {"blocked": -1, "dns": -1, "connect": -1, "send": 0, "wait": 1, "receive": 0.5},
    }


def _response(told: dict[str, Any], body: tuple[str, bool] | None) -> dict[str, Any]:
    content: dict[str, Any] = {"size": 0, "mimeType": told.get("mimeType", "x-unknown")}
    if body is not None:
        content |= {"size": len(body[0]), "text": body[0]}
        if body[1]:
            content["encoding"] = "base64"
    return {
        "status": told["status"],
        "statusText": told.get("statusText", ""),
        "httpVersion": "HTTP/1.1",
        "headers": _pairs(told["headers"]),
        "content": content,
        "redirectURL": told["headers"].get("Location", ""),
        "bodySize": -1,
        "_transferSize": 300,
        "_error": None,
        **_EMPTY,
    }


def _pairs(headers: dict[str, str]) -> list[dict[str, str]]:
    """A header that came several times is told as lines of one."""
    return [
        {"name": name, "value": line}
        for name, value in headers.items()
        for line in value.split("\n")
    ]
