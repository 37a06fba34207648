"""Where a log's bytes come from: a file that may grow, be rotated or compressed, or a stream that is listened to.

Bytes come as plain UTF-8, whatever they are written in: gzip is unpacked, and UTF-16 (what `>` of PowerShell writes) is
written anew. NULs, which a truncated file has where it was written before, are left out, and lines that end in CR alone end in LF.
"""

from __future__ import annotations

import codecs
import glob
import os
import tempfile
import threading
import weakref
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

from smoke.app.arrivals import Arrivals, watch
from smoke.system import after_hole, open_growing, read_at

BLOCK = 1024 * 1024
_IN_MEMORY = 16 * 1024 * 1024
"""Bytes of a stream that are kept in memory; more are in a file without a name, which is gone with the process."""
_MOST_HEARD = 8 * 1024**3
OVERLAP = 64 * 1024
"""Bytes before the run's start that are read too: the first line of an entry may be there."""
_HEAD = 4096
_MOST_BESIDE = 200
_LONG_BEFORE = timedelta(minutes=1)


class Cursor(NamedTuple):
    """How far a reader is: in which of the files that the log was, one after the other, and at which byte."""

    part: int = 0
    offset: int = 0


class Bytes(Protocol):
    """A log's bytes. `gone`: what had them is not there any more, so that no others come."""

    gone: bool

    def more(self, cursor: Cursor, plain: Plain) -> Iterator[tuple[bytes, Cursor]]:
        """What came since, and how far that is. Raises OSError."""

    def head(self) -> bytes:
        """The first bytes, as they are. Raises OSError."""

    def written_at(self) -> datetime | None:
        """When the last of them was written, where that is known."""

    def arrivals(self, part: int, start: int, end: int) -> Sequence[tuple[int, datetime]]:
        """Of the bytes from `start` to `end`: up to where they had come, and when that was seen."""


class Plain:
    """Gives bytes of any writing as plain ones, piece by piece."""

    def __init__(self) -> None:
        self._begun = False
        self._torn = False
        self._returns: bool | None = None
        """Whether lines end in CR alone; None until one has ended."""
        self._unpack: zlib._Decompress | None = None
        self._decode: codecs.IncrementalDecoder | None = None

    @property
    def torn(self) -> bool:
        """Whether packed bytes broke off, or were damaged: what came behind could not be read."""
        return self._torn

    @property
    def as_written(self) -> bool:
        """Whether the bytes are written in UTF-8 and not packed, so that they come as they stand."""
        return self._unpack is None and self._decode is None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The plain bytes of the next ones, none larger than a block or so."""
        if not self._begun and data:
            self._begun = True
            if data[:2] == b"\x1f\x8b":
                self._unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
            self._decode = _decoder(data) if self._unpack is None else None
        while self._unpack is not None and data:
            self._torn = True  # until its end comes
            try:
                piece = self._unpack.decompress(data, BLOCK)
            except zlib.error:
                return  # torn, or damaged from here on: what came before is what there is
            data = self._unpack.unconsumed_tail
            if self._unpack.eof:  # files that were put one behind the other
                data = self._unpack.unused_data.lstrip(b"\0")
                self._torn = False
                self._unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
            if piece:
                yield self._plain(piece)
            elif not data:
                return
        if self._unpack is None and data:
            yield self._plain(data)

    def _plain(self, data: bytes) -> bytes:
        if self._decode is not None:
            data = self._decode.decode(data).encode("utf-8", "replace")
        # replace() takes a hundred times as long where all of it is NULs
        data = data.translate(None, b"\0") if b"\0" in data else data
        if self._returns is None and (b"\n" in data or b"\r" in data[:-1]):
            self._returns = b"\n" not in data
        return data.replace(b"\r", b"\n") if self._returns else data


def _decoder(head: bytes) -> codecs.IncrementalDecoder | None:
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if head.startswith(mark):
            return codecs.getincrementaldecoder(name)("replace")
    sample = head[:_HEAD]
    odd, even = sample[1::2].count(0), sample[::2].count(0)
    if len(sample) >= 64 and odd > len(sample) * 0.4 and even < odd // 4:  # a part, without a mark
        return codecs.getincrementaldecoder("utf-16-le")("replace")
    return None


class FileBytes:
    """A file. `whole`: all of it; else what is written from now on. Raises OSError when it cannot be opened."""

    def __init__(self, path: Path, *, whole: bool) -> None:
        self._path = path
        self._whole = whole
        self.gone = False
        self._parts: list[tuple[int, int]] = []
        self._lengths: list[int] = []
        self._begins = b""
        """The first bytes of the latest part."""
        self._looking = threading.Lock()
        descriptor = self._opened()
        start = 0 if whole else max(0, os.fstat(descriptor).st_size - OVERLAP)
        self._head = read_at(descriptor, BLOCK, 0)
        packed = self._head[:2] == b"\x1f\x8b"  # what is packed is not written to
        self._arrivals = Arrivals()
        self._begin(descriptor, 0 if packed else start - start % 2)
        if not whole:
            # what is there now is of no request that is still to be sent
            size, now = os.fstat(descriptor).st_size, datetime.now(UTC)
            self._arrivals.saw(0, size, now - _LONG_BEFORE)
            watch(self)

    def written_at(self) -> datetime | None:
        if self._whole:
            return None  # a copy is as old as the copying
        return datetime.fromtimestamp(os.fstat(self._parts[-1][0]).st_mtime, UTC)

    def head(self) -> bytes:
        if not self._head:
            self._head = read_at(self._parts[0][0], BLOCK, 0)
        return self._head

    def more(self, cursor: Cursor, plain: Plain) -> Iterator[tuple[bytes, Cursor]]:
        self.look()
        for number in range(cursor.part, len(self._parts)):
            descriptor, start = self._parts[number]
            if number + 1 < len(self._parts) and self._parts[number + 1][0] == descriptor:
                continue  # it was cut: what stands there now is the next part's
            at = max(cursor.offset, start) if number == cursor.part else start
            while data := read_at(descriptor, BLOCK, at):
                first = at == start and number == 0 and start > 0
                at += len(data)
                self._lengths[number] = max(self._lengths[number], at)
                if first and _decoder(data) is None:
                    data = data.partition(b"\n" if b"\n" in data else b"\r")[2]
                if data[:1] == b"\0" and data == bytes(len(data)):
                    at = after_hole(descriptor, at)
                    continue
                for piece in plain.feed(data):
                    yield piece, Cursor(number, at)

    def arrivals(self, part: int, start: int, end: int) -> Sequence[tuple[int, datetime]]:
        return self._arrivals.of(part, start, end)

    def look(self) -> None:
        """Notice what came, and that the file was cut or replaced. Raises OSError."""
        with self._looking:
            self._follow()
            if not self._whole:
                number = len(self._parts) - 1
                size = os.fstat(self._parts[number][0]).st_size
                self._lengths[number] = max(self._lengths[number], size)
                self._begins = self._begins or read_at(self._parts[number][0], _HEAD, 0)
                self._arrivals.saw(number, size, datetime.now(UTC))

    def _follow(self) -> None:
        """Notice that the file was cut (`copytruncate`), or that another one has its name now."""
        now = os.fstat(self._parts[-1][0])
        try:
            named, self.gone = self._path.stat(), False
        except FileNotFoundError:
            # being rotated, perhaps: what was written until now can still be read
            named, self.gone = now, True
        if (named.st_ino, named.st_dev) != (now.st_ino, now.st_dev):
            self._begin(self._opened(), 0)
        elif now.st_size < self._lengths[-1]:
            descriptor, start = self._parts[-1]
            copy = self._copied()
            if copy is not None:
                self._parts[-1] = (copy, start)
            self._begin(descriptor, 0)

    def _copied(self) -> int | None:
        """What stood in a log that was cut: the copy beside it that was made of it (`app.log.1`, `app.log-20261128`)."""
        for path in islice(
            self._path.parent.glob(f"{glob.escape(self._path.name)}?*"), _MOST_BESIDE
        ):
            try:
                if path.is_file() and path.stat().st_size >= self._lengths[-1]:
                    descriptor = open_growing(path)
                    weakref.finalize(self, os.close, descriptor)
                    if self._begins and read_at(descriptor, len(self._begins), 0) == self._begins:
                        return descriptor
            except OSError:
                continue  # of somebody else
        return None

    def _opened(self) -> int:
        descriptor = open_growing(self._path)
        weakref.finalize(self, os.close, descriptor)
        return descriptor

    def _begin(self, descriptor: int, start: int) -> None:
        self._begins = b""
        self._lengths.append(start)
        self._parts.append((descriptor, start))


class StreamBytes:
    """A stream: standard input (`-`), a named pipe, a process substitution. `whole`: listens to its end at once."""

    def __init__(self, source: str, *, whole: bool) -> None:
        self._spool = _Spool()
        self.gone = False
        self._whole = whole
        self._heard_at: datetime | None = None
        self._part = 0
        self._arrivals = Arrivals()
        self._first = b""
        self._broken: OSError | None = None
        self._lock = threading.Lock()
        if whole:
            self._listen(source)
        else:
            # `docker logs -f … |` never ends, so it is listened to while the run goes on
            threading.Thread(
                target=self._listen, args=(source,), name="server log", daemon=True
            ).start()

    def written_at(self) -> datetime | None:
        return self._heard_at

    def head(self) -> bytes:
        with self._lock:
            return self._first

    def arrivals(self, part: int, start: int, end: int) -> Sequence[tuple[int, datetime]]:
        return self._arrivals.of(part, start, end)

    def more(self, cursor: Cursor, plain: Plain) -> Iterator[tuple[bytes, Cursor]]:
        while True:
            with self._lock:
                if self._broken is not None and not self._spool.length:
                    raise self._broken
                at = cursor.offset if cursor.part == self._part else 0
                data = self._spool.read(at)
                cursor = Cursor(self._part, at + len(data))
            if not data:
                return
            for piece in plain.feed(data):
                yield piece, cursor

    def _listen(self, source: str) -> None:
        # the descriptor itself: a thread that holds the lock of sys.stdin's buffer breaks the end of the process
        try:
            descriptor = 0 if source == "-" else os.open(source, os.O_RDONLY)
            try:
                while block := os.read(descriptor, BLOCK):
                    self._hear(block)
                self._hear(b"\n")  # a last line that has no end is whole: no more of it comes
            finally:
                if descriptor:
                    os.close(descriptor)
        except OSError as error:
            self._broken = error  # told by whoever asks for the bytes

    def _hear(self, block: bytes) -> None:
        with self._lock:
            self._heard_at = None if self._whole else datetime.now(UTC)
            if len(self._first) < BLOCK:
                self._first += block[: BLOCK - len(self._first)]
            try:
                if self._spool.length > _MOST_HEARD:
                    self._begin_anew()
                self._spool.append(block)
            except OSError:  # no room: what is newest is what matters
                self._begin_anew()
                self._spool.append(block)
            if self._heard_at is not None:
                self._arrivals.saw(self._part, self._spool.length, self._heard_at)

    def _begin_anew(self) -> None:
        self._spool = _Spool()
        self._part += 1


class _Spool:
    """Bytes that were heard: few in memory, more in a file without a name."""

    def __init__(self) -> None:
        self.length = 0
        self._memory = bytearray()
        self._file: int | None = None

    def append(self, data: bytes) -> None:
        """Keep more bytes. Raises OSError when there is no room."""
        if self._file is None and self.length + len(data) > _IN_MEMORY:
            kept = tempfile.TemporaryFile(prefix="smoke-log-", buffering=0)  # noqa: SIM115  (closed with the spool)
            weakref.finalize(self, kept.close)
            self._file = kept.fileno()
            _write(self._file, bytes(self._memory))
            self._memory = bytearray()
        if self._file is None:
            self._memory += data
        else:
            _write(self._file, data)
        self.length += len(data)

    def read(self, at: int) -> bytes:
        """The next bytes from a place, a block at most."""
        if self._file is None:
            return bytes(self._memory[at : at + BLOCK])
        return read_at(self._file, BLOCK, at)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
