"""A PostgreSQL server's log: what was written to a file, or came from standard input, since a run began; or all of it."""

from __future__ import annotations

import stat
import threading
import time
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from smoke.app.log_bytes import Bytes, Cursor, FileBytes, Plain, StreamBytes
from smoke.diagnostic import SmokeError

if TYPE_CHECKING:
    from smoke.logs.entry import LogEntry
    from smoke.logs.match import Wanted

LATE = 2.0
"""Seconds that the log may lag behind an answer: it is written by another process."""
_LOOK_AGAIN = 0.1
_HEAD = 64 * 1024
_LARGEST_DOCUMENT = 8 * 1024 * 1024
"""Bytes of one JSON document, or of a table, that are taken apart as a whole, in memory; a larger one is read by lines."""
_MOST_LOOKS = 3
_SETTLING = 0.02
"""Seconds in which a log that has just grown may grow more."""
_MOST_READINGS = 8
"""Exchanges of which is known how far the log was read for them."""


class Log(Protocol):
    """A server's log, wherever it is kept."""

    @property
    def name(self) -> str:
        """What to call it."""

    @property
    def hint(self) -> str:
        """What to try when an error is not there; often empty."""

    def entries(self, wanted: Wanted) -> list[LogEntry]:
        """The entries so far that may be behind an exchange. Raises SmokeError."""


class ServerLog:
    """A log in a file or a stream, of any size. Raises SmokeError (`unreadable-log`) at once when there is nothing to read.

    `whole`: of a run that is over, so all that the log has is read, and standard input to its end.
    """

    def __init__(self, source: str, *, whole: bool = False) -> None:
        self._name = "standard input" if source == "-" else source
        self._bytes: Bytes
        self._reading = threading.Lock()
        self._readings: OrderedDict[Wanted, _Reading] = OrderedDict()
        self._note = ""
        self._failed = True
        self._torn = False
        self._whole = whole
        try:
            if source == "-" or _is_stream(source):
                self._bytes = StreamBytes(source, whole=whole)
            else:
                file = FileBytes(Path(source), whole=whole)
                if not whole and _may_be_document(file.head()):
                    file = FileBytes(Path(source), whole=True)
                    self._whole = True
                self._bytes = file
                self._refuse_what_is_none()
        except OSError as error:
            raise self._unreadable(error) from error

    @property
    def name(self) -> str:
        """What to call it, and how its times were read where that is not plain."""
        return f"{self._name}; {self._note}" if self._note else self._name

    @property
    def hint(self) -> str:
        """What it is, when no error of a log was in it, and whether only a part of it could be read."""
        if self._torn:
            return f"{self._name} is compressed and breaks off, or is damaged: the rest of it could not be read"
        if self._bytes.gone:
            return f"{self._name} is not there any more: what was written to it before was read"
        return "" if self._failed else self._what()

    def entries(self, wanted: Wanted) -> list[LogEntry]:
        """What may belong to an exchange. Raises SmokeError."""
        with self._reading:
            reading = self._readings.get(wanted) or _Reading(wanted, whole=self._whole)
            self._readings[wanted] = reading
            self._readings.move_to_end(wanted)
            if len(self._readings) > _MOST_READINGS:
                self._readings.popitem(last=False)
            try:
                for _ in range(_MOST_LOOKS):
                    # an entry of many lines may be on its way
                    if not reading.go_on(self._bytes) or self._whole:
                        break
                    time.sleep(_SETTLING)
                self._refuse_what_is_none()
            except OSError as error:
                raise self._unreadable(error) from error
            from smoke.logs.recognise import says_more

            nothing = self._whole and not any(says_more(entry) for entry in reading.entries)
            if nothing and (reason := reading.torn()):
                raise SmokeError.of(
                    "unreadable-log", f"the server's log {self._name} is torn JSON: {reason}"
                )
            self._failed = any(entry.failed for entry in reading.entries)
            self._note = reading.note
            self._torn = reading.breaks_off
            return reading.entries

    def _refuse_what_is_none(self) -> None:
        from smoke.logs.recognise import no_log

        if what := no_log(self._bytes.head()):
            raise SmokeError.of("unreadable-log", f"{self._name} is no log: it is {what}")

    def _what(self) -> str:
        from smoke.logs.recognise import other

        plain = b"".join(Plain().feed(self._bytes.head()))
        told = other(plain)
        if told == "empty":
            return f"{self._name} is empty"
        return f"{self._name} holds no log that is known here: it is {told}" if told else ""

    def _unreadable(self, error: OSError) -> SmokeError:
        return SmokeError.of(
            "unreadable-log",
            f"cannot read the server's log {self._name}: {error.strerror or error}",
        )


class _Reading:
    """What was read for one exchange so far."""

    def __init__(self, wanted: Wanted, *, whole: bool) -> None:
        from smoke.logs.scan import Scan

        self._wanted = wanted
        self._whole = whole
        self._scan = Scan(wanted)
        self._plain = Plain()
        self._cursor = Cursor()
        self._document: bytearray | None = bytearray()
        """All of it, as long as it may be one document."""
        self.entries: list[LogEntry] = []
        self.note = ""
        self._lines = 0
        self._arrived: list[tuple[int, datetime]] = []
        """How many lines had come, and when that was seen."""

    def go_on(self, source: Bytes) -> bool:
        """Read what came since; whether anything did. Raises OSError."""
        before = self._scan.seen
        for piece, cursor in source.more(self._cursor, self._plain):
            self._scan.feed(piece)
            self._take_times(source, piece, cursor)
            self._cursor = cursor
            if self._document is not None:
                self._document += piece
                if len(self._document) > _LARGEST_DOCUMENT or not _may_be_document(self._document):
                    self._document = None
        grown = self._scan.seen != before
        if grown:
            from smoke.logs.clocks import settled

            self.entries, self.note = settled(self._read(), self._wanted, source.written_at())
            if not self._document:
                self.entries = [self._timed(entry) for entry in self.entries]
        return grown

    def _take_times(self, source: Bytes, piece: bytes, cursor: Cursor) -> None:
        """Note which lines of a piece had come when."""
        start = cursor.offset - len(piece)
        if self._plain.as_written:
            for end, at in source.arrivals(cursor.part, start, cursor.offset):
                self._arrived.append((self._lines + piece.count(b"\n", 0, end - start), at))
        self._lines += piece.count(b"\n")

    def _timed(self, entry: LogEntry) -> LogEntry:
        """An entry without a time with the time at which it came."""
        if entry.at is not None or not self._arrived:
            return entry
        place = bisect_left(self._arrived, entry.line, key=lambda seen: seen[0])
        if place == len(self._arrived):
            return entry
        return replace(entry, arrived=self._arrived[place][1])

    @property
    def breaks_off(self) -> bool:
        """Whether what is compressed has no end, or is damaged."""
        return self._plain.torn

    def torn(self) -> str:
        """Why a JSON document cannot be read; empty when it can, or is none."""
        from smoke.logs.documents import torn
        from smoke.logs.recognise import is_binary

        text = (self._document or b"").decode("utf-8", "replace")
        return "" if is_binary(text) else torn(text)  # a brace may begin any file

    def _read(self) -> list[LogEntry]:
        from smoke.logs.readers import read_log, read_regions

        if self._document:
            return read_log(self._document.decode("utf-8", "replace"))
        # the last line of a log that is being written may be half of one
        return read_regions(self._scan.regions(torn=not self._whole))


def open_log(
    source: str,
    environ: Mapping[str, str],
    *,
    token_variable: str = "",
    started: datetime,
    ended: datetime | None = None,
) -> Log:
    """The log that `--postgres-log` names: a file, `-` or `supabase:PROJECT`. `ended`: the run is over. Raises SmokeError."""
    if source.startswith("supabase:"):
        from smoke.app.supabase_log import SupabaseLog

        return SupabaseLog(
            source, environ, started=started, ended=ended, token_variable=token_variable
        )
    return ServerLog(source, whole=ended is not None)


def _is_stream(source: str) -> bool:
    """Whether a path is no file but something that is listened to: a named pipe, `<(docker logs -f …)`."""
    try:
        mode = Path(source).stat().st_mode
    except OSError:
        return False  # told when it is opened
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _may_be_document(head: bytes | bytearray) -> bool:
    from smoke.logs.documents import may_be

    plain = b"".join(Plain().feed(bytes(head[:_HEAD])))
    return may_be(plain.decode("utf-8", "replace"))


def wait_for(look: Callable[[], bool], patience: float, sleep: Callable[[float], bool]) -> None:
    """Look until it is there, for at most `patience` seconds; `sleep` is False when it is cut short."""
    until = time.monotonic() + patience
    while not look() and time.monotonic() < until and sleep(_LOOK_AGAIN):
        pass
