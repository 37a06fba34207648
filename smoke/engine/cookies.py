"""A customer's cookies: RFC 6265, each origin by itself, bounded. A Domain attribute never widens where one goes."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from msgspec import Struct

from smoke.engine.redirects import Origin, origin_of
from smoke.model.exchange import Headers

MAX_COOKIES = 50
MAX_COOKIE = 4096
MAX_HEADER = 16_384


class Cookie(Struct, frozen=True):
    """One cookie. `expires` is a POSIX time, None for a session cookie."""

    name: str
    value: str
    path: str
    secure: bool
    expires: float | None


class Jar:
    """The cookies of one customer in one scenario. Not shared between threads."""

    def __init__(self) -> None:
        self._cookies: dict[Origin, dict[tuple[str, str], Cookie]] = {}

    def clear(self) -> None:
        """Forget everything: the customer comes back as a guest."""
        self._cookies.clear()

    def copy(self) -> Jar:
        """A jar with the same cookies, which goes its own way from here."""
        jar = Jar()
        jar._cookies = {origin: dict(cookies) for origin, cookies in self._cookies.items()}
        return jar

    def absorb(self, other: Jar) -> None:
        """Take over the other jar's cookies; its values win."""
        for origin, cookies in other._cookies.items():
            self._cookies.setdefault(origin, {}).update(cookies)

    def take(self, url: str, headers: Headers, now: datetime) -> None:
        """Keep the cookies that a response to `url` sets; what breaks a rule or a bound is left out."""
        origin = origin_of(url)
        if origin is None:
            return
        kept = self._cookies.setdefault(origin, {})
        for name, value in headers:
            if name.lower() != b"set-cookie":
                continue
            cookie = parse(value.decode("utf-8", "surrogateescape"), url, now)
            if cookie is None:
                continue
            key = (cookie.name, cookie.path)
            kept.pop(key, None)
            if cookie.expires is None or cookie.expires > now.timestamp():
                kept[key] = cookie
            while len(kept) > MAX_COOKIES:  # the oldest goes, as in browsers
                del kept[next(iter(kept))]

    def header(self, url: str, now: datetime) -> bytes | None:
        """The value of the Cookie header for a request to `url`, or None when no cookie belongs there."""
        origin = origin_of(url)
        if origin is None:
            return None
        path = urlsplit(url).path or "/"
        sendable = [
            cookie
            for cookie in self._cookies.get(origin, {}).values()
            if _covers(cookie.path, path)
            and (not cookie.secure or origin.scheme == "https" or _is_loopback(origin.host))
            and (cookie.expires is None or cookie.expires > now.timestamp())
        ]
        # RFC 6265 5.4: longer paths first; sorted() keeps the order of creation among equals
        sendable.sort(key=lambda cookie: -len(cookie.path))
        pairs: list[str] = []
        size = 0
        for cookie in sendable:
            size += len(cookie.name) + len(cookie.value) + 3
            if size > MAX_HEADER:
                break
            pairs.append(f"{cookie.name}={cookie.value}")
        return "; ".join(pairs).encode("utf-8", "surrogateescape") if pairs else None

    def get(self, name: str, origins: Iterable[Origin] | None = None) -> str | None:
        """The value of the newest cookie of that name, whatever its path."""
        for origin in origins if origins is not None else self._cookies:
            for cookie in reversed(self._cookies.get(origin, {}).values()):
                if cookie.name == name:
                    return cookie.value
        return None

    def reaches(self, url: str) -> bool:
        """Whether there are cookies of the origin of that URL."""
        origin = origin_of(url)
        return origin is not None and bool(self._cookies.get(origin))

    def values(self) -> dict[str, str]:
        """All values by name; of several of one name the newest."""
        return {
            cookie.name: cookie.value
            for cookies in self._cookies.values()
            for cookie in cookies.values()
        }


def parse(header: str, url: str, now: datetime) -> Cookie | None:
    """The cookie of one Set-Cookie value (RFC 6265 5.2), or None when it must be ignored."""
    if len(header) > MAX_COOKIE or any(ord(c) < 0x20 or ord(c) == 0x7F for c in header):
        return None
    pair, *attributes = header.split(";")
    name, equals, value = pair.partition("=")
    name, value = name.strip(), value.strip()
    if not equals or not name:
        return None
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    path, secure, expires, max_age = _default_path(parts.path), False, None, None
    for attribute in attributes:
        key, _, text = attribute.partition("=")
        key, text = key.strip().lower(), text.strip()
        if key == "path" and text.startswith("/"):
            path = text
        elif key == "secure":
            secure = True
        elif key == "domain" and text and not _same_site(host, text.lower().lstrip(".")):
            return None
        elif key == "expires":
            expires = _date(text)
        elif key == "max-age":
            max_age = _seconds(text)
    if max_age is not None:
        expires = now.timestamp() + max_age
    return Cookie(name, value, path, secure, expires)


def _default_path(path: str) -> str:
    return path[: path.rfind("/")] or "/" if path.startswith("/") else "/"


def _covers(cookie_path: str, path: str) -> bool:
    if path == cookie_path:
        return True
    prefix = cookie_path if cookie_path.endswith("/") else cookie_path + "/"
    return path.startswith(prefix)


def _same_site(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)


def _is_loopback(host: str) -> bool:
    # browsers take loopback for a secure context, and shops are tried out there
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _date(text: str) -> float | None:
    from email.utils import parsedate_to_datetime  # 5 ms, for the few that need it

    try:
        date = parsedate_to_datetime(text.replace("-", " "))
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None


def _seconds(text: str) -> float | None:
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit():
        return None
    amount = float(digits) if len(digits) <= 10 else 1e10
    return -1.0 if text.startswith("-") else min(amount, 1e10)
