"""Content codings taken off a body, whatever the header claims: by their magic numbers, bounded.

RFC 9110 8.4.1 (gzip, deflate), RFC 7932 (br), RFC 8878 (zstd). A truncated stream gives what it holds.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

from smoke.model.exchange import WINDOW_HEAD, WINDOW_TAIL

MAX_OUTPUT = 64 * 1024 * 1024
"""No more than this is unpacked; of more than the window, head and tail are kept."""
_STEP = 64 * 1024
_MAX_CODINGS = 4


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The bytes after decoding, outermost coding first in `codings`; `omitted` bytes are left out at `gap`."""

    data: bytes
    codings: tuple[str, ...] = ()
    omitted: int = 0
    gap: int = 0
    broken: str = ""


def unpack(body: bytes, claimed: str = "") -> Unpacked:
    """The body without its content codings."""
    codings: list[str] = []
    broken = ""
    while len(codings) < _MAX_CODINGS:
        name = _name(body, claimed if not codings else "")
        if not name:
            break
        data, fault = _decode(name, body)
        if not data:
            break
        codings.append(name)
        broken = broken or fault
        body = data
    return _window(body, tuple(codings), broken)


def _window(data: bytes, codings: tuple[str, ...], broken: str) -> Unpacked:
    if len(data) <= WINDOW_HEAD + WINDOW_TAIL:
        return Unpacked(data, codings, broken=broken)
    omitted = len(data) - WINDOW_HEAD - WINDOW_TAIL
    kept = data[:WINDOW_HEAD] + data[-WINDOW_TAIL:]
    return Unpacked(kept, codings, omitted, WINDOW_HEAD, broken)


def _name(body: bytes, claimed: str) -> str:
    if body[:3] == b"\x1f\x8b\x08":
        return "gzip"
    if body[:4] == b"\x28\xb5\x2f\xfd":
        return "zstd"
    if len(body) > 2 and body[0] & 0x0F == 8 and body[0] <= 0x78:
        # RFC 1950 2.2: the first two bytes are a multiple of 31, and no text has such a pair in front
        if (body[0] << 8 | body[1]) % 31 == 0 and not body[:2].isalnum():
            return "deflate"
        if body[0] == 0x78 and (body[0] << 8 | body[1]) % 31 == 0:
            return "deflate"
    codings = [coding.strip().lower() for coding in claimed.split(",") if coding.strip()]
    last = codings[-1] if codings else ""
    if last == "br":
        return "br"
    if last in {"deflate", "gzip", "x-gzip"} and body and not _texty(body):
        return "raw-deflate"
    return ""


def _texty(body: bytes) -> bool:
    sample = body[:512]
    return not any(byte < 9 or 13 < byte < 27 for byte in sample)


def _decode(name: str, body: bytes) -> tuple[bytes, str]:
    if name == "br":
        return _brotli(body)
    if name == "zstd":
        return _zstd(body)
    bits = {"gzip": 31, "deflate": 15, "raw-deflate": -15}[name]
    return _inflate(body, bits)


def _inflate(body: bytes, bits: int) -> tuple[bytes, str]:
    out = bytearray()
    machine = zlib.decompressobj(bits)
    data = body
    fault = ""
    try:
        while data and len(out) < MAX_OUTPUT:
            out += machine.decompress(data, _STEP * 16)
            if machine.eof and bits == 31 and machine.unused_data[:2] == b"\x1f\x8b":
                data = machine.unused_data
                machine = zlib.decompressobj(bits)
            else:
                data = machine.unconsumed_tail
        if not machine.eof:
            fault = "cut off"
    except zlib.error:
        fault = "damaged"
    return bytes(out), fault


def _stream(
    machine: Any, feed: Any, body: bytes, errors: tuple[type[Exception], ...]
) -> tuple[bytes, str]:
    """The output of a decompressor fed in steps; steps shrink so that a truncated end gives all it holds."""
    out = bytearray()
    view = memoryview(body)
    try:
        for start in range(0, len(body), 4096):
            out += feed(bytes(view[start : start + 4096]))
            if len(out) >= MAX_OUTPUT:
                return bytes(out), "too large"
    except errors:
        return bytes(out), "damaged"
    finished = getattr(machine, "is_finished", None)
    return bytes(out), "cut off" if finished is not None and not finished() else ""


def _brotli(body: bytes) -> tuple[bytes, str]:
    import brotli

    machine = brotli.Decompressor()
    return _stream(machine, machine.process, body, (brotli.error,))


def _zstd(body: bytes) -> tuple[bytes, str]:
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]  # Python 3.14
    except ImportError:
        import zstandard

        machine: Any = zstandard.ZstdDecompressor().decompressobj()
        return _stream(machine, machine.decompress, body, (zstandard.ZstdError,))
    machine = zstd.ZstdDecompressor()
    return _stream(machine, machine.decompress, body, (zstd.ZstdError, EOFError))
