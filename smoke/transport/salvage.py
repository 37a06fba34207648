"""What can still be read of a head that breaks the rules: status, reason and headers, without judging them."""

from __future__ import annotations

import re

from msgspec import Struct

from smoke.model.exchange import Headers

_STATUS_LINE = re.compile(rb"HTTP/([0-9](?:\.[0-9])?) +([0-9]{1,4})(?: ([^\r\n]*))?\r?\n")
_HEADERS_SHOWN = 64 * 1024


class Salvaged(Struct, frozen=True):
    """A head read leniently.

    `size` is the number of bytes up to the body, `length` the Content-Length when there is one clear one, `chunked`
    says that chunks are the outermost of the transfer codings.
    """

    version: bytes
    status: int
    reason: bytes
    headers: Headers
    size: int
    length: int | None
    chunked: bool


def salvage(raw: bytes) -> Salvaged | None:
    """The head at the start of `raw`, or None when there is no status line. An unfinished head counts whole."""
    match = _STATUS_LINE.match(raw)
    if match is None:
        return None
    size = body_behind(raw, 0)
    lines = raw[match.end() : size][:_HEADERS_SHOWN].split(b"\n")
    headers = tuple(_field(line.rstrip(b"\r")) for line in lines if line.strip())
    return Salvaged(
        match[1], int(match[2]), match[3] or b"", headers, size, _length(headers), _chunked(headers)
    )


def body_behind(raw: bytes | bytearray, start: int) -> int:
    """Where the body begins behind the head at `start`; the end of `raw` when the head is not over."""
    ends = [at + len(mark) for mark in (b"\n\r\n", b"\n\n") if (at := raw.find(mark, start)) >= 0]
    return min(ends, default=len(raw))


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name, value.strip(b" \t")


def _length(headers: Headers) -> int | None:
    names = {name.strip().lower() for name, _ in headers}
    lengths = {value for name, value in headers if name.strip().lower() == b"content-length"}
    if len(lengths) != 1 or b"transfer-encoding" in names:
        return None
    (value,) = lengths
    return int(value) if value.isdigit() and len(value) < 16 else None


def _chunked(headers: Headers) -> bool:
    codings = [value for name, value in headers if name.strip().lower() == b"transfer-encoding"]
    return bool(codings) and codings[-1].lower().replace(b" ", b"").split(b",")[-1] == b"chunked"
