"""HTTP/2 on one connection, where ALPN chose it: httpcore frames it, over our stream and its deadline.

Interim answers and trailers are not given by httpcore; what was received is tapped as frames.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

import h2.exceptions
import httpcore

from smoke.model.exchange import ErrorKind, Phase
from smoke.text import safe_line, shorten
from smoke.transport.fault import NO_ANSWER, Fault
from smoke.transport.incoming import Incoming
from smoke.transport.looks import describe
from smoke.transport.prepare import Outgoing
from smoke.transport.record import ExchangeRecord
from smoke.transport.stream import Stream

_CONNECTION_HEADERS = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)
"""RFC 9113 8.2.2: these speak of an HTTP/1.1 connection and make an HTTP/2 request malformed."""

_SETTINGS = 4

_ERRORS = (httpcore.ProtocolError, httpcore.NetworkError, h2.exceptions.H2Error)


def exchange(stream: Stream, request: Outgoing, record: ExchangeRecord) -> Incoming:
    """The response; its stream gives the body as it comes. Raises Fault."""
    url = request.url
    request.headers = [
        field for field in request.headers if field[0].lower() not in _CONNECTION_HEADERS
    ]
    scheme, host = url.scheme.encode("ascii"), url.host.encode("ascii")
    origin = httpcore.Origin(scheme, host, url.dialled)
    connection = httpcore.HTTP2Connection(origin, _Network(stream, record))
    record.phase = Phase.SEND
    try:
        answer = connection.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=scheme, host=host, port=url.port, target=url.target),
                headers=request.headers,
                content=request.content,
            )
        )
    except _ERRORS as error:
        raise _fault(error, record) from error
    record.answered = True
    record.phase = Phase.RECEIVE
    return Incoming(answer.status, b"", b"HTTP/2", tuple(answer.headers), _body(answer, record))


def _body(answer: httpcore.Response, record: ExchangeRecord) -> Iterator[bytes]:
    try:
        yield from answer.iter_stream()
    except _ERRORS as error:
        raise _fault(error, record) from error


def _fault(error: Exception, record: ExchangeRecord) -> Fault:
    words = shorten(safe_line(str(error)), 200)
    if "StreamReset" in words:
        return Fault(ErrorKind.RESET, f"the server reset the HTTP/2 stream: {words}")
    if "disconnected" in words or "ConnectionTerminated" in words:
        if record.answered:
            return Fault(ErrorKind.TRUNCATED, f"the server ended the HTTP/2 connection: {words}")
        return Fault(ErrorKind.DISCONNECTED, f"{NO_ANSWER} ({words})")
    return Fault(ErrorKind.PROTOCOL, f"the answer breaks the rules of HTTP/2: {words}")


class _Network(httpcore.NetworkStream):
    """Our stream as httpcore wants it; its timeouts are not used, the deadline is."""

    def __init__(self, stream: Stream, record: ExchangeRecord) -> None:
        self._stream = stream
        self._record = record

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        if self._record.phase is Phase.SEND:
            self._record.sent = self._record.deadline.elapsed()
            self._record.phase = Phase.WAIT
        try:
            data = self._stream.read(max_bytes)
        except Fault as fault:
            if fault.kind is ErrorKind.TRUNCATED and not self._record.answered:
                raise Fault(ErrorKind.DISCONNECTED, NO_ANSWER) from fault
            raise
        raw = self._record.raw
        # RFC 9113 3.4: the first frame of a server is SETTINGS; h2 would wait for megabytes of a foreign one
        if len(raw) > 3 and raw[3] != _SETTINGS:
            raise Fault(ErrorKind.PROTOCOL, describe(bytes(raw[:100])))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        self._stream.write(buffer)

    def close(self) -> None:
        """The stream's owner closes it."""

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        raise NotImplementedError("TLS stands before HTTP/2 begins")

    def get_extra_info(self, info: str) -> Any:
        del info
        return None
