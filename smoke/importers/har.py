"""HAR 1.2, as browsers and proxies save what they saw."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import urlencode

from msgspec import DecodeError, Raw, Struct, ValidationError, json

from smoke.diagnostic import SmokeError
from smoke.recording.records import RecordedAnswer, RecordedRequest

# fields as in HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/); what is not named here is passed over
_LARGEST_BODY = 4 * 1024 * 1024
"""Bytes of an answer's body, encoded, that are looked at: a larger one gives no token."""


class _Pair(Struct):
    name: str = ""
    value: str | None = ""
    fileName: str | None = None  # noqa: N815  (a key of HAR)


class _Posted(Struct):
    mimeType: str = ""  # noqa: N815  (a key of HAR)
    text: str | None = None
    params: list[_Pair] | None = None
    encoding: str | None = None


class _Request(Struct):
    method: str
    url: str
    headers: list[_Pair] = []
    postData: _Posted | None = None  # noqa: N815  (a key of HAR)


class _Content(Struct):
    # raw: bodies are slices of the file until they are asked for, so that a large file is in memory once
    text: Raw = Raw()
    encoding: str | None = None


class _Response(Struct):
    status: int = 0
    headers: list[_Pair] = []
    content: _Content | None = None


class _Entry(Struct):
    request: _Request
    response: _Response | None = None


class _Log(Struct):
    entries: list[_Entry]


class _Har(Struct):
    log: _Log


def recognise(head: bytes) -> bool:
    """A JSON object that begins with a log."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and b'"log"' in head


def read(data: bytes, source: str) -> Iterator[RecordedRequest]:
    """Every entry. Raises SmokeError for what is not of HAR's shape, with the place."""
    try:
        har = json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Har)
    except (DecodeError, ValidationError, RecursionError, UnicodeDecodeError) as error:
        raise SmokeError.of("cannot-read", f"{source} is no HAR file: {error}") from error
    for number, entry in enumerate(har.log.entries, 1):
        if entry.request.url.lower().startswith(("http://", "https://")):
            yield _recorded(entry, number)


def _recorded(entry: _Entry, number: int) -> RecordedRequest:
    posted = entry.request.postData
    headers = _headers(entry.request.headers)
    body = b""
    fields: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    if posted is not None:
        multipart = posted.mimeType.lower().startswith("multipart/")
        if multipart and posted.params:
            fields = tuple(
                (each.name, each.value or "") for each in posted.params if not each.fileName
            )
            remarks = (
                ("a file of the form is left out",)
                if any(each.fileName for each in posted.params)
                else ()
            )
        elif posted.text is not None:
            body = _decoded(posted.text, posted.encoding)
        elif posted.params:
            body = urlencode([(each.name, each.value or "") for each in posted.params]).encode()
        if posted.mimeType and not any(name.lower() == "content-type" for name, _ in headers):
            headers = (*headers, ("content-type", posted.mimeType))
    return RecordedRequest(
        entry.request.method.upper(), entry.request.url, headers, body, fields, _answer(entry.response),
        f"entry {number}", remarks=remarks,
    )  # fmt: skip


def _answer(response: _Response | None) -> RecordedAnswer | None:
    if response is None:
        return None
    content, body = response.content, b""
    if content is not None and 0 < len(memoryview(content.text)) <= _LARGEST_BODY:
        text = json.decode(content.text)
        body = _decoded(text, content.encoding) if isinstance(text, str) else b""
    return RecordedAnswer(max(response.status, 0), _headers(response.headers), body)


def _headers(pairs: list[_Pair]) -> tuple[tuple[str, str], ...]:
    return tuple((pair.name, pair.value or "") for pair in pairs)


def _decoded(text: str, encoding: str | None) -> bytes:
    if encoding == "base64":
        try:
            return base64.b64decode(text)
        except (binascii.Error, ValueError):
            return b""
    return text.encode("utf-8", "replace")
