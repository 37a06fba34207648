"""Streams of events: server-sent events (HTML standard, 9.2.6) and JSON, one value a line (NDJSON). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

SSE = "text/event-stream"
LINES = frozenset(
    {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-lines"}
)
_LINE_END = re.compile(rb"\r\n|\n|\r")
_TEXT_LINE_END = re.compile(r"\r\n|\n|\r")
_LOOK = 16
"""Bytes of a line that is not at its end yet which say what it is."""


def is_stream(media_type: str) -> bool:
    """Whether a media type is that of a stream of events."""
    return media_type == SSE or media_type in LINES


class SentEvent(Struct, frozen=True):
    """One server-sent event: its data as text, its type, and the last id that was given."""

    data: str
    event: str = "message"
    id: str = ""


class EventCounter:
    """Counts the events of a stream as it comes, however it is cut into pieces; holds a few bytes only."""

    def __init__(self, media_type: str) -> None:
        self._sent = media_type == SSE
        self._rest = b""
        self._has_data = False
        self._first = True
        self.count = 0

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        text = self._rest + piece
        held = b""
        if text.endswith(b"\r"):  # a line feed may follow, and be the end of the same line
            text, held = text[:-1], b"\r"
        *lines, rest = _LINE_END.split(text)
        for line in lines:
            self._line(line)
        self._rest = rest.lstrip()[:_LOOK] + held if not self._sent else rest[:_LOOK] + held

    def _line(self, line: bytes) -> None:
        if self._first:
            line, self._first = line.removeprefix(b"\xef\xbb\xbf"), False
        if not self._sent:
            self.count += bool(line.strip())
        elif not line:
            self.count += self._has_data
            self._has_data = False
        elif line == b"data" or line.startswith(b"data:"):
            self._has_data = True


def sent_events(text: str) -> Iterator[SentEvent]:
    """The server-sent events of a text; one that has not ended is none."""
    data: list[str] = []
    kind = last_id = ""
    *lines, _ = _TEXT_LINE_END.split(text.removeprefix("\ufeff"))
    for line in lines:
        if not line:
            if data:
                yield SentEvent("\n".join(data), kind or "message", last_id)
            data, kind = [], ""
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name == "event":
            kind = value
        elif name == "id" and "\0" not in value:
            last_id = value
