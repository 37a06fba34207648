"""An answer whose head is there, and whose body is on its way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from smoke.model.event_stream import EventReader, SentEvent, StreamEnd, is_stream
from smoke.model.exchange import Headers
from smoke.transport.prepare import Outgoing
from smoke.transport.record import ExchangeRecord


class Incoming(Struct, frozen=True):
    """The head of a response; `pieces` gives the body as it comes, and raises Fault where it ends too soon."""

    status: int
    reason: bytes
    version: bytes
    headers: Headers
    pieces: Iterable[bytes]


def taken(answer: Incoming, request: Outgoing, record: ExchangeRecord) -> Iterator[bytes]:
    """The body as far as it has the events that are asked for, where it is a stream of them; all of any other. What came is kept whole."""
    media_type = next((v for k, v in answer.headers if k.lower() == b"content-type"), b"")
    name = media_type.partition(b";")[0].strip().lower().decode("latin-1")
    coded = any(k.lower() == b"content-encoding" for k, _ in answer.headers)
    if (
        not (request.events or request.until)
        or request.messages is not None
        or coded
        or not is_stream(name)
    ):
        yield from answer.pieces
        return
    reader = EventReader(name)
    record.stream = StreamEnd(0, met=False)
    for piece in answer.pieces:
        yield piece
        if _is_enough(reader.feed(piece), request, record):
            record.ended_by_close = True
            return
    _is_enough(reader.end(), request, record)


def _is_enough(events: Iterable[SentEvent], request: Outgoing, record: ExchangeRecord) -> bool:
    """Count the events that came; whether nothing more is waited for."""
    count = record.stream.events if record.stream is not None else 0
    for event in events:
        count += 1
        met = request.until is not None and request.until.is_met_by(event)
        record.stream = StreamEnd(count, met)
        if met or count == request.events:
            return True
    return False
