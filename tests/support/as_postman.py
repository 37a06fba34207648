"""What a browser saved as the collection that somebody makes of it in Postman: each request with its answer as an example."""

from __future__ import annotations

import json
from typing import Any

_BROWSERS_OWN = {"cookie", "host", "content-length", "connection", "origin", "referer", "user-agent", "accept-encoding"}  # fmt: skip
_KEPT = ("json", "html", "x-unknown")


def as_postman(har: bytes) -> bytes:
    """A collection, v2.1; cookies are left to Postman's own jar, assets and what failed out. Redirects are followed, as Postman does."""
    items: list[dict[str, Any]] = []
    entries = iter(json.loads(har)["log"]["entries"])
    for entry in entries:
        request, response = entry["request"], entry["response"]
        while 300 <= response["status"] < 400:
            response = next(entries)["response"]
        kind = response["content"].get("mimeType", "")
        path = request["url"].partition("//")[2].partition("/")[2]
        is_asset = path.endswith((".ico", ".js", ".css"))
        if response["status"] < 400 and not is_asset and any(each in kind for each in _KEPT):
            items.append(_item(path, request, response))
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    return json.dumps({"info": {"name": "Saved", "schema": schema}, "item": items}).encode()


def _item(path: str, request: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    headers = [
        each
        for each in _pairs(request["headers"])
        if each["key"].lower() not in _BROWSERS_OWN
        and not each["key"].lower().startswith(("sec-", ":"))
    ]
    made: dict[str, Any] = {"method": request["method"], "url": request["url"], "header": headers}
    if request.get("postData"):
        made["body"] = {"mode": "raw", "raw": request["postData"]["text"]}
    example = {
        "name": "As it was",
        "originalRequest": made,
        "code": response["status"],
        "header": _pairs(response["headers"]),
        "body": response["content"].get("text", ""),
    }
    return {"name": f"{request['method']} {path}", "request": made, "response": [example]}


def _pairs(headers: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"key": each["name"], "value": each["value"]} for each in headers]
