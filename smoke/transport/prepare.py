"""From a request of the model to one that can be sent: URL and headers complete, or refused before a connection."""

from __future__ import annotations

import base64
import importlib.util
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from smoke.model.event_stream import WantedEvent
from smoke.model.exchange import ErrorKind, Request
from smoke.model.messages import WEBSOCKET, messages_of
from smoke.transport.decode import ACCEPTED
from smoke.transport.fault import Fault
from smoke.transport.url import Url, read_url
from smoke.version import __version__

_AGENT = f"checkout-smoke/{__version__}".encode("ascii")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Outgoing(Struct):
    """A request that is complete. A proxy and HTTP/2 change its headers yet.

    `content` is what leaves, `plain` the body before it was compressed, where it was.
    """

    method: str
    url: Url
    headers: list[tuple[bytes, bytes]]
    content: bytes
    plain: bytes | None = None
    events: int = 0
    until: WantedEvent | None = None
    messages: tuple[str, ...] | None = None
    """What is sent over the WebSocket that the request asks for; None where it asks for none."""


def prepare(request: Request) -> Outgoing:
    """The request with the headers that it lacks. Raises Fault when it cannot be sent.

    `Connection: close` is sent because there is one exchange to a connection (RFC 9112 9.6).
    """
    url = read_url(request.url)
    method = request.method.upper()
    if method == WEBSOCKET:
        return _websocket(request, url)
    if method == "CONNECT":
        raise Fault(ErrorKind.BLOCKED, "CONNECT is no request for a scenario")
    names = {name.lower() for name, _ in request.headers}
    extra = [
        (b"User-Agent", _AGENT),
        (b"Accept", b"*/*"),
        (b"Accept-Encoding", ACCEPTED),
        (b"Connection", b"close"),
    ]
    if url.userinfo:
        extra.append((b"Authorization", basic(url.userinfo)))
    content = _compressed(request.body) if request.gzip else request.body
    if content:
        extra.append((b"Content-Length", b"%d" % len(content)))
    headers = [*request.headers, *(field for field in extra if field[0].lower() not in names)]
    if not request.body and method in _WITH_BODY and not names & {_LENGTH, _CODING}:
        # RFC 9110 8.6: a method that is about its content says that there is none
        headers.insert(0, (b"Content-Length", b"0"))
    _host_first(headers, url)
    plain = request.body if request.gzip else None
    return Outgoing(method, url, headers, content, plain, request.events, request.until)


def _host_first(headers: list[tuple[bytes, bytes]], url: Url) -> None:
    """RFC 9112 3.2: Host comes first."""
    if all(name.lower() != b"host" for name, _ in headers):
        headers.insert(0, (b"Host", url.authority))
    elif headers[0][0].lower() != b"host":
        headers.sort(key=lambda field: field[0].lower() != b"host")


def _websocket(request: Request, url: Url) -> Outgoing:
    """The handshake, which is a GET; its body is what is sent behind it."""
    from smoke.transport.websocket import handshake

    if importlib.util.find_spec("wsproto") is None:
        raise Fault(ErrorKind.BLOCKED, "a WebSocket needs a package that is not installed: wsproto")
    ours = handshake()
    names = {name.lower() for name, _ in ours}
    headers = [field for field in request.headers if field[0].lower() not in names]
    if all(name.lower() != b"user-agent" for name, _ in headers):
        headers.append((b"User-Agent", _AGENT))
    headers += ours
    _host_first(headers, url)
    try:
        messages = messages_of(request.body.decode())
    except ValueError as error:
        raise Fault(ErrorKind.BLOCKED, "the messages of a WebSocket are none") from error
    return Outgoing(
        "GET",
        url,
        headers,
        b"",
        request.body,
        request.events,
        request.until,
        tuple(messages),
    )


def _compressed(body: bytes) -> bytes:
    """A body as gzip (RFC 1952), the same bytes each time: it says nothing of when it was made."""
    import zlib

    return zlib.compress(body, wbits=31)


_LENGTH = b"content-length"
_CODING = b"transfer-encoding"


def basic(userinfo: bytes) -> bytes:
    """The value of an Authorization header for the `user:password` part of a URL (RFC 7617)."""
    name, _, password = userinfo.partition(b":")
    plain = unquote_to_bytes(name) + b":" + unquote_to_bytes(password)
    return b"Basic " + base64.b64encode(plain)


def sent(request: Outgoing) -> Request:
    """The request as it leaves: what the exchange keeps."""
    talks = request.messages is not None
    return Request(
        WEBSOCKET if talks else request.method,
        request.url.text,
        tuple(request.headers),
        request.content if request.plain is None else request.plain,
        gzip=request.plain is not None and not talks,
        events=request.events,
        until=request.until,
    )
