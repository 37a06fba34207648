"""Where a redirect may lead: a pure decision. Within the origin only; an unsafe request is never sent again."""

from __future__ import annotations

import functools
from urllib.parse import SplitResult, urljoin, urlsplit

from msgspec import Struct

from smoke.model.semantics import SAFE_METHODS

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_HOPS = 10
_LONGEST = 16_384
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Origin(Struct, frozen=True):
    """Scheme, host (lower case) and port: what RFC 6454 calls an origin."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if _DEFAULT_PORTS.get(self.scheme) == self.port else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


class Hop(Struct, frozen=True):
    """The next request of a redirect: its method and absolute URL."""

    method: str
    url: str


class Blocked(Struct, frozen=True):
    """Why a redirect is not followed. `kind` is `cross-origin`, `scheme`, `bad-location`, `unsafe` or `loop`."""

    kind: str
    reason: str


@functools.lru_cache(maxsize=256)
def origin_of(url: str) -> Origin | None:
    """The origin of an absolute http or https URL; None for anything else."""
    try:
        parts = urlsplit(url)
        return _origin(parts)
    except ValueError:
        return None


def _origin(parts: SplitResult) -> Origin | None:
    if parts.scheme.lower() not in _DEFAULT_PORTS or not parts.hostname:
        return None
    port = parts.port if parts.port is not None else _DEFAULT_PORTS[parts.scheme.lower()]
    return Origin(parts.scheme.lower(), parts.hostname.lower().rstrip("."), port)


def next_hop(
    *, method: str, url: str, status: int, location: str | None, seen: tuple[Hop, ...]
) -> Hop | Blocked | None:
    """The hop that a response asks for; Blocked when it must not be taken; None when it is no redirect.

    `seen` are the hops so far, the first request included.
    """
    if status not in REDIRECTS or location is None:
        return None
    target = _target(url, location)
    if isinstance(target, Blocked):
        return target
    safe = method.upper() in SAFE_METHODS
    if not safe and status in (307, 308):
        return Blocked(
            "unsafe", f"a {status} asks to send the {method.upper()} again, which could order twice"
        )
    hop = Hop(method if safe and status != 303 else "GET", target)
    if method.upper() == "HEAD":
        hop = Hop("HEAD", target)
    if hop in seen:
        return Blocked("loop", f"the redirect leads back to {hop.url}")
    if len(seen) > MAX_HOPS:
        return Blocked("loop", f"more than {MAX_HOPS} redirects")
    return hop


def _target(url: str, location: str) -> str | Blocked:
    if len(location) > _LONGEST:
        return Blocked("bad-location", f"a Location of {len(location)} characters")
    text = location.strip()
    # a backslash counts as a slash in browsers, so what it means depends on who reads it
    if "\\" in text or any(ord(character) <= 0x20 or ord(character) == 0x7F for character in text):
        return Blocked(
            "bad-location", "a Location with a backslash, a space or a control character"
        )
    try:
        target = urljoin(url, text)
        parts = urlsplit(target)
        destination = _origin(parts)
    except ValueError as error:
        return Blocked("bad-location", f"a Location that is no URL ({error})")
    here = origin_of(url)
    if destination is None:
        scheme = parts.scheme or "no scheme"
        return Blocked("scheme", f"a redirect to {scheme}: only http and https are opened")
    if here is None or destination != here:
        return Blocked("cross-origin", f"a redirect from {here} to another origin, {destination}")
    if parts.username is not None or parts.password is not None:
        return Blocked("cross-origin", "a redirect to a URL with credentials in it")
    return target.partition("#")[0]
