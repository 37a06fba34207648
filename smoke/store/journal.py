"""The event file of a run: JSON lines, each with a checksum of itself.

A line is `{"crc":"XXXXXXXX",` and the rest of the event's JSON object; the checksum is the CRC-32 of the object
without it. A process that is killed leaves at most one torn line, at the end; the checksum tells it from a whole one.
What a later process appends begins on a line of its own, so a torn line hides nothing behind it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from msgspec import Struct

from smoke import codec
from smoke.model.earlier import Earlier
from smoke.model.events import Event


class Torn(Struct, frozen=True):
    """A line that is no whole event: its number (from 1), where it starts, and why.

    `unfinished` is what a killed process leaves: the beginning of a line, without its end.
    """

    line: int
    offset: int
    reason: str
    unfinished: bool = False


_HEAD = b'{"crc":"'
_TEXT = len(_HEAD) + 8 + len(b'",')


def line_of(event: Event) -> bytes:
    """The line of an event, with the newline that ends it."""
    text = codec.dump_event(event).encode("ascii")
    return b'%b%08x",%b\n' % (_HEAD, zlib.crc32(text), text[1:])


def read_line(line: bytes, earlier: Earlier | None = None) -> Event | None:
    """The event of a line without its newline; None for a type that this version does not know.

    `earlier` has seen the lines before it. Raises ValueError for a line that is torn or altered, NewerSchemaError for
    one that begins a run of a later format.
    """
    text = b"{" + line[_TEXT:]
    if not line.startswith(_HEAD) or line[_TEXT - 2 : _TEXT] != b'",':
        raise ValueError("it has no checksum")
    if b"%08x" % zlib.crc32(text) != line[len(_HEAD) : len(_HEAD) + 8]:
        raise ValueError("its checksum differs")
    return codec.load_event(text.decode("ascii"), earlier)


def read(lines: Iterator[bytes]) -> Iterator[Event | Torn]:
    """The events of the file in order, with a Torn in the place of each line that is none.

    `lines` are the file's lines with their newlines. Raises NewerSchemaError.
    """
    offset, earlier = 0, Earlier()
    for number, line in enumerate(lines, 1):
        text = line.rstrip(b"\n")
        if text:
            try:
                event = read_line(text, earlier)
            except ValueError as error:
                whole = line.endswith(b"\n")
                reason = str(error) if whole else "it does not end"
                yield Torn(number, offset, reason, not whole)
            else:
                if event is not None:
                    yield event
        offset += len(line)
