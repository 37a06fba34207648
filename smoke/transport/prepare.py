"""From a request of the model to one that can be sent: URL and headers complete, or refused before a connection."""

from __future__ import annotations

import base64
import functools
from urllib.parse import unquote_to_bytes

import httpx

from smoke.model.exchange import ErrorKind, Headers, Request
from smoke.transport.decode import ACCEPTED
from smoke.transport.fault import Fault
from smoke.version import __version__

_AGENT = f"checkout-smoke/{__version__}".encode("ascii")


def prepare(request: Request) -> httpx.Request:
    """The request with the headers that it lacks. Raises Fault when it cannot be sent.

    `Connection: close` is sent because there is one exchange to a connection (RFC 9112 9.6).
    """
    url = _url(request.url)
    names = {name.lower() for name, _ in request.headers}
    headers = list(request.headers)
    extra = [
        (b"User-Agent", _AGENT),
        (b"Accept", b"*/*"),
        (b"Accept-Encoding", ACCEPTED),
        (b"Connection", b"close"),
    ]
    if url.userinfo:
        extra.append((b"Authorization", basic(url.userinfo)))
        url = url.copy_with(userinfo=b"")
    headers += [(name, value) for name, value in extra if name.lower() not in names]
    if request.method.upper() == "CONNECT":
        raise Fault(ErrorKind.BLOCKED, "CONNECT is no request for a scenario")
    made = httpx.Request(request.method, url, headers=headers, content=request.body or None)
    fields = made.headers.raw
    if fields[0][0].lower() != b"host":
        # RFC 9112 3.2: Host comes first; httpx puts its own there, not one that was given
        made.headers = httpx.Headers(
            [f for f in fields if f[0].lower() == b"host"]
            + [f for f in fields if f[0].lower() != b"host"]
        )
    return made


def basic(userinfo: bytes) -> bytes:
    """The value of an Authorization header for the `user:password` part of a URL (RFC 7617)."""
    name, _, password = userinfo.partition(b":")
    plain = unquote_to_bytes(name) + b":" + unquote_to_bytes(password)
    return b"Basic " + base64.b64encode(plain)


def sent(request: httpx.Request) -> Request:
    """The request as it leaves: what the exchange keeps."""
    headers: Headers = tuple(request.headers.raw)
    return Request(request.method, str(request.url), headers, request.content)


@functools.lru_cache(maxsize=64)  # a URL never changes, and a shop has few
def _url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise Fault(ErrorKind.BLOCKED, f"the URL cannot be used: {error}") from error
    if url.scheme not in ("http", "https"):
        raise Fault(ErrorKind.BLOCKED, f"only http and https are opened, not '{url.scheme[:20]}'")
    if not url.host:
        raise Fault(ErrorKind.BLOCKED, "the URL names no host")
    if url.port is not None and not 1 <= url.port <= 65535:
        raise Fault(ErrorKind.BLOCKED, f"the URL's port {url.port} is not one of 1 to 65535")
    return url
