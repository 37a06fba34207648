"""A URL taken apart, as it is asked for.

What is plainly a URL in its normal form is read here: httpx takes a fifth of a short run to load. Whatever is not goes
to `httpx.URL`, which brings it into that form or words the fault; for a plain one it gives what this gives.
"""

from __future__ import annotations

import functools
import re

from msgspec import Struct

from smoke.model.exchange import ErrorKind
from smoke.transport.fault import Fault

PORTS = {"http": 80, "https": 443}

_PLAIN = re.compile(
    r"(?P<scheme>https?)://"
    # a name whose last label is no number, which could be an address that needs a look, or an IPv4 address
    r"(?P<host>(?:[a-z0-9_-]{1,63}\.){0,9}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"|(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d))"
    r"(?::(?P<port>[1-9]\d{0,4}))?"
    r"(?P<target>/[A-Za-z0-9_~!$&'()*+,;=:@/.-]*(?:\?[A-Za-z0-9_~!$&'()*+,;=:@/?.-]*)?)",
    re.ASCII,
)
_LONGEST = 8 * 1024


class Url(Struct, frozen=True):
    """A URL in its normal form. `host` is as the network knows it, `target` what an origin is asked for (RFC 9112 3.2.1)."""

    text: str
    scheme: str
    host: str
    port: int | None
    target: bytes
    userinfo: bytes = b""

    @property
    def dialled(self) -> int:
        """The port that is connected to."""
        return self.port or PORTS[self.scheme]

    @property
    def authority(self) -> bytes:
        """The value of Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (host if self.port is None else f"{host}:{self.port}").encode("ascii")


@functools.lru_cache(maxsize=64)  # a URL never changes, and a shop has few
def read_url(text: str) -> Url:
    """The parts of a URL that can be asked for. Raises Fault."""
    return _plain(text) or _with_httpx(text)


def _plain(text: str) -> Url | None:
    found = _PLAIN.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    scheme, host, port, target = found.group("scheme", "host", "port", "target")
    number = None if port is None else int(port)
    if "/." in target or number == PORTS[scheme] or (number or 0) > 65535:
        return None
    return Url(text, scheme, host, number, target.encode("ascii"))


def _with_httpx(text: str) -> Url:
    import httpx

    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise Fault(ErrorKind.BLOCKED, f"the URL cannot be used: {error}") from error
    if url.scheme not in PORTS:
        raise Fault(ErrorKind.BLOCKED, f"only http and https are opened, not '{url.scheme[:20]}'")
    if not url.host:
        raise Fault(ErrorKind.BLOCKED, "the URL names no host")
    if url.port is not None and not 1 <= url.port <= 65535:
        raise Fault(ErrorKind.BLOCKED, f"the URL's port {url.port} is not one of 1 to 65535")
    bare = url.copy_with(userinfo=b"") if url.userinfo else url
    return Url(
        str(bare), url.scheme, url.raw_host.decode("ascii"), url.port, url.raw_path, url.userinfo
    )
