"""Saved responses: a raw body, what `curl -i` printed, a HAR file, or a folder of them."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from smoke.app import printed
from smoke.diagnostic import SmokeError
from smoke.inputs import read_input

LARGEST = 512 * 1024 * 1024
"""Bytes of a file that are read at most: a larger one is no saved response."""

_STATUS_LINE = re.compile(rb"HTTP/[0-9](?:\.[0-9])? ([0-9]{3})(?: ([^\r\n]*))?\r?\n")
_MAX_HEAD = 1024 * 1024


class Saved(Struct, frozen=True):
    """One response as somebody saved it; `status` is 0 where the file does not tell."""

    name: str
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def read_saved(path: Path) -> Iterator[Saved]:
    """The responses in a file, or in all files of a folder (by name). Raises SmokeError when none can be read."""
    if path.is_dir():
        files = sorted(
            file for file in path.rglob("*") if file.is_file() and not _hidden(file, path)
        )
        if not files:
            raise SmokeError.of("nothing-to-classify", f"{path} holds no file")
        for file in files:
            yield from parse(_bytes(file), str(file))
        return
    yield from parse(_bytes(path), str(path))


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _bytes(path: Path) -> bytes:
    try:
        if path.is_char_device():
            raise SmokeError.of("cannot-read", f"cannot read {path}: it is a device, no file")
        data = read_input(path, LARGEST + 1)
        if len(data) > LARGEST:
            raise SmokeError.of("file-too-large", f"{path} is larger than {LARGEST:,} bytes")
    except OSError as error:
        raise SmokeError.of("cannot-read", f"cannot read {path}: {error.strerror}") from error
    return data


def parse(data: bytes, name: str) -> Iterator[Saved]:
    """The responses in the bytes of one file: HAR entries, `curl -i` output, or else the body itself."""
    har = _har(data)
    if har is not None:
        for index, entry in enumerate(har):
            saved = _entry(entry, f"{name}#{index}")
            if saved is not None:
                yield saved
        return
    yield _printed(data, name) or _without_head(data, name)


def _without_head(data: bytes, name: str) -> Saved:
    """A body, or text that tells its status otherwise than in a head."""
    told = printed.in_powershell(data)
    if told is not None:
        return Saved(name, *told, (), data)
    behind = printed.status_behind(data)
    if behind is not None:
        return Saved(name, behind[0], "", (), behind[1])
    return Saved(name, 0, "", (), data)


def _har(data: bytes) -> list[Any] | None:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith(b"{") or b'"log"' not in head:
        return None
    try:
        entries = json.loads(data)["log"]["entries"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return entries if isinstance(entries, list) else None


def _entry(entry: Any, name: str) -> Saved | None:
    """A HAR entry's response; None when it has none (blocked, or of another shape)."""
    response = entry.get("response") if isinstance(entry, dict) else None
    if not isinstance(response, dict):
        return None
    content = response.get("content")
    content = content if isinstance(content, dict) else {}
    text = content.get("text")
    body = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else b""
    if content.get("encoding") == "base64":
        try:
            body = base64.b64decode(body, validate=False)
        except binascii.Error:
            body = b""
    headers = tuple(
        (str(header.get("name", "")), str(header.get("value", "")))
        for header in response.get("headers") or ()
        # HAR bodies are decoded already: the coding that was on the wire is history
        if isinstance(header, dict) and str(header.get("name", "")).lower() != "content-encoding"
    )
    status = response.get("status")
    return Saved(
        name,
        status if isinstance(status, int) else 0,
        str(response.get("statusText") or ""),
        headers,
        body,
    )


def _printed(data: bytes, name: str) -> Saved | None:
    """`curl -i` output: the last answer of those that it holds (interim, proxy and redirect answers come before it)."""
    found: Saved | None = None
    rest = data if _STATUS_LINE.match(data) else printed.from_first_head(data)
    while match := _STATUS_LINE.match(rest):
        head, blank, body = _split(rest[match.end() :])
        if not blank and found is not None:
            break
        headers = []
        for line in head.splitlines():
            key, colon, value = line.partition(b":")
            if colon:
                headers.append((key.decode("latin-1").strip(), value.decode("latin-1").strip()))
        found = Saved(
            name, int(match[1]), (match[2] or b"").decode("latin-1").strip(), tuple(headers), body
        )
        rest = body[_next_answer(found) :]
    return _without_framing(found) if found is not None else None


def _without_framing(saved: Saved) -> Saved:
    chunked = any(
        key.lower() == "transfer-encoding" and value.lower().endswith("chunked")
        for key, value in saved.headers
    )
    return structs.replace(saved, body=printed.without_chunks(saved.body)) if chunked else saved


def _next_answer(saved: Saved) -> int:
    """Where in what follows a head the next answer's head starts; its length when this answer is the last.

    RFC 9110 15.2: an interim answer has no body, nor has a proxy's to CONNECT (9.3.6). A redirect that was followed,
    and a 401 or 407 that was answered with credentials, have one, of its declared length.
    """
    body = saved.body
    if _STATUS_LINE.match(body):
        return 0
    if 300 <= saved.status < 400 or saved.status in {401, 407}:
        declared = next(
            (value for key, value in saved.headers if key.lower() == "content-length"), ""
        )
        if declared.isascii() and declared.isdigit() and _STATUS_LINE.match(body, int(declared)):
            return int(declared)
        if declared.isascii() and declared.isdigit():
            return printed.answer_behind_request(body, int(declared))
        if not declared and (following := _STATUS_LINE.search(body)) is not None:
            return following.start()
    return len(body)


def _split(data: bytes) -> tuple[bytes, bool, bytes]:
    """A head without its status line, whether a blank line ends it, and what is behind that line."""
    for end in (b"\r\n", b"\n"):
        if data.startswith(end):
            return b"", True, data[len(end) :]
    ends = [
        (at, end) for end in (b"\r\n\r\n", b"\n\n") if (at := data.find(end, 0, _MAX_HEAD)) >= 0
    ]
    if not ends:
        return data, False, b""
    at, end = min(ends)
    return data[:at], True, data[at + len(end) :]
