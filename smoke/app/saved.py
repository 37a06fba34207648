"""Saved responses: a raw body, what `curl -i` printed, a HAR file, or a folder of them."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from smoke.diagnostic import SmokeError

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
        if path.stat().st_size > LARGEST:
            raise SmokeError.of("file-too-large", f"{path} is larger than {LARGEST:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise SmokeError.of("cannot-read", f"cannot read {path}: {error.strerror}") from error


def parse(data: bytes, name: str) -> Iterator[Saved]:
    """The responses in the bytes of one file: HAR entries, `curl -i` output, or else the body itself."""
    har = _har(data)
    if har is not None:
        for index, entry in enumerate(har):
            saved = _entry(entry, f"{name}#{index}")
            if saved is not None:
                yield saved
        return
    yield _printed(data, name) or Saved(name, 0, "", (), data)


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
    """`curl -i` output: the last head (interim and proxy answers come before it) and the body behind it."""
    found: Saved | None = None
    rest = data
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
        if found.status >= 200 and not _is_interim(found):
            break
        rest = body
    return found


def _is_interim(saved: Saved) -> bool:
    # a CONNECT answer or a 401 of a proxy has the next status line directly behind its head
    return _STATUS_LINE.match(saved.body) is not None


def _split(data: bytes) -> tuple[bytes, bool, bytes]:
    for end in (b"\r\n\r\n", b"\n\n"):
        at = data.find(end, 0, _MAX_HEAD)
        if at >= 0 and (end == b"\r\n\r\n" or b"\r\n\r\n" not in data[:at]):
            return data[:at], True, data[at + len(end) :]
    if data.startswith((b"\r\n", b"\n")):
        return b"", True, data.lstrip(b"\r\n")
    return data, False, b""
