"""What a browser's network events tell, folded into requests with their answers. Pure: events in, records out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from msgspec.structs import replace

from smoke.recording.records import RecordedAnswer, RecordedRequest

MOST = 5_000
"""Requests that are kept at most."""
_LARGEST = 4 * 1024 * 1024
"""Bytes of a body that are kept: a larger one gives no token."""
_WITHOUT_BODY = ("Image", "Media", "Font", "Stylesheet", "Script", "Manifest", "Ping", "Preflight")
"""Kinds of resources whose bodies nobody looks at."""


class BrowserTraffic:
    """The requests of all pages of a browser, by session and request; a redirect is a request of its own."""

    def __init__(self) -> None:
        self._requests: list[RecordedRequest] = []
        self._last: dict[tuple[str, str], int] = {}
        self._hops: dict[tuple[str, str], list[int]] = {}
        self._raw: dict[tuple[str, str], tuple[int, int]] = {}
        self._asks: dict[tuple[str, str], bool] = {}

    @property
    def requests(self) -> tuple[RecordedRequest, ...]:
        return tuple(self._requests)

    def take(self, session: str, method: str, event: Mapping[str, Any]) -> str:
        """Take up an event; the id of the request whose body can be asked for now, or nothing."""
        key = (session, str(event.get("requestId", "")))
        match method:
            case "Network.requestWillBeSent":
                self._sent(key, event)
            case "Network.responseReceived":
                self._answered(key, event.get("response"))
            case "Network.requestWillBeSentExtraInfo":
                self._with_headers(key, event, of_answer=False)
            case "Network.responseReceivedExtraInfo":
                self._with_headers(key, event, of_answer=True)
            case "Network.loadingFinished":
                return key[1] if self._asks.pop(key, False) and key in self._last else ""
        return ""

    def with_body(self, session: str, request: str, event: Mapping[str, Any]) -> None:
        """Put in the body of an answer."""
        at = self._last.get((session, request))
        answer = self._requests[at].answer if at is not None else None
        if at is None or answer is None:
            return
        text = event.get("body")
        body = _bytes(text, encoded=event.get("base64Encoded") is True)
        if len(body) <= _LARGEST:
            self._requests[at] = replace(self._requests[at], answer=replace(answer, body=body))

    def _sent(self, key: tuple[str, str], event: Mapping[str, Any]) -> None:
        self._answered(key, event.get("redirectResponse"))
        request = event.get("request")
        if not isinstance(request, dict) or len(self._requests) >= MOST:
            return
        url = str(request.get("url", ""))
        if not url.lower().startswith(("http://", "https://")):
            return
        headers = _headers(request.get("headers"))
        body = _posted(request)
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        fields, remarks = _fields(body, kind)
        self._last[key] = len(self._requests)
        self._hops.setdefault(key, []).append(len(self._requests))
        self._asks[key] = event.get("type") not in _WITHOUT_BODY
        self._requests.append(
            RecordedRequest(
                str(request.get("method", "GET")).upper(), url, headers, b"" if fields else body, fields,
                place=f"request {len(self._requests) + 1}", remarks=remarks,
            )
        )  # fmt: skip

    def _answered(self, key: tuple[str, str], response: Any) -> None:
        at = self._last.get(key)
        if at is None or not isinstance(response, dict):
            return
        status = response.get("status")
        headers = _headers(response.get("headers"))
        before = self._requests[at].answer
        answer = RecordedAnswer(
            status if isinstance(status, int) else 0, before.headers if before else headers
        )
        self._requests[at] = replace(self._requests[at], answer=answer)

    def _with_headers(
        self, key: tuple[str, str], event: Mapping[str, Any], *, of_answer: bool
    ) -> None:
        """The headers of the wire, cookies too: told apart from the rest, hop by hop."""
        sent, came = self._raw.get(key, (0, 0))
        hop = came if of_answer else sent
        self._raw[key] = (sent, came + 1) if of_answer else (sent + 1, came)
        hops = self._hops.get(key, [])
        if hop >= len(hops):
            return
        at, headers = hops[hop], _headers(event.get("headers"))
        request = self._requests[at]
        if of_answer:
            status = event.get("statusCode")
            answer = request.answer or RecordedAnswer(status if isinstance(status, int) else 0)
            self._requests[at] = replace(request, answer=replace(answer, headers=headers))
        else:
            self._requests[at] = replace(request, headers=headers)


def _headers(told: Any) -> tuple[tuple[str, str], ...]:
    """A header that came several times is told as lines of one; HTTP/2's own (`:path`) are none."""
    pairs = told.items() if isinstance(told, dict) else ()
    return tuple(
        (str(name), line)
        for name, value in pairs
        for line in str(value).split("\n")
        if not str(name).startswith(":")
    )


def _posted(request: Mapping[str, Any]) -> bytes:
    entries = request.get("postDataEntries")
    if isinstance(entries, list) and entries:
        parts = [each.get("bytes") for each in entries if isinstance(each, dict)]
        return b"".join(_bytes(part, encoded=True) for part in parts)
    return _bytes(request.get("postData"), encoded=False)


def _bytes(text: Any, *, encoded: bool) -> bytes:
    if not isinstance(text, str):
        return b""
    try:
        return base64.b64decode(text) if encoded else text.encode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return b""


def _fields(body: bytes, kind: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The fields of a multipart form, and what there is to say of its files."""
    if not body or not kind.lower().startswith("multipart/form-data") or len(body) > _LARGEST:
        return (), ()
    head = b"Content-Type: " + kind.encode("ascii", "replace").replace(b"\n", b"") + b"\r\n\r\n"
    found: list[tuple[str, str]] = []
    remarks: tuple[str, ...] = ()
    for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
        name = part.get_param("name", header="content-disposition")
        if part.get_filename() is not None:
            remarks = ("a file of the form is left out",)
        elif isinstance(name, str):
            content = part.get_payload(decode=True)
            found.append(
                (name, content.decode("utf-8", "replace") if isinstance(content, bytes) else "")
            )
    return tuple(found), remarks
