"""Makes one connection for each request and notes all that happens on it.

It stands in the place of httpx.Client and of httpcore's pool, and not of h11, the parser of all three: httpcore keeps
connections, drops 1xx answers and trailers, and loses what it cannot parse; httpx.Client would parse the Location of a
redirect and raise when it is bad, and would keep cookies of its own.
"""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import h11

from smoke.model.exchange import ErrorKind
from smoke.text import safe_line, shorten
from smoke.transport.dial import dial
from smoke.transport.fault import Fault
from smoke.transport.http1 import Http1
from smoke.transport.incoming import Incoming
from smoke.transport.options import Options
from smoke.transport.prepare import Outgoing
from smoke.transport.proxy import Proxy, tunnel
from smoke.transport.record import ExchangeRecord
from smoke.transport.stream import Stream
from smoke.transport.url import Url

if TYPE_CHECKING:  # TLS is loaded for the first https request
    import ssl


class Wire:
    """Sends requests, each over a connection of its own. Thread-safe."""

    def __init__(self, options: Options) -> None:
        """Raises SmokeError when the options cannot be used."""
        self._options = options
        self._proxy = None if options.proxy is None else Proxy.of(options.proxy)
        self._lock = threading.Lock()
        # a CA file that cannot be used is told before anything is sent
        self._context: ssl.SSLContext | None = None
        if options.ca_file is not None:
            self.context()

    def context(self) -> ssl.SSLContext:
        """The TLS context: made for the first https request, then shared (reading the authorities takes 20 ms)."""
        from smoke.transport.tls import make_context

        with self._lock:
            if self._context is None:
                self._context = make_context(self._options)
            return self._context

    def send(self, request: Outgoing, record: ExchangeRecord) -> tuple[Incoming, Stream]:
        """The answer, whose body has to be read, and the connection, which has to be closed. Raises Fault."""
        secure = request.url.scheme == "https"
        http1 = self._checked(request, record, secure=secure)
        context = self.context() if secure else None
        sock = self._dial(request.url, record)
        stream = Stream(sock, record)
        try:
            chosen = self._secure(stream, context, request.url, record)
            record.deadline.widen()
            return _over(chosen, stream, request, http1, record), stream
        except BaseException:
            stream.close()
            raise

    def _checked(self, request: Outgoing, record: ExchangeRecord, *, secure: bool) -> Http1:
        target = request.url.target
        if self._proxy is not None and not secure:
            # RFC 9112 3.2.2: a proxy is asked for the whole URL
            target = request.url.text.encode("ascii")
            if self._proxy.authorization is not None:
                name = b"proxy-authorization"
                others = [field for field in request.headers if field[0].lower() != name]
                request.headers = [*others, (b"Proxy-Authorization", self._proxy.authorization)]
        try:
            return Http1(request, record, max_head=self._options.max_head, target=target)
        except UnicodeError as error:
            raise Fault(
                ErrorKind.BLOCKED, "the request cannot be sent: its method is not ASCII"
            ) from error
        except h11.LocalProtocolError as error:
            words = shorten(safe_line(str(error)), 200)
            raise Fault(ErrorKind.BLOCKED, f"the request cannot be sent: {words}") from error

    def _dial(self, url: Url, record: ExchangeRecord) -> socket.socket:
        if self._proxy is None:
            return dial(url.host, url.dialled, record, self._options.connect_timeout)
        try:
            return dial(self._proxy.host, self._proxy.port, record, self._options.connect_timeout)
        except Fault as fault:
            raise Fault(fault.kind, f"the proxy is not reached: {fault.message}") from fault

    def _secure(
        self, stream: Stream, context: ssl.SSLContext | None, url: Url, record: ExchangeRecord
    ) -> str:
        """The protocol that ALPN chose, when there is TLS."""
        if context is None:
            return ""
        if self._proxy is not None:
            tunnel(stream.sock, url.host, url.dialled, self._proxy, record)
        from smoke.transport.tls import start_tls

        return start_tls(stream, context, url.host, record, direct=self._proxy is None)


def _over(
    chosen: str, stream: Stream, request: Outgoing, http1: Http1, record: ExchangeRecord
) -> Incoming:
    if chosen == "h2":
        from smoke.transport import http2

        return http2.exchange(stream, request, record)
    http1.send(stream)
    return http1.receive(stream)
