"""Streams of events: server-sent events (HTML standard, 9.2.6) and JSON, one value a line (NDJSON). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

SSE = "text/event-stream"
LINES = frozenset(
    {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-lines"}
)
_LINE_END = re.compile(rb"\r\n|\n|\r")
_LINE_FEED = re.compile(rb"\n")
_TEXT_LINE_END = re.compile(r"\r\n|\n|\r")
MOST = 1024 * 1024
"""Bytes of one event that are held to be looked at; of a larger one is known that it came, and nothing else."""


def is_stream(media_type: str) -> bool:
    """Whether a media type is that of a stream of events."""
    return media_type == SSE or media_type in LINES


class SentEvent(Struct, frozen=True):
    """One server-sent event: its data as text, its type, and the last id that was given. A line of NDJSON has no type.

    `cut` says that it is too large to be looked at; `may_be_text` that data which is no JSON is a text, as of a WebSocket.
    """

    data: str
    event: str = "message"
    id: str = ""
    cut: bool = False
    may_be_text: bool = False


class WantedEvent(Struct, frozen=True):
    """The event that a stream is read up to: what is asked of it, as it is written, and whether one is it."""

    wanted: dict[str, Any]
    is_met_by: Callable[[SentEvent], bool]


class StreamEnd(Struct, frozen=True):
    """How far a stream was read: the events that came, and whether the last one is the one that was waited for."""

    events: int
    met: bool


class _Fields:
    """Puts server-sent events together, of their lines."""

    def __init__(self) -> None:
        self._data: list[str] = []
        self._size = 0
        self._kind = self._id = ""
        self._cut = False

    def line(self, line: str, *, cut: bool = False) -> SentEvent | None:
        """Take a line: the event that it ends, if it does."""
        if not line:
            made = None
            if self._data:
                data = "" if self._cut else "\n".join(self._data)
                made = SentEvent(data, self._kind or "message", self._id, self._cut)
            self._data, self._kind, self._size, self._cut = [], "", 0, False
            return made
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._size += len(line)
            self._cut = self._cut or cut or self._size > MOST
            if self._cut:
                self._data = [""]
            else:
                self._data.append(value)
        elif name == "event":
            self._kind = value
        elif name == "id" and "\0" not in value:
            self._id = value
        return None


class EventReader:
    """Reads the events of a stream as it comes, however it is cut into pieces; holds one event at the most."""

    def __init__(self, media_type: str) -> None:
        self._fields = _Fields() if media_type == SSE else None
        self._line_end = _LINE_END if media_type == SSE else _LINE_FEED
        self._parts: list[bytes] = []
        self._size = 0
        self._first = True
        self._after_cr = False

    def feed(self, piece: bytes) -> Iterator[SentEvent]:
        """Take the next bytes: the events that end in them."""
        if self._after_cr and self._fields is not None:  # the rest of one line's end
            after, piece = piece, piece.removeprefix(b"\n")
            self._after_cr = not after
        if not piece:
            return
        self._after_cr = piece.endswith(b"\r")
        first, *others = self._line_end.split(piece)
        self._hold(first)
        for each in others:
            made = self._line()
            self._hold(each)
            if made is not None:
                yield made

    def end(self) -> Iterator[SentEvent]:
        """The stream has ended: a last line of JSON may lack its end; a server-sent event that has not ended is none."""
        made = self._line() if self._fields is None else None
        if made is not None:
            yield made

    def _hold(self, part: bytes) -> None:
        if self._size <= MOST:
            self._parts.append(part)
        self._size += len(part)

    def _line(self) -> SentEvent | None:
        data, cut = b"".join(self._parts), self._size > MOST
        self._parts, self._size = [], 0
        if self._first:
            data, self._first = data.removeprefix(b"\xef\xbb\xbf"), False
        text = data[:MOST].decode("utf-8", "replace")
        if self._fields is not None:
            return self._fields.line(text, cut=cut)
        text = text.strip()
        return SentEvent("" if cut else text, "", cut=cut) if text or cut else None


def sent_events(text: str) -> Iterator[SentEvent]:
    """The server-sent events of a text; one that has not ended is none."""
    fields = _Fields()
    *lines, _ = _TEXT_LINE_END.split(text.removeprefix("\ufeff"))
    for line in lines:
        made = fields.line(line)
        if made is not None:
            yield made
