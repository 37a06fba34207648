"""An httpx transport that makes one connection for each request and notes all that happens on it.

It replaces the pool of httpcore and not h11, the parser that both share: httpcore keeps connections, drops 1xx answers
and trailers, and loses what it cannot parse. It is called as a transport and not through httpx.Client, which would parse
the Location of a redirect and raise when it is bad, and would keep cookies of its own.
"""

from __future__ import annotations

import ssl
import threading

import h11
import httpx

from smoke.model.exchange import ErrorKind
from smoke.transport.dial import dial
from smoke.transport.fault import Fault
from smoke.transport.http1 import Http1
from smoke.transport.options import Options
from smoke.transport.record import Record
from smoke.transport.stream import Stream
from smoke.transport.tls import make_context, start_tls

_PORTS = {"http": 80, "https": 443}


class Wire(httpx.BaseTransport):
    """Sends requests whose extension `record` is the Record to note them in. Thread-safe."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext:
        """The TLS context: made for the first https request, then shared (reading the authorities takes 20 ms)."""
        with self._lock:
            if self._context is None:
                self._context = make_context(self._options)
            return self._context

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response, whose stream has to be read and closed. Raises Fault."""
        record: Record = request.extensions["record"]
        url = request.url
        try:
            http1 = Http1(request, record, max_head=self._options.max_head, target=url.raw_path)
        except h11.LocalProtocolError as error:
            raise Fault(ErrorKind.BLOCKED, f"the request cannot be sent: {error}") from error
        secure = url.scheme == "https"
        context = self.context() if secure else None
        port = url.port or _PORTS[url.scheme]
        sock = dial(url.host, port, record, self._options.connect_timeout)
        stream = Stream(sock, record)
        try:
            if context is not None:
                start_tls(stream, context, url.host, record)
            record.deadline.widen()
            http1.send(stream)
            response = http1.receive(stream)
        except BaseException:
            stream.close()
            raise
        response.extensions["connection"] = stream
        return response
