"""HTTP/1.1 on one connection: h11 writes the request and reads the answer's head."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeGuard

import h11

from smoke.model.exchange import ErrorKind, Phase
from smoke.text import safe_line, shorten
from smoke.transport.fault import NO_ANSWER, Fault
from smoke.transport.framing import Chunks, by_length, until_close
from smoke.transport.incoming import Incoming
from smoke.transport.looks import describe
from smoke.transport.prepare import Outgoing
from smoke.transport.record import TAP_LIMIT, ExchangeRecord
from smoke.transport.salvage import Salvaged, body_behind, salvage
from smoke.transport.stream import Stream

_READ = 64 * 1024
_JOINED = 64 * 1024
"""A body up to this size leaves in one write with its head."""
_INTERIM_LIMIT = 1_000
_INTERIM_KEPT = 100
BLANKS = b" " * (4 * 1024)
"""h11's pattern for a header takes quadratic time for a refused line with many blanks; no honest one has so many."""
_ALL_BLANKS = bytes.maketrans(b"\t\r\n", b"   ")
_GRACE = 0.5
"""Seconds that the bytes behind a refused head may take."""
_CHUNK = re.compile(rb"[0-9a-fA-F]{1,16}[ \t]*(;[^\n]*)?\r\n")
_BODILESS = frozenset({204, 304})


class Http1:
    """One exchange. The request is checked and written out before a connection is made."""

    def __init__(
        self, request: Outgoing, record: ExchangeRecord, *, max_head: int, target: bytes
    ) -> None:
        """Raises h11.LocalProtocolError when the request cannot be sent as it is."""
        self._record = record
        self._max_head = max_head
        self._interim = 0
        self._head_start = 0
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=max_head)
        self._method = request.method
        self._request = request
        head = self._h11.send(
            h11.Request(method=request.method, target=target, headers=request.headers)
        )
        body = self._h11.send(h11.Data(data=request.content)) if request.content else b""
        end = self._h11.send(h11.EndOfMessage())
        self._head, self._body = head or b"", (body or b"") + (end or b"")

    def send(self, stream: Stream) -> None:
        """Write the request. A server that stops reading is no fault yet: it may have answered."""
        self._record.phase = Phase.SEND
        if len(self._body) <= _JOINED:
            whole = stream.write(self._head + self._body)
        else:
            whole = stream.write(self._head) and stream.write(self._body)
        if whole:
            self._record.sent = self._record.deadline.elapsed()
        self._record.phase = Phase.WAIT

    def receive(self, stream: Stream) -> Incoming:
        """The response; its stream gives the body as it comes. Raises Fault when there is no status line."""
        record = self._record
        record.tap_limit = self._max_head + TAP_LIMIT
        try:
            head = self._read_head(stream)
        except Fault as fault:
            if fault.kind not in (ErrorKind.PROTOCOL, ErrorKind.HEADERS_TOO_LARGE):
                raise
            return self._salvaged(fault, stream)
        record.answered = True
        record.phase = Phase.RECEIVE
        record.tap_limit = TAP_LIMIT
        return Incoming(
            head.status_code,
            bytes(head.reason),
            b"HTTP/" + head.http_version,
            tuple(head.headers.raw_items()),
            self._body_of(head, stream),
        )

    def _read_head(self, stream: Stream) -> h11.Response | h11.InformationalResponse:
        while True:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                raise self._refused(error) from error
            if isinstance(event, h11.Response) or self._switches(event):
                return event
            if isinstance(event, h11.InformationalResponse):
                self._note_interim(event)
                continue
            data = stream.read(_READ)
            if not data:
                raise self._ended()
            self._check(len(data), stream)
            self._h11.receive_data(data)

    def _check(self, new: int, stream: Stream) -> None:
        """Raises Fault for what h11 would wait for or work on for too long. `new` bytes came last."""
        raw = self._record.raw
        if raw[:5] != b"HTTP/"[: len(raw)]:
            raise Fault(ErrorKind.PROTOCOL, describe(bytes(raw[:100])))
        if len(raw) > len(BLANKS) and has_blanks(raw[-new - len(BLANKS) :]):
            end = body_behind(raw, self._head_start)
            if not has_blanks(raw[self._head_start : end]):
                return
            while end == len(raw) < self._max_head and stream.read(_READ):
                end = body_behind(raw, self._head_start)
            raise Fault(ErrorKind.PROTOCOL, f"{len(BLANKS)} blanks in a row in the headers")

    def _switches(self, event: object) -> TypeGuard[h11.InformationalResponse]:
        """Whether it is the answer to a request for a WebSocket, which goes on over this connection."""
        return (
            self._request.messages is not None
            and isinstance(event, h11.InformationalResponse)
            and event.status_code == 101
        )

    def _note_interim(self, event: h11.InformationalResponse) -> None:
        self._interim += 1
        self._head_start = self._record.read_size - len(self._h11.trailing_data[0])
        if self._interim <= _INTERIM_KEPT:
            self._record.interim.append((event.status_code, tuple(event.headers.raw_items())))
        if self._interim > _INTERIM_LIMIT:
            raise Fault(
                ErrorKind.PROTOCOL,
                f"more than {_INTERIM_LIMIT} interim (1xx) answers and no final one",
            )

    def _ended(self) -> Fault:
        if not self._record.read_size:
            return Fault(ErrorKind.DISCONNECTED, NO_ANSWER)
        return Fault(
            ErrorKind.TRUNCATED,
            f"the connection closed within the headers, after {self._record.read_size} bytes",
        )

    def _refused(self, error: h11.RemoteProtocolError) -> Fault:
        if error.error_status_hint == 431:
            return Fault(
                ErrorKind.HEADERS_TOO_LARGE,
                f"the headers are too large: more than the limit of {self._max_head} bytes",
            )
        found = salvage(bytes(self._record.raw[self._head_start :]))
        if found is not None and found.status == 101:
            return Fault(
                ErrorKind.PROTOCOL, "the server switched protocols (101) without being asked"
            )
        if found is not None and not 100 <= found.status <= 999:
            return Fault(ErrorKind.PROTOCOL, f"{found.status} is no HTTP status code")
        what, _, line = str(error).partition(": ")
        line = line.removeprefix("bytearray(").removesuffix(")")
        shown = f"{what}: {line}" if line else what
        return Fault(
            ErrorKind.PROTOCOL,
            f"the answer's head breaks HTTP's rules: {shorten(safe_line(shown), 200)}",
        )

    def _body_of(
        self, head: h11.Response | h11.InformationalResponse, stream: Stream
    ) -> Iterator[bytes]:
        """The body by RFC 9112 6.3; h11 has made sure that the two headers say one thing each."""
        rest = self._h11.trailing_data[0]
        if self._switches(head):
            from smoke.transport.websocket import received

            raw = tuple(head.headers.raw_items())
            return received(rest, raw, stream, self._request, self._record)
        fields = dict(iter(head.headers))
        if self._method == "HEAD" or head.status_code in _BODILESS:
            self._record.leftover = rest + stream.leftover()
            return iter(())
        if b"transfer-encoding" in fields:
            return iter(Chunks(stream, rest, self._record))
        if b"content-length" in fields:
            return by_length(stream, rest, int(fields[b"content-length"]), self._record)
        self._record.ended_by_close = True
        return until_close(stream, rest)

    def _read_on(self, stream: Stream) -> None:
        """Take a little more of what is not HTTP: the tap keeps it."""
        self._record.deadline.narrow(_GRACE, ErrorKind.TIMEOUT, "")
        try:
            while len(self._record.raw) < TAP_LIMIT and stream.read(_READ):
                pass
        except Fault as fault:
            if fault.kind is ErrorKind.INTERRUPTED:
                raise

    def _salvaged(self, fault: Fault, stream: Stream) -> Incoming:
        """The response that can be made out in a head that breaks the rules; its stream ends with the fault."""
        record = self._record
        if self._interim > _INTERIM_LIMIT:
            raise fault
        raw = bytes(record.raw[self._head_start :])
        found = salvage(raw)
        if found is None:
            self._read_on(stream)
            raise fault
        record.answered = True
        record.phase = Phase.RECEIVE
        record.tap_limit = TAP_LIMIT
        known = record.read_size <= self._max_head + TAP_LIMIT
        start = raw[found.size :] if known else b""
        pieces: Iterable[bytes] = ()
        if fault.kind is not ErrorKind.HEADERS_TOO_LARGE:
            record.deadline.narrow(_GRACE, ErrorKind.TIMEOUT, "")
            pieces = _behind(start, found, stream, record)
        version = b"HTTP/" + found.version
        return Incoming(found.status, found.reason, version, found.headers, _then(fault, pieces))


def _behind(
    start: bytes, found: Salvaged, stream: Stream, record: ExchangeRecord
) -> Iterable[bytes]:
    """The body behind a refused head, as far as its end can be told."""
    if found.chunked and _CHUNK.match(start):
        return Chunks(stream, start, record)
    if found.length is not None:
        return by_length(stream, start, found.length, record)
    return until_close(stream, start)


def _then(fault: Fault, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces, then the fault that came before any other."""
    try:
        yield from pieces
    except Fault as later:
        if later.kind is ErrorKind.INTERRUPTED:
            raise
    raise fault


def has_blanks(data: bytes | bytearray) -> bool:
    """Whether so many blanks are in a row that h11 would take too long to refuse them."""
    # folded lines are joined by blanks before they are matched
    return BLANKS in data.translate(_ALL_BLANKS)
