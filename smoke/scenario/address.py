"""URLs that options and the targets file give: what each must be, and where a request below one goes.

A user and a password never stand in one: they would be in the process list, in the evidence and in reports.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urljoin, urlsplit

_EXAMPLE = "for example https://shop.example"
BASIC = (
    'give them to the target, in the targets file: basic: {username: …, password: "{{ secrets.NAME }}"}',
    "or to one request of a scenario: `basic` beside its `url`",
)
"""What to do instead of a user and a password in a URL."""
_LABEL = re.compile(r"[^\W](?:[\w-]{0,61}[^\W])?")
_LONGEST_HOST = 253


class AddressError(ValueError):
    """A URL that cannot be used; its words complete a sentence that begins with who gave it. Holds no password."""

    def __init__(
        self, words: str, notes: Sequence[str] = (_EXAMPLE,), *, private: bool = False
    ) -> None:
        super().__init__(words)
        self.notes = notes
        self.private = private
        """Whether the URL holds a password: where it stands is not quoted."""


@functools.lru_cache(
    maxsize=256
)  # the same few paths, in each scenario of a run and in the look ahead before it
def below(base_url: str, reference: str, *, given: bool = False) -> str:
    """The absolute URL of a reference of a scenario. Raises ValueError when there is none.

    A path is below the path of `base_url`: `/api/shop` at `https://host/base` is `https://host/base/api/shop`. With
    `given` the reference came from a value, such as a captured link, that may have the base's path already: it is not
    put in front twice. An absolute URL stays as it is (RFC 3986, 5.2).
    """
    parts = urlsplit(reference)
    base = urlsplit(base_url).path.rstrip("/")
    if parts.scheme or reference.startswith("//"):
        return urljoin(base_url, reference)
    if parts.path.startswith("/"):
        inside = given and f"{parts.path}/".startswith(f"{base}/")
        return urljoin(base_url, reference if inside else base + reference)
    if parts.path:
        return urljoin(base_url, f"{base}/{reference}")
    return urljoin(base_url, f"{base or '/'}{reference}")  # a query alone


def shown(url: str) -> str:
    """A URL as it may be printed: without the user and the password that may be in it, also where it is no URL."""
    before, at, behind = url.rpartition("@")
    if not at:
        return url
    scheme, separator, _ = before.partition("://")
    return f"{scheme if separator else ''}{separator}…@{behind}"


def check_deployment(url: str) -> None:
    """Refuse what is no URL of a deployment; it may have a path. Raises AddressError."""
    _check_rest(_parsed(url))


def check_origin(text: str) -> None:
    """Refuse what names no origin: a scheme, a host, perhaps a port. Raises AddressError."""
    if "://" not in text:
        raise AddressError(
            f"takes an origin with its scheme, not '{shown(text)}'",
            ("for example https://pay.example",),
            private="@" in text,
        )
    parts = _parsed(text)
    if parts.path not in ("", "/"):
        raise AddressError(
            f"takes an origin, which has no path, not '{text}'",
            (f"{parts.scheme}://{parts.netloc} is allowed as a whole",),
        )
    _check_rest(parts)


def origin_problem(origin: str) -> str:
    """What is wrong with a request's `origin`; empty when nothing is."""
    try:
        check_origin(origin.strip())
    except AddressError as error:
        return f"origin {error}"
    return ""


def check_reference(reference: str, base_url: str) -> None:
    """Refuse what is neither a path nor a URL. Raises AddressError."""
    _check_characters(reference)
    if "://" in reference.partition("?")[0]:
        _parsed(reference)  # urljoin takes `http://` and `http:///x` for paths of the base
    try:
        url = below(base_url, reference)
    except ValueError as error:
        raise AddressError(
            f"takes a path or a URL, not '{shown(reference)}'", private="@" in reference
        ) from error
    _parsed(url)


def _parsed(url: str) -> SplitResult:
    _check_characters(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressError(
            f"takes an http or https URL, not '{shown(url)}'", private="@" in url
        ) from error
    if "@" in parts.netloc:
        words = f"has a user or a password in it, which is not sent: {shown(url)}"
        raise AddressError(words, BASIC, private=True)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AddressError(f"takes an http or https URL, not '{shown(url)}'", private="@" in url)
    if port == 0 or not _is_host(parts.hostname.rstrip(".")):
        raise AddressError(f"names no host that there can be: '{url}'")
    return parts


def _check_characters(url: str) -> None:
    if "\\" in url or any(ord(character) <= 0x20 or ord(character) == 0x7F for character in url):
        raise AddressError(
            f"has a space, a control character or a backslash in it: '{shown(url)}'",
            private="@" in url,
        )


def _check_rest(parts: SplitResult) -> None:
    if parts.query or parts.fragment:
        raise AddressError(
            "has a query or a fragment in it, and requests go below its path",
            ("a request has its own: `query` beside its `url`",),
        )


def _is_host(host: str) -> bool:
    if ":" in host:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True
    return len(host) <= _LONGEST_HOST and all(_LABEL.fullmatch(part) for part in host.split("."))
