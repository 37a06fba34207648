"""An httpx transport that makes one connection for each request and notes all that happens on it.

It replaces the pool of httpcore and not h11, the parser that both share: httpcore keeps connections, drops 1xx answers
and trailers, and loses what it cannot parse. It is called as a transport and not through httpx.Client, which would parse
the Location of a redirect and raise when it is bad, and would keep cookies of its own.
"""

from __future__ import annotations

import socket
import ssl
import threading

import h11
import httpx

from smoke.model.exchange import ErrorKind
from smoke.text import safe_line, shorten
from smoke.transport.dial import dial
from smoke.transport.fault import Fault
from smoke.transport.http1 import Http1
from smoke.transport.options import Options
from smoke.transport.proxy import Proxy, tunnel
from smoke.transport.record import ExchangeRecord
from smoke.transport.stream import Stream
from smoke.transport.tls import make_context, start_tls

_PORTS = {"http": 80, "https": 443}


class Wire(httpx.BaseTransport):
    """Sends requests whose extension `record` is the Record to note them in. Thread-safe."""

    def __init__(self, options: Options) -> None:
        """Raises SmokeError when the options cannot be used."""
        self._options = options
        self._proxy = None if options.proxy is None else Proxy.of(options.proxy)
        self._lock = threading.Lock()
        # a CA file that cannot be used is told before anything is sent
        self._context = None if options.ca_file is None else make_context(options)

    def context(self) -> ssl.SSLContext:
        """The TLS context: made for the first https request, then shared (reading the authorities takes 20 ms)."""
        with self._lock:
            if self._context is None:
                self._context = make_context(self._options)
            return self._context

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response, whose stream has to be read; `connection` of its extensions has to be closed. Raises Fault."""
        record: ExchangeRecord = request.extensions["record"]
        secure = request.url.scheme == "https"
        http1 = self._checked(request, record, secure=secure)
        context = self.context() if secure else None
        sock = self._dial(request.url, record)
        stream = Stream(sock, record)
        try:
            chosen = self._secure(stream, context, request.url, record)
            record.deadline.widen()
            response = _over(chosen, stream, request, http1, record)
        except BaseException:
            stream.close()
            raise
        response.extensions["connection"] = stream
        return response

    def _checked(self, request: httpx.Request, record: ExchangeRecord, *, secure: bool) -> Http1:
        target = request.url.raw_path
        if self._proxy is not None and not secure:
            # RFC 9112 3.2.2: a proxy is asked for the whole URL
            target = str(request.url).encode("ascii")
            if self._proxy.authorization is not None:
                request.headers["Proxy-Authorization"] = self._proxy.authorization.decode("ascii")
        try:
            return Http1(request, record, max_head=self._options.max_head, target=target)
        except UnicodeError as error:
            raise Fault(
                ErrorKind.BLOCKED, "the request cannot be sent: its method is not ASCII"
            ) from error
        except h11.LocalProtocolError as error:
            words = shorten(safe_line(str(error)), 200)
            raise Fault(ErrorKind.BLOCKED, f"the request cannot be sent: {words}") from error

    def _dial(self, url: httpx.URL, record: ExchangeRecord) -> socket.socket:
        if self._proxy is None:
            return dial(
                _host(url), url.port or _PORTS[url.scheme], record, self._options.connect_timeout
            )
        try:
            return dial(self._proxy.host, self._proxy.port, record, self._options.connect_timeout)
        except Fault as fault:
            raise Fault(fault.kind, f"the proxy is not reached: {fault.message}") from fault

    def _secure(
        self, stream: Stream, context: ssl.SSLContext | None, url: httpx.URL, record: ExchangeRecord
    ) -> str:
        """The protocol that ALPN chose, when there is TLS."""
        if context is None:
            return ""
        if self._proxy is not None:
            tunnel(stream.sock, _host(url), url.port or 443, self._proxy, record)
        return start_tls(stream, context, _host(url), record, direct=self._proxy is None)


def _host(url: httpx.URL) -> str:
    """The host as the network knows it: international names in their ASCII form."""
    return url.raw_host.decode("ascii")


def _over(
    chosen: str, stream: Stream, request: httpx.Request, http1: Http1, record: ExchangeRecord
) -> httpx.Response:
    if chosen == "h2":
        from smoke.transport import http2

        return http2.exchange(stream, request, record)
    http1.send(stream)
    return http1.receive(stream)
