"""An answer whose head is there, and whose body is on its way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from smoke.model.event_stream import EventCounter, is_stream
from smoke.model.exchange import Headers
from smoke.transport.record import ExchangeRecord


class Incoming(Struct, frozen=True):
    """The head of a response; `pieces` gives the body as it comes, and raises Fault where it ends too soon."""

    status: int
    reason: bytes
    version: bytes
    headers: Headers
    pieces: Iterable[bytes]


def taken(answer: Incoming, events: int, record: ExchangeRecord) -> Iterator[bytes]:
    """The body as far as it has this many events, where it is a stream of them; all of any other. What came is kept whole."""
    media_type = next((v for k, v in answer.headers if k.lower() == b"content-type"), b"")
    name = media_type.partition(b";")[0].strip().lower().decode("latin-1")
    coded = any(k.lower() == b"content-encoding" for k, _ in answer.headers)
    if coded or not is_stream(name):
        yield from answer.pieces
        return
    counter = EventCounter(name)
    for piece in answer.pieces:
        yield piece
        counter.feed(piece)
        if counter.count >= events:
            record.ended_by_close = True
            return
