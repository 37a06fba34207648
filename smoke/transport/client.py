"""The client of a run: one request in, one raw exchange out, whatever happens between."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Self

from smoke.diagnostic import SmokeError
from smoke.engine.ports import SpillFactory
from smoke.extras import install_command
from smoke.model.exchange import (
    Completeness,
    Delivery,
    ErrorKind,
    Phase,
    RawExchange,
    RawResponse,
    Request,
    TransportError,
)
from smoke.transport.body import BodySink
from smoke.transport.deadline import Deadline
from smoke.transport.decode import parse_codings
from smoke.transport.fault import Fault, completeness_of
from smoke.transport.incoming import Incoming, taken
from smoke.transport.options import Options
from smoke.transport.prepare import Outgoing, prepare, sent
from smoke.transport.record import TAP_LIMIT, ExchangeRecord
from smoke.transport.wire import Wire

_UNDECODED = frozenset({ErrorKind.PROTOCOL, ErrorKind.HEADERS_TOO_LARGE})


_CONSEQUENCE = {
    Delivery.NOT_SENT: "; no request was sent",
    Delivery.MAYBE_SENT: "; the server may have carried the request out",
    Delivery.SENT: "",
}


class Client:
    """Sends requests, each on a connection of its own. Thread-safe; nothing is kept between two requests."""

    def __init__(
        self,
        options: Options | None = None,
        *,
        waiting: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`waiting` is entered while a thread waits. Raises SmokeError when the options cannot be used."""
        self._options = options or Options()
        self._waiting = waiting
        if self._options.http2 and importlib.util.find_spec("h2") is None:
            raise SmokeError.of(
                "http2-missing",
                "HTTP/2 needs a package that is not installed",
                notes=[install_command("http2")],
            )
        self._wire = Wire(self._options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing stays open between two requests; here for symmetry with other clients."""

    def send(
        self,
        request: Request,
        *,
        exchange_id: str,
        timeout: float,
        spill: SpillFactory,
        cancelled: threading.Event | None = None,
    ) -> RawExchange:
        """The exchange as it happened, within `timeout` seconds in all. Redirects are answers like others.

        Raises nothing for what a server or a network does; only what `spill` raises and a CA file that cannot be used.
        """
        record = ExchangeRecord(Deadline(timeout, cancelled, self._waiting))
        made: Outgoing | None = None
        response: RawResponse | None = None
        fault: Fault | None = None
        try:
            made = prepare(request)
            response, fault = self._exchange(made, record, spill)
            if record.refused is not None:  # no answer of the shop: its bytes are kept as they came
                response, fault = None, record.refused
        except Fault as caught:
            fault = caught
        return RawExchange(
            id=exchange_id,
            request=request if made is None else sent(made),
            response=response,
            error=None if fault is None else _error(fault, record),
            timing=record.timing(),
            peer=record.peer,
            undecoded=_undecoded(response, fault, record),
            leftover=record.leftover[:TAP_LIMIT],
            certificate_until=record.certificate_until,
        )

    def _exchange(
        self, request: Outgoing, record: ExchangeRecord, spill: SpillFactory
    ) -> tuple[RawResponse, Fault | None]:
        answer, connection = self._wire.send(request, record)
        try:
            return self._receive(answer, record, spill, request)
        finally:
            connection.close()

    def _receive(
        self, answer: Incoming, record: ExchangeRecord, spill: SpillFactory, request: Outgoing
    ) -> tuple[RawResponse, Fault | None]:
        headers = answer.headers
        encodings = [value for name, value in headers if name.lower() == b"content-encoding"]
        sink = BodySink(
            parse_codings(encodings) if encodings else (),
            spill=spill,
            max_body=self._options.max_body,
            deadline=record.deadline,
            declared_size=_declared(headers),
            content_encoding=b", ".join(encodings).decode("latin-1"),
        )
        fault: Fault | None = None
        try:
            for piece in taken(answer, request, record):
                sink.feed(piece)
        except Fault as caught:
            fault = caught
        body, damage = sink.finish(_completeness(fault, record))
        return RawResponse(
            status=answer.status,
            reason=answer.reason,
            http_version=answer.version.decode("ascii"),
            headers=headers,
            body=body,
            trailers=record.trailers,
            interim=tuple(record.interim),
            stream=record.stream,
        ), fault or damage


def _completeness(fault: Fault | None, record: ExchangeRecord) -> Completeness:
    if fault is not None:
        return completeness_of(fault.kind)
    return Completeness.UNPROVEN if record.ended_by_close else Completeness.COMPLETE


def _declared(headers: tuple[tuple[bytes, bytes], ...]) -> int | None:
    values = {value for name, value in headers if name.lower() == b"content-length"}
    if len(values) != 1:
        return None
    (value,) = values
    return int(value) if value.isdigit() and len(value) < 20 else None


def _error(fault: Fault, record: ExchangeRecord) -> TransportError:
    phase = Phase.PREPARE if fault.kind is ErrorKind.BLOCKED else record.phase
    delivery = record.delivery()
    words = fault.message
    if phase is not Phase.PREPARE:
        words += _CONSEQUENCE[delivery]
    return TransportError(fault.kind, phase, delivery, words)


def _undecoded(response: RawResponse | None, fault: Fault | None, record: ExchangeRecord) -> bytes:
    """The raw bytes, where no response could be made of them or the rules were broken."""
    if fault is None or (response is not None and fault.kind not in _UNDECODED):
        return b""
    return bytes(record.raw[:TAP_LIMIT])
