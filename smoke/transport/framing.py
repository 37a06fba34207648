"""Where a body ends (RFC 9112 6.3): by its length, by its last chunk, or by the close of the connection.

Heads are read by h11; bodies are framed here. h11's header pattern takes quadratic time for a hostile trailer line,
its events cost more than a small chunk's bytes, and it drops what follows a malformed chunk, which is evidence.
"""

from __future__ import annotations

from collections.abc import Iterator

from smoke.model.exchange import ErrorKind, Headers
from smoke.text import safe_line
from smoke.transport.fault import Fault
from smoke.transport.record import ExchangeRecord
from smoke.transport.stream import Stream

_READ = 256 * 1024
_LINE_LIMIT = 16 * 1024
_TRAILER_LIMIT = 64 * 1024
_HEX = frozenset(b"0123456789abcdefABCDEF")


def by_length(stream: Stream, start: bytes, length: int, record: ExchangeRecord) -> Iterator[bytes]:
    """The pieces of a body of `length` bytes. What follows it is noted as leftover."""
    left = length
    data = start
    while left:
        if not data:
            data = _read(stream, f"the body ended after {length - left} of {length} bytes")
        if len(data) > left:
            piece, data = data[:left], data[left:]
        else:
            piece, data = data, b""
        left -= len(piece)
        yield piece
    record.leftover = data + stream.leftover()


def until_close(stream: Stream, start: bytes) -> Iterator[bytes]:
    """The pieces of a body that the close of the connection ends."""
    data = start
    if data:
        yield data
    while data := stream.read(_READ):
        yield data


def _read(stream: Stream, at_end: str) -> bytes:
    data = stream.read(_READ)
    if not data:
        raise Fault(ErrorKind.TRUNCATED, at_end)
    return data


class Chunks:
    """The pieces of a chunked body (RFC 9112 7.1). Its trailers are noted, and what follows it as leftover."""

    def __init__(self, stream: Stream, start: bytes, record: ExchangeRecord) -> None:
        self._stream = stream
        self._record = record
        self._data = start
        self._at = 0
        self._size = 0
        self._batch: list[bytes] = []

    def __iter__(self) -> Iterator[bytes]:
        try:
            while True:
                yield from self._line_ready(_LINE_LIMIT)
                size = self._chunk_size(self._line())
                if size == 0:
                    break
                yield from self._chunk(size)
            yield from self._flush()
            self._trailers()
        except Fault:
            yield from self._flush()
            # what stands at the fault is what explains it
            self._record.leftover = self._data[self._at : self._at + _TRAILER_LIMIT]
            raise
        self._record.leftover = self._data[self._at :] + self._stream.leftover()

    def _flush(self) -> Iterator[bytes]:
        if self._batch:
            piece = b"".join(self._batch) if len(self._batch) > 1 else self._batch[0]
            self._batch.clear()
            yield piece

    def _more(self) -> None:
        data = _read(
            self._stream, f"the chunked body ended after {self._size} bytes, without its last chunk"
        )
        self._data = self._data[self._at :] + data if self._at < len(self._data) else data
        self._at = 0

    def _line_ready(self, limit: int) -> Iterator[bytes]:
        """Read until a whole line is there; small chunks are given together before waiting for more."""
        while self._data.find(b"\n", self._at) < 0:
            if len(self._data) - self._at > limit:
                raise Fault(
                    ErrorKind.PROTOCOL, f"a chunk's first line is longer than {limit} bytes"
                )
            yield from self._flush()
            self._more()

    def _line(self) -> bytes:
        """The line that is there, without its end; CR LF is the only end that RFC 9112 7.1 knows."""
        end = self._data.find(b"\n", self._at)
        line = self._data[self._at : end + 1]
        if not line.endswith(b"\r\n"):
            raise Fault(
                ErrorKind.PROTOCOL, f"a chunk's first line does not end with CR LF: {_quote(line)}"
            )
        self._at = end + 1
        return line[:-2]

    def _chunk_size(self, line: bytes) -> int:
        digits = line.partition(b";")[0].rstrip(b" \t")
        if not digits or len(digits) > 16 or not _HEX.issuperset(digits):
            self._at -= len(line) + 2
            raise Fault(
                ErrorKind.PROTOCOL, f"a chunk size that is no hexadecimal number: {_quote(line)}"
            )
        return int(digits, 16)

    def _chunk(self, size: int) -> Iterator[bytes]:
        left = size
        while left:
            if self._at >= len(self._data):
                yield from self._flush()
                self._more()
            piece = self._data[self._at : self._at + left]
            self._at += len(piece)
            self._size += len(piece)
            left -= len(piece)
            self._batch.append(piece)
        while len(self._data) - self._at < 2:
            yield from self._flush()
            self._more()
        end = self._data[self._at : self._at + 2]
        if end != b"\r\n":
            raise Fault(
                ErrorKind.PROTOCOL,
                f"a chunk of {size} bytes is followed by {_quote(end)} in place of CR LF",
            )
        self._at += 2

    def _trailers(self) -> None:
        lines: list[bytes] = []
        total = 0
        while True:
            while self._data.find(b"\n", self._at) < 0:
                if total + len(self._data) - self._at > _TRAILER_LIMIT:
                    raise _too_many()
                self._more()
            line = self._line()
            if not line:
                break
            total += len(line)
            if total > _TRAILER_LIMIT:
                raise _too_many()
            lines.append(line)
        self._record.trailers = _fields(lines)


def _too_many() -> Fault:
    return Fault(
        ErrorKind.HEADERS_TOO_LARGE,
        f"the trailers are larger than the limit of {_TRAILER_LIMIT} bytes",
    )


def _fields(lines: list[bytes]) -> Headers:
    fields = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name.strip():
            raise Fault(ErrorKind.PROTOCOL, f"a trailer without a name: {_quote(line)}")
        fields.append((name, value.strip(b" \t")))
    return tuple(fields)


def _quote(data: bytes) -> str:
    return f"'{safe_line(data[:60].decode('latin-1'))}'"
