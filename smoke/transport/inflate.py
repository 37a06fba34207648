"""gzip and deflate undone with a bounded output for each step."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from smoke.transport.decoder import PIECE, DecodeError

_GZIP_BITS = 31
_ZLIB_BITS = 15
_RAW_BITS = -15


class Inflate:
    """gzip (RFC 1952, any number of members) or deflate (RFC 1950, or the bare RFC 1951 that some servers send)."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pending = b""
        self._state: zlib._Decompress | None = None
        self._members = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that `data` completes; what came before damage is given before it is raised."""
        data = self._pending + data if self._pending else data
        self._pending = b""
        more = False
        while data or more:
            if self._state is None:
                data = self._begin(data)
                if self._state is None:
                    return
            # a failed call keeps its output to itself: the copy gives it again, byte by byte
            before = self._state.copy()
            try:
                piece = self._state.decompress(data, PIECE)
            except zlib.error as error:
                yield from _until_damage(before, data)
                raise DecodeError(self._damage(error)) from error
            if piece:
                yield piece
            if self._state.eof:
                data, more = self._state.unused_data, False
                self._state = None
                self._members += 1
            else:
                data, more = self._state.unconsumed_tail, len(piece) == PIECE

    def _begin(self, data: bytes) -> bytes:
        """Start a member when its first bytes are there; the data that it is to be fed with."""
        if self._name == "gzip":
            if self._members:
                # tar and tape tools pad with zeros behind the last member
                data = data.lstrip(b"\0")
            if data:
                self._state = zlib.decompressobj(_GZIP_BITS)
            return data
        if self._members:
            raise DecodeError("the deflate data is followed by something else")
        if len(data) < 2:
            self._pending = data
            return b""
        # RFC 1950 2.2: method 8, and the two bytes as a number are a multiple of 31
        zlib_header = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
        self._state = zlib.decompressobj(_ZLIB_BITS if zlib_header else _RAW_BITS)
        return data

    def _damage(self, error: zlib.error) -> str:
        text = str(error)
        if "header check" in text and self._members:
            return "the gzip data is followed by something else"
        if "header check" in text or "unknown compression method" in text:
            return f"it says {self._name}, but the bytes are not {self._name}"
        if "data check" in text:
            return f"the checksum of the {self._name} data is wrong"
        if "length check" in text:
            return f"the length at the end of the {self._name} data is wrong"
        return f"the {self._name} data is damaged ({text.rpartition(': ')[2]})"

    def finish(self) -> None:
        """Raises DecodeError when the data ended within a member."""
        if self._state is not None or self._pending or not self._members:
            raise DecodeError(f"the {self._name} data ends too early")


def _until_damage(state: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """What `data` gives up to the byte that is wrong."""
    pieces = []
    for index in range(len(data)):
        try:
            pieces.append(state.decompress(data[index : index + 1], PIECE))
        except zlib.error:
            break
    whole = b"".join(pieces)
    for start in range(0, len(whole), PIECE):
        yield whole[start : start + PIECE]
