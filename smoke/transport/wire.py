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
from msgspec import Struct
from msgspec.structs import replace

from smoke.model.exchange import ErrorKind
from smoke.text import safe_line, shorten
from smoke.transport.dial import dial
from smoke.transport.fault import Fault
from smoke.transport.http1 import Http1
from smoke.transport.incoming import Incoming
from smoke.transport.options import Options
from smoke.transport.prepare import Outgoing
from smoke.transport.proxy import Proxy, refusal, tunnel
from smoke.transport.record import ExchangeRecord
from smoke.transport.stream import Stream
from smoke.transport.url import Url

if TYPE_CHECKING:  # TLS is loaded for the first https request, detours where some are given
    import ssl

    from smoke.transport.detours import Detours
    from smoke.transport.exempt import Exempt


class Way(Struct, frozen=True):
    """How a request gets to its server.

    To which host and port, at which addresses (those that it resolves to, where there are none), and through which
    proxy, which is asked for a tunnel or for the whole request.
    """

    host: str
    port: int
    addresses: tuple[str, ...]
    proxy: Proxy | None
    tunnelled: bool

    @property
    def asked_of_proxy(self) -> str:
        """The host that the proxy is asked for."""
        return self.addresses[0] if self.addresses else self.host


class Wire:
    """Sends requests, each over a connection of its own. Thread-safe."""

    def __init__(self, options: Options) -> None:
        """Raises SmokeError when the options cannot be used."""
        self._options = options
        self._proxy: Proxy | None = None
        self._exempt: tuple[Exempt, ...] = ()
        if options.proxy is not None:
            self._proxy = Proxy.of(options.proxy, options.proxy_password)
        if options.no_proxy:
            from smoke.transport.exempt import read_exempt

            self._exempt = read_exempt(options.no_proxy)
        self._detours: Detours | None = None
        if options.resolve or options.connect_to:
            from smoke.transport.detours import Detours

            self._detours = Detours.of(options)
        self._lock = threading.Lock()
        self._contexts: dict[tuple[bool, bool], ssl.SSLContext] = {}
        # files that cannot be used are told before anything is sent
        if options.ca_file is not None or options.client_cert is not None:
            self._context(client=options.client_cert is not None)

    def _context(self, *, client: bool = False, only_http1: bool = False) -> ssl.SSLContext:
        """A TLS context, which shows a certificate of the client or none; a proxy, and for a WebSocket, is asked over HTTP/1.1.

        Made for the first https request, then shared: reading the authorities takes 20 ms.
        """
        from smoke.transport.tls import make_context

        with self._lock:
            if (client, only_http1) not in self._contexts:
                options = replace(self._options, http2=False) if only_http1 else self._options
                self._contexts[client, only_http1] = make_context(options, client=client)
            return self._contexts[client, only_http1]

    def _knows_client(self, url: Url) -> bool:
        """Whether a client certificate is shown to a server: it is meant for one origin, and nobody else sees it."""
        options = self._options
        return options.client_cert is not None and options.client_origin in (
            None,
            (url.host, url.dialled),
        )

    def send(self, request: Outgoing, record: ExchangeRecord) -> tuple[Incoming, Stream]:
        """The answer, whose body has to be read, and the connection, which has to be closed. Raises Fault."""
        secure = request.url.scheme == "https"
        talks = request.messages is not None
        way = self._way(request.url, tunnelled=secure or talks)
        http1 = self._checked(request, record, way)
        context = None
        if secure:
            context = self._context(client=self._knows_client(request.url), only_http1=talks)
        stream = Stream(self._dial(way, record), record)
        try:
            if way.proxy is not None:
                self._through(way.proxy, stream, way, record)
            chosen = _secured(stream, context, request.url, way, record)
            record.deadline.widen()
            answer = _over(chosen, stream, request, http1, record)
            if way.proxy is not None and not way.tunnelled:
                record.refused = refusal(answer.status, way.proxy)
            return answer, stream
        except BaseException:
            stream.close()
            raise

    def _way(self, url: Url, *, tunnelled: bool) -> Way:
        host, port = url.host, url.dialled
        addresses: tuple[str, ...] = ()
        if self._detours is not None:
            found = self._detours.destination(host, port)
            host, port, addresses = found.host, found.port, found.addresses
        proxy = self._proxy
        if proxy is not None and any(rule.covers(url.host, url.dialled) for rule in self._exempt):
            proxy = None
        detour = bool(addresses) or (host, port) != (url.host, url.dialled)
        return Way(host, port, addresses, proxy, tunnelled=tunnelled or detour)

    def _through(self, proxy: Proxy, stream: Stream, way: Way, record: ExchangeRecord) -> None:
        """Speak TLS with a proxy that does, and ask it for a tunnel where one is needed. Raises Fault."""
        if proxy.secure:
            from smoke.transport.tls import start_tls

            try:
                start_tls(stream, self._context(only_http1=True), proxy.host, record)
            except Fault as fault:
                raise Fault(fault.kind, f"the proxy is not reached: {fault.message}") from fault
        if way.tunnelled:
            tunnel(stream, way.asked_of_proxy, way.port, proxy, record)

    def _checked(self, request: Outgoing, record: ExchangeRecord, way: Way) -> Http1:
        target = request.url.target
        if way.proxy is not None and not way.tunnelled:
            # RFC 9112 3.2.2: a proxy is asked for the whole URL
            target = request.url.text.encode("ascii")
            if way.proxy.authorization is not None:
                name = b"proxy-authorization"
                others = [field for field in request.headers if field[0].lower() != name]
                request.headers = [*others, (b"Proxy-Authorization", way.proxy.authorization)]
        try:
            return Http1(request, record, max_head=self._options.max_head, target=target)
        except UnicodeError as error:
            raise Fault(
                ErrorKind.BLOCKED, "the request cannot be sent: its method is not ASCII"
            ) from error
        except h11.LocalProtocolError as error:
            words = shorten(safe_line(str(error)), 200)
            raise Fault(ErrorKind.BLOCKED, f"the request cannot be sent: {words}") from error

    def _dial(self, way: Way, record: ExchangeRecord) -> socket.socket:
        limit, version = self._options.connect_timeout, self._options.ip_version
        if way.proxy is None:
            return dial(way.host, way.port, record, limit, given=way.addresses, version=version)
        try:
            return dial(way.proxy.host, way.proxy.port, record, limit, version=version)
        except Fault as fault:
            raise Fault(fault.kind, f"the proxy is not reached: {fault.message}") from fault


def _secured(
    stream: Stream, context: ssl.SSLContext | None, url: Url, way: Way, record: ExchangeRecord
) -> str:
    """The protocol that ALPN chose, when there is TLS."""
    if context is None:
        return ""
    from smoke.transport.tls import expiry, start_tls

    protocol = start_tls(stream, context, url.host, record, direct=way.proxy is None)
    record.certificate_until = expiry(stream.secured)
    return protocol


def _over(
    chosen: str, stream: Stream, request: Outgoing, http1: Http1, record: ExchangeRecord
) -> Incoming:
    if chosen == "h2":
        from smoke.transport import http2

        return http2.exchange(stream, request, record)
    http1.send(stream)
    return http1.receive(stream)
