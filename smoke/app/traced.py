"""What `curl --trace` and `--trace-ascii` write of an exchange: a dump of each piece that was received, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator

_STAMP = rb"(?:\d\d:\d\d:\d\d\.\d{6} )?(?:\[[0-9-]{1,20}\] )?"
_PIECE = re.compile(
    rb"(?m)^" + _STAMP + rb"<= Recv (?:header|data), ([0-9]{1,12}) bytes[^\n]{0,40}\n"
)
_LINE = re.compile(rb"([0-9a-f]{4,12}): ([^\n]{0,200})(?:\n|\Z)")
_HEX = re.compile(rb"((?:[0-9a-f]{2} ){1,16}) {0,48}[^\n]{0,16}\Z")
_LOOKED_AT = 64 * 1024


def received(data: bytes) -> bytes:
    """All bytes that a dump shows as received, heads and bodies; nothing where it is no dump.

    The dump of characters has a dot for each byte that cannot be printed, and none of them can be known again.
    """
    first = _PIECE.search(data, 0, _LOOKED_AT)
    if first is None:
        return b""
    return b"".join(_bytes(data, piece) for piece in _PIECE.finditer(data, first.start()))


def _bytes(data: bytes, piece: re.Match[bytes]) -> bytes:
    lines = list(_lines(data, piece.end()))
    size = int(piece[1])
    if not lines:
        return b""
    if all(_HEX.match(shown) for _, shown in lines):
        pairs = (_HEX.match(shown) for _, shown in lines)
        return b"".join(bytes.fromhex(found[1].decode()) for found in pairs if found)[:size]
    parts: list[bytes] = []
    for (offset, shown), (behind, _) in zip(lines, [*lines[1:], (size, b"")], strict=True):
        parts.append(shown)
        if behind - offset - len(shown) == 2:
            parts.append(b"\r\n")  # where the dump begins a new line
    return b"".join(parts)


def _lines(data: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while (line := _LINE.match(data, at)) is not None:
        yield int(line[1], 16), line[2].removesuffix(b"\r")
        at = line.end()
