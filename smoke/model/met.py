"""Who answered in the shop's place: an answer held against the walls, told by marks that only they leave. Pure.

A wall is named only by what its owner documents or what nobody else sends: a header or cookie of its own, a redirect
to its own login, its own page. A status alone, or JSON that a shop wrote, never is one. Sources are those of
`smoke.model.walls`, and Cloudflare's "Detect a Challenge Page response" (cf-mitigated), Azure's `/.auth/login/…`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from smoke.model import walls
from smoke.model.exchange import Exchange, Headers, RawExchange, Window
from smoke.model.walls import Wall

_LOOKED_AT = 64 * 1024
"""Bytes of a page that are looked at: a wall's own page is short, and its title stands first."""
_LONGEST_LINK = 8 * 1024


class Met(Struct, frozen=True):
    """A wall that answered. `tried`: the request carried what should have let it in."""

    wall: Wall
    status: int
    tried: str = ""

    @property
    def title(self) -> str:
        """Who answered, in one sentence."""
        return f"{self.wall.name} answered with {self.status} instead of the shop"

    @property
    def message(self) -> str:
        """Who answered, and how smoke gets in."""
        return f"{self.title}. {self.advice}"

    @property
    def advice(self) -> str:
        """How smoke gets in, or that what was to let it in was refused."""
        if self.tried:
            return self._refused
        what = " and ".join(f"`{line}`" for line in self.wall.setting)
        return f"To let smoke in, give {self.wall.where} {what} ({self.wall.from_where})"

    @property
    def notes(self) -> tuple[str, ...]:
        """The advice with each line of the setting by itself, so that it can be copied."""
        wall = self.wall
        if self.tried:
            return (self._refused,)
        return (f"to let smoke in, give {wall.where}:", *wall.setting, wall.from_where)

    @property
    def _refused(self) -> str:
        return (
            f"{self.tried} was sent and not accepted: look whether its value is right, still valid, and for this "
            f"deployment ({self.wall.from_where})"
        )


class _Seen(Struct, frozen=True):
    """An answer as the table looks at it. `sent` is None where the request is not known (a saved response)."""

    status: int
    headers: dict[str, str]
    text: str
    title: str
    link: str
    sent: dict[str, str] | None

    @property
    def page(self) -> bool:
        """Whether it is an HTML page."""
        media = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return media in ("text/html", "application/xhtml+xml")

    @property
    def refused(self) -> bool:
        return self.status in (401, 403)

    def goes_to(self, host: str, path: str = "/") -> bool:
        """Whether it redirects to a host (or one below it), to a path that begins so."""
        if not 300 <= self.status < 400:
            return False
        found_host, found_path = _place(self.link)
        return (found_host == host or found_host.endswith(f".{host}")) and found_path.startswith(
            path
        )


def _vercel(seen: _Seen) -> bool:
    if seen.goes_to("vercel.com", "/sso-api"):
        return True
    if seen.goes_to("vercel.com", "/login") and "sso-api" in unquote(seen.link):
        return True
    if seen.status != 401:
        return False
    if "_vercel_sso_nonce=" in seen.headers.get("set-cookie", ""):
        return True
    own = ("vercel authentication", "vercel.com/sso-api", "_vercel_password", "vercel.com/login")
    return (
        seen.page and seen.title == "authentication required" and any(m in seen.text for m in own)
    )


def _vercel_firewall(seen: _Seen) -> bool:
    if seen.headers.get("x-vercel-mitigated", "").strip().lower() in ("challenge", "deny"):
        return seen.status >= 400
    return seen.page and seen.status in (403, 429) and seen.title == "vercel security checkpoint"


def _access(seen: _Seen) -> bool:
    if seen.goes_to("cloudflareaccess.com"):
        return True
    if 300 <= seen.status < 400 and _place(seen.link)[1].startswith("/cdn-cgi/access/login"):
        return True
    if not seen.refused:
        return False
    if any(name in seen.headers for name in ("cf-access-domain", "cf-access-aud")):
        return True
    if seen.headers.get("www-authenticate", "").lower().startswith("cloudflare-access"):
        return True
    return seen.page and seen.title.endswith("cloudflare access")


def _challenge(seen: _Seen) -> bool:
    if seen.headers.get("cf-mitigated", "").strip().lower() == "challenge":
        return True
    if not seen.page or seen.status not in (403, 429, 503):
        return False
    if seen.title == "attention required! | cloudflare":
        return True
    own = ("/cdn-cgi/challenge-platform/", "_cf_chl_opt", "cf-challenge", "cf_chl_")
    return seen.title == "just a moment..." and (
        any(mark in seen.text for mark in own)
        or seen.headers.get("server", "").lower() == "cloudflare"
    )


_FIELD = re.compile(r"<input\b[^>]{0,500}")
_KIND = re.compile(r"\btype\s?=\s?[\"']?([a-z]{1,20})")


def _fields(text: str) -> list[str]:
    """The kinds of the visible fields of a page's forms."""
    kinds = [_KIND.search(field[0]) for field in _FIELD.finditer(text)]
    found = [kind[1] if kind is not None else "text" for kind in kinds]
    return [kind for kind in found if kind not in ("hidden", "submit", "button", "image")]


def _by_netlify(seen: _Seen) -> bool:
    return seen.headers.get("server", "").lower() == "netlify" or "x-nf-request-id" in seen.headers


def _netlify(seen: _Seen) -> bool:
    """Its page asks for one password and for no name: a shop's own login asks for a name as well."""
    if seen.status != 401 or not seen.page or not _by_netlify(seen):
        return False
    return _fields(seen.text) == ["password"] and "protected" in seen.text


def _netlify_login(seen: _Seen) -> bool:
    if seen.goes_to("app.netlify.com", "/authorize"):
        return True
    return (
        seen.status == 401
        and seen.page
        and _by_netlify(seen)
        and "app.netlify.com/authorize" in seen.text
    )


def _iap(seen: _Seen) -> bool:
    told = seen.headers.get("x-goog-iap-generated-response", "").strip().lower() == "true"
    return told and (seen.refused or 300 <= seen.status < 400)


def _azure(seen: _Seen) -> bool:
    if not 300 <= seen.status < 400:
        return False
    host, path = _place(seen.link)
    if path.startswith("/.auth/login/"):
        return True
    entra = host in ("login.microsoftonline.com", "login.windows.net")
    return entra and "/.auth/login/aad/callback" in unquote(seen.link)


def _basic(seen: _Seen) -> bool:
    """A proxy's own page, to a request without credentials: an API that asks for them answers in its own words."""
    if seen.status != 401 or seen.sent is None:
        return False
    if not seen.headers.get("www-authenticate", "").lstrip().lower().startswith("basic"):
        return False
    media = seen.headers.get("content-type", "").partition(";")[0].strip().lower()
    plain = media in ("", "text/html", "text/plain", "application/xhtml+xml")
    return plain and not seen.text.lstrip().startswith(("{", "["))


_TABLE: tuple[tuple[Wall, Callable[[_Seen], bool]], ...] = (
    (walls.VERCEL_FIREWALL, _vercel_firewall),
    (walls.VERCEL, _vercel),
    (walls.ACCESS, _access),
    (walls.CHALLENGE, _challenge),
    (walls.NETLIFY_LOGIN, _netlify_login),
    (walls.NETLIFY, _netlify),
    (walls.IAP, _iap),
    (walls.AZURE, _azure),
    (walls.BASIC, _basic),
)


def recognise(
    status: int,
    headers: Headers,
    body: bytes,
    *,
    sent: Headers | None = None,
    of_target: frozenset[str] = frozenset(),
) -> Met | None:
    """The wall that answered, or None for everybody else.

    `body` is the decoded body or its beginning. `sent` are the request's headers (None when it is not known), and
    `of_target` the names (lower case) of those that the target, not the step, has added: basic authentication that a
    step carries out itself is a matter between it and the shop.
    """
    if status < 300:
        return None
    seen = _seen(status, headers, body, sent)
    carried = _named(sent)
    for wall, answers in _TABLE:
        if answers(seen) and not (wall is walls.BASIC and _own_basic(carried, of_target)):
            return Met(wall, status, _tried(wall, carried))
    return None


def _own_basic(sent: dict[str, str], of_target: frozenset[str]) -> bool:
    """Whether a step brought credentials of its own: whoever refuses them then is the shop."""
    return "authorization" in sent and not (
        "authorization" in of_target and _is_basic(sent["authorization"])
    )


def in_raw(raw: RawExchange, of_target: frozenset[str] = frozenset()) -> Met | None:
    """The wall that answered a request of the run."""
    response = raw.response
    if response is None:
        return None
    return recognise(
        response.status,
        response.headers,
        response.body.window.head,
        sent=raw.request.headers,
        of_target=of_target,
    )


def in_kept(exchange: Exchange, window: Window) -> Met | None:
    """The wall that answered a request that is kept as evidence: who had added which header is not known any more."""
    response = exchange.response
    if response is None:
        return None
    return recognise(response.status, response.headers, window.head, sent=exchange.request.headers)


_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,200})")


def _seen(status: int, headers: Headers, body: bytes, sent: Headers | None) -> _Seen:
    text = body[:_LOOKED_AT].decode("latin-1").lower()
    found = _TITLE.search(text)
    named = _named(headers)
    return _Seen(
        status=status,
        headers=named,
        text=text,
        title=" ".join(found[1].split()) if found is not None else "",
        link=named.get("location", "")[:_LONGEST_LINK],
        sent=None if sent is None else _named(sent),
    )


def _named(headers: Headers | None) -> dict[str, str]:
    """Headers by name in lower case; several of one name together."""
    named: dict[str, str] = {}
    for key, value in headers or ():
        name, text = key.decode("latin-1").lower(), value.decode("latin-1")
        named[name] = f"{named[name]}\n{text}" if name in named else text
    return named


def _place(link: str) -> tuple[str, str]:
    """Host (empty for a relative link) and path of a link; nothing for one that cannot be read."""
    try:
        parts = urlsplit(link.strip())
        return (parts.hostname or "").lower(), parts.path
    except ValueError:
        return "", ""


def _is_basic(credentials: str) -> bool:
    return credentials.lstrip()[:6].lower() == "basic "


def _tried(wall: Wall, sent: dict[str, str]) -> str:
    """The names of the headers that should have let the request in, as the request had them."""
    carried = [name for name in wall.passes if name in sent]
    if wall is walls.BASIC and carried:
        return "the target's `basic`"
    return " and ".join(carried)
