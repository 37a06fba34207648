"""Entries of HAR 1.2, in whatever they came: a HAR file, or the network records of a Playwright trace."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from urllib.parse import urlencode

from msgspec import DecodeError, Raw, Struct, field, json

from smoke.recording.records import RecordedAnswer, RecordedRequest

# fields as in HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/); what is not named here is passed over. Playwright
# puts bodies into files of their own and names them in `_file`, before version 1.59 in `_sha1`
LARGEST_BODY = 4 * 1024 * 1024
"""Bytes of an answer's body, encoded, that are looked at: a larger one gives no token."""
_OF_ASSETS = re.compile(r"(?:image|font|video|audio)/|text/css|(?:text|application)/(?:x-)?javascript")  # fmt: skip
_BOUNDARY = re.compile(
    r"multipart/form-data\s{0,4};\s{0,4}boundary=(?:\"([^\"]{1,100})\"|([^\s\";,]{1,100}))",
    re.IGNORECASE,
)
_PART_NAME = re.compile(rb";\s{0,4}name=\"([^\"\r\n]{1,200})\"", re.IGNORECASE)
_MOST_PARTS = 1000
_LEFT_OUT = "a file of the form is left out"

Attached = Callable[[str], bytes | None]
"""The body in a file that an entry names; None where there is none."""


class _Pair(Struct):
    name: str = ""
    value: str | None = ""
    fileName: str | None = None  # noqa: N815  (a key of HAR)


class _Posted(Struct):
    mimeType: str = ""  # noqa: N815  (a key of HAR)
    text: str | None = None
    params: list[_Pair] | None = None
    encoding: str | None = None
    file: str | None = field(name="_file", default=None)
    sha1: str | None = field(name="_sha1", default=None)


class _Request(Struct):
    method: str
    url: str
    headers: list[_Pair] = []
    postData: _Posted | None = None  # noqa: N815  (a key of HAR)


class _Content(Struct):
    # raw: bodies are slices of the file until they are asked for, so that a large file is in memory once
    text: Raw = Raw()
    encoding: str | None = None
    mimeType: str | None = ""  # noqa: N815  (a key of HAR)
    file: str | None = field(name="_file", default=None)
    sha1: str | None = field(name="_sha1", default=None)


class _Response(Struct):
    status: int = 0
    headers: list[_Pair] = []
    content: _Content | None = None


class HarEntry(Struct):
    """One request and its answer."""

    request: _Request
    response: _Response | None = None


def nothing_attached(_: str) -> None:
    """There are no files beside it."""


def recorded(
    entry: HarEntry, place: str, attached: Attached = nothing_attached
) -> RecordedRequest | None:
    """The request of an entry; None for what no shop is asked for, such as `data:` and `blob:`."""
    if not entry.request.url.lower().startswith(("http://", "https://")):
        return None
    headers = _headers(entry.request.headers)
    posted = entry.request.postData
    body, fields, remarks = _sent(posted, attached) if posted is not None else (b"", (), ())
    if (
        posted is not None
        and posted.mimeType
        and not any(name.lower() == "content-type" for name, _ in headers)
    ):
        headers = (*headers, ("content-type", posted.mimeType))
    return RecordedRequest(
        entry.request.method.upper(), entry.request.url, headers, body, fields,
        _answer(entry.response, attached), place, remarks=remarks,
    )  # fmt: skip


def _sent(
    posted: _Posted, attached: Attached
) -> tuple[bytes, tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Body, fields of a multipart form, remarks."""
    if posted.mimeType.lower().startswith("multipart/") and posted.params:
        fields = tuple((each.name, each.value or "") for each in posted.params if not each.fileName)
        left_out = any(each.fileName for each in posted.params)
        return b"", fields, (_LEFT_OUT,) if left_out else ()
    name = posted.file or posted.sha1
    if name and not posted.text:
        found = attached(name)
        missing = "its body stands in another file, which is not there: write it here"
        return _raw(posted, found) if found is not None else (b"", (), (missing,))
    if posted.text is not None and (posted.text or not posted.params):
        return _raw(posted, _decoded(posted.text, posted.encoding))
    pairs = [(each.name, each.value or "") for each in posted.params or ()]
    return urlencode(pairs, errors="replace").encode(), (), ()


def _raw(
    posted: _Posted, body: bytes
) -> tuple[bytes, tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The same of a body as it was sent: a multipart form's (RFC 7578) is taken apart."""
    boundary = _BOUNDARY.match(posted.mimeType)
    if boundary is None:
        return body, (), ()
    mark = b"--" + (boundary[1] or boundary[2]).encode("ascii", "replace")
    fields, left_out = [], False
    for part in body.split(mark, _MOST_PARTS + 1)[1 : _MOST_PARTS + 1]:
        head, _, value = part.partition(b"\r\n\r\n")
        named = _PART_NAME.search(head)
        if named is None or b"filename" in head.lower():
            left_out = left_out or named is not None
        else:
            text = value.removesuffix(b"\r\n").decode("utf-8", "replace")
            fields.append((named[1].decode("utf-8", "replace"), text))
    return b"", tuple(fields), (_LEFT_OUT,) if left_out else ()


def _answer(response: _Response | None, attached: Attached) -> RecordedAnswer | None:
    if response is None:
        return None
    body = _body(response.content, attached) if response.content is not None else b""
    return RecordedAnswer(max(response.status, 0), _headers(response.headers), body)


def _body(content: _Content, attached: Attached) -> bytes:
    """What is looked at of an answer; of scripts and images nothing, which are most of a recording."""
    name = content.file or content.sha1
    if _OF_ASSETS.match(content.mimeType or ""):
        return b""
    if 0 < len(memoryview(content.text)) <= LARGEST_BODY:
        try:
            text = json.decode(content.text)
        except DecodeError:  # of a text that is no text
            text = None
        return _decoded(text, content.encoding) if isinstance(text, str) else b""
    return (attached(name) or b"") if name else b""


def _headers(pairs: list[_Pair]) -> tuple[tuple[str, str], ...]:
    return tuple((pair.name, pair.value or "") for pair in pairs)


def _decoded(text: str, encoding: str | None) -> bytes:
    if encoding == "base64":
        try:
            return base64.b64decode(text)
        except (binascii.Error, ValueError):
            return b""
    return text.encode("utf-8", "replace")
