"""Secrets planted where a response masks them: a shop that gives them away, and scenarios that capture and use them.

Every plant has a place that is masked (a telling key, header or form field, a cookie, a query, a shape) and a capture that
takes the secret from there without saying that it is one. A second request sends it on under names that tell nothing, in
many encodings, and the shop gives all of it back in every spelling with a 500.
"""

from __future__ import annotations

import base64
import html
import json
import random
import re
import string
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.support.wire_server import Peer

LETTERS = string.ascii_letters + string.digits


def spellings(secret: str) -> dict[str, bytes]:
    """How a secret may be written; base64 without the characters that its neighbours decide."""
    raw = secret.encode()
    quoted = json.dumps(secret)[1:-1]
    made = {
        "plain": secret,
        "json": quoted,
        "json-utf8": json.dumps(secret, ensure_ascii=False)[1:-1],
        "json-twice": json.dumps(quoted)[1:-1],
        "percent": urllib.parse.quote(secret, safe=""),
        "form": urllib.parse.quote_plus(secret),
        "html": html.escape(secret),
        "html-decimal": "".join(f"&#{ord(character)};" for character in secret),
        "html-hex": "".join(f"&#x{ord(character):x};" for character in secret),
        "hex": raw.hex(),
        "hex-upper": raw.hex().upper(),
    }
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        first, last = (shift * 8 + 5) // 6, (shift + len(raw)) * 8 // 6
        made[f"base64-{shift}"] = coded[first:last].decode()
        made[f"base64url-{shift}"] = made[f"base64-{shift}"].translate(str.maketrans("+/", "-_"))
    return {name: text.encode() for name, text in made.items()}


def found_in(data: bytes, secret: str) -> list[str]:
    """The spellings of a secret that are in the data."""
    return [name for name, text in spellings(secret).items() if text in data]


@dataclass(frozen=True)
class Given:
    """What the shop answers, how a scenario takes the secret from it, and how a template names what it took."""

    capture: dict[str, object]
    body: str = ""
    kind: str = "application/json"
    headers: tuple[str, ...] = ()
    name: str = "c"
    goes_to: str = ""
    """Where the shop sends a client that follows redirects, before it answers."""


@dataclass(frozen=True)
class Plant:
    """One secret in one place."""

    number: int
    place: str
    secret: str
    given: Given

    def scenario(self) -> dict[str, object]:
        """The scenario that takes it and sends it on."""
        text = f"{{{{ {self.given.name} }}}}"
        coded = f"{{{{ {self.given.name} | urlencode }}}}"
        return {
            "name": f"plant-{self.number}",
            "steps": [
                {
                    "name": "Give",
                    "request": {"url": f"/give/{self.number}", "follow_redirects": True},
                    "capture": {"c": self.given.capture},
                },
                {
                    "name": "Use",
                    "request": {
                        "method": "POST",
                        "url": f"/use/{self.number}/{text}?q={text}",
                        "query": {"trace": f"a {text} b"},
                        "headers": {
                            "X-Trace": coded,
                            "X-Other": f"{{{{ {self.given.name} | base64 }}}}",
                        },
                        "json": {
                            "note": f"with {text} inside",
                            "all": "{{ c }}",
                            "shout": f"{{{{ {self.given.name} | upper }}}}",
                            "slug": f"{{{{ {self.given.name} | slug }}}}",
                            "less": f"{{{{ {self.given.name} | replace('-', '') }}}}",
                        },
                    },
                    "capture": {"again": {"regex": r"note.{1,10}with (.*) inside"}},
                    "expect": {"status": 200, "text": {"contains": f"no {text}!"}},
                },
            ],
        }

    def answer(self, peer: Peer) -> None:
        """The shop's side of both requests."""
        target = peer.request.split(b" ", 2)[1].decode("latin-1")
        if target.startswith("/use/"):
            said = b"\n".join(
                name.encode() + b"> " + text for name, text in spellings(self.secret).items()
            )
            _send(peer, 500, "text/plain; charset=utf-8", peer.request + b"\n\n" + said)
        elif self.given.goes_to and "?" not in target:
            _send(peer, 302, "text/plain", b"", (f"Location: {target}{self.given.goes_to}",))
        else:
            _send(peer, 200, self.given.kind, self.given.body.encode(), self.given.headers)


def _send(peer: Peer, status: int, kind: str, body: bytes, headers: tuple[str, ...] = ()) -> None:
    lines = [f"HTTP/1.1 {status} Status", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    peer.send("\r\n".join([*lines, *headers, "Connection: close", "", ""]).encode() + body)


Place = Callable[[random.Random, str], Given]

_KEYS = ("csrf", "csrfToken", "access_token", "client_secret", "password", "sessionId", "apiKey", "X-Auth-Token", "refresh_token",
         "publishable_key", "signature", "privateKey", "otp")  # fmt: skip
_HEADERS = ("X-Auth-Token", "X-Api-Key", "X-Csrf-Token", "X-Session-Id", "Authorization", "X-Shop-Signature", "X-Access-Key",
            "X-Shopify-Access-Token", "Stripe-Signature", "Cf-Access-Client-Secret", "X-Vercel-Protection-Bypass", "apikey", "X-Shopify-Hmac-Sha256", "X-Hub-Signature-256", "X-WP-Nonce",
            "Cf-Access-Jwt-Assertion", "requestverificationtoken", "X-Firebase-AppCheck")  # fmt: skip


def _json(pick: random.Random, secret: str) -> Given:
    key = pick.choice(_KEYS)
    body = {"data": {"id": 7, key: secret}, "ok": True}
    return Given({"json": f"$.data['{key}']"}, json.dumps(body))


def _json_utf8(pick: random.Random, secret: str) -> Given:
    key = pick.choice(_KEYS)
    body = json.dumps({"list": [{"a": 1}, {key: secret}]}, ensure_ascii=False, indent=2)
    return Given({"json": f"$.list[1]['{key}']", "default": "none"}, body)


def _json_object(pick: random.Random, secret: str) -> Given:
    key = pick.choice(_KEYS).replace("-", "_")
    return Given(
        {"json": "$.data"}, json.dumps({"data": {"id": 7, key: secret}}), name=f"c['{key}']"
    )


def _json_wildcard(pick: random.Random, secret: str) -> Given:
    key = pick.choice(_KEYS)
    return Given(
        {"json": f"$..['{key}']"}, json.dumps([{"x": {key: secret}}, {"n": "m"}]), name="c[0]"
    )


def _json_filter(pick: random.Random, secret: str) -> Given:
    key = pick.choice(_KEYS)
    items = [{"n": 1, key: "short"}, {"n": 2, key: secret}]
    return Given({"json": f"$.items[?@.n == 2]['{key}']"}, json.dumps({"items": items}))


def _json_list(_pick: random.Random, secret: str) -> Given:
    return Given({"json": "$.token"}, json.dumps({"token": ["first", secret]}), name="c[1]")


def _json_link(pick: random.Random, secret: str) -> Given:
    link = f"https://shop.example/cb?a=1&{pick.choice(('token', 'session_id', 'sig'))}={urllib.parse.quote(secret, safe='')}"
    return Given({"json": "$.next"}, json.dumps({"next": link}))


def _json_in_json(pick: random.Random, secret: str) -> Given:
    inner = json.dumps({pick.choice(_KEYS): secret, "n": 1})
    return Given({"json": "$.payload"}, json.dumps({"payload": inner}))


def _json_elsewhere(pick: random.Random, secret: str) -> Given:
    body = {pick.choice(_KEYS): secret, "note": secret}
    return Given({"json": "$.note"}, json.dumps(body))


def _header(pick: random.Random, secret: str) -> Given:
    name = pick.choice(_HEADERS)
    value = f"Bearer {secret}" if name == "Authorization" else secret
    return Given({"header": name.lower()}, "{}", headers=(f"{name}: {value}",))


def _header_link(pick: random.Random, secret: str) -> Given:
    link = f"/pay?{pick.choice(('token', 'session_id', 'sig'))}={urllib.parse.quote(secret, safe='')}&step=2"
    return Given(
        {"header": "Content-Location", "absolute": True}, headers=(f"Content-Location: {link}",)
    )


def _header_cookie(_pick: random.Random, secret: str) -> Given:
    return Given({"header": "Set-Cookie"}, headers=(f"Set-Cookie: sid={secret}; Path=/; HttpOnly",))


def _cookie(pick: random.Random, secret: str) -> Given:
    name = pick.choice(("sid", "cart", "_shop", "remember"))
    return Given({"cookie": name}, "{}", headers=(f"Set-Cookie: {name}={secret}; Path=/",))


def _field(pick: random.Random, secret: str) -> Given:
    name = pick.choice(("csrf_token", "authenticity_token", "_token", "session[token]"))
    page = f'<form><input type="hidden" name="{name}" value="{html.escape(secret)}"><input name="a" value="b"></form>'
    how = pick.choice(list[dict[str, object]](
        ({"html": "form input", "attribute": "value"}, {"html": "form input@value"}, {"html": "form input"})
    ))  # fmt: skip
    return Given(how, page, "text/html; charset=utf-8")


def _meta(_pick: random.Random, secret: str) -> Given:
    page = f'<head><meta name="csrf-token" content="{html.escape(secret)}"></head>'
    return Given({"html": "meta", "attribute": "content"}, page, "text/html")


def _html_link(_pick: random.Random, secret: str) -> Given:
    link = html.escape(f"/pay?step=2&token={urllib.parse.quote(secret, safe='')}")
    page = f'<p>Go <a class="pay" href="{link}">on</a></p>'
    return Given({"html": "a.pay@href", "absolute": True}, page, "text/html")


def _regex(pick: random.Random, secret: str) -> Given:
    key = pick.choice(_KEYS)
    page = f"<script>window.shop = {json.dumps({'n': 1, key: secret})}</script>"
    group = pick.choice(list[dict[str, object]](({}, {"group": 1}, {"group": "it"})))
    return Given(
        {"regex": f'{re.escape(key)}": "(?P<it>(?:[^"\\\\]|\\\\.)*)"', **group}, page, "text/html"
    )


def _regex_around(pick: random.Random, secret: str) -> Given:
    key = pick.choice(_KEYS)
    return Given(
        {"regex": r"\{.*\}", "group": 0}, f"var a = {json.dumps({key: secret})};", "text/plain"
    )


def _regex_line(_pick: random.Random, secret: str) -> Given:
    return Given({"regex": "(?m)^password: (.*)$"}, f"a: b\npassword: {secret}\nc: d", "text/plain")


def _url(_pick: random.Random, secret: str) -> Given:
    goes_to = f"?step=2&token={urllib.parse.quote(secret, safe='')}"
    return Given({"url": True}, "{}", goes_to=goes_to)


def _url_pattern(_pick: random.Random, secret: str) -> Given:
    goes_to = f"?token={urllib.parse.quote(secret, safe='')}&step=2"
    return Given({"url": "token=([^&]*)"}, "{}", goes_to=goes_to)


def _shape(pick: random.Random, secret: str) -> Given:
    return Given({"json": "$.note"}, json.dumps({"note": secret}), headers=())


_FOR_LINES = frozenset({"hex", "url-safe", "uuid", "base64", "signs", "words", "digits"})
_QUOTED = frozenset({*_FOR_LINES, "accents", "quotes"})

PLACES: dict[str, tuple[Place, frozenset[str]]] = {
    "json": (_json, _QUOTED),
    "json utf-8": (_json_utf8, _QUOTED),
    "json object": (_json_object, _QUOTED),
    "json wildcard": (_json_wildcard, _QUOTED),
    "json filter": (_json_filter, _QUOTED),
    "json list": (_json_list, _QUOTED),
    "json link": (_json_link, _QUOTED),
    "json in json": (_json_in_json, _QUOTED),
    "json elsewhere": (_json_elsewhere, _QUOTED),
    "header": (_header, _FOR_LINES),
    "header link": (_header_link, _QUOTED),
    "header cookie": (_header_cookie, _FOR_LINES - {"signs"}),
    "cookie": (_cookie, _FOR_LINES - {"signs"}),
    "html field": (_field, _FOR_LINES),
    "html meta": (_meta, _FOR_LINES),
    "html link": (_html_link, _QUOTED),
    "regex": (_regex, _QUOTED),
    "regex around": (_regex_around, _QUOTED),
    "regex line": (_regex_line, _FOR_LINES),
    "url": (_url, _QUOTED),
    "url pattern": (_url_pattern, _QUOTED),
    "shape": (_shape, frozenset({"token"})),
}
"""Where secrets are planted, and which kinds of values can stand there."""


def _value(pick: random.Random, kind: str) -> str:
    def letters(count: int) -> str:
        return "".join(pick.choices(LETTERS, k=count))

    match kind:
        case "hex":
            return f"{pick.getrandbits(128):032x}"
        case "url-safe":
            return base64.urlsafe_b64encode(pick.randbytes(18)).decode()
        case "uuid":
            number = f"{pick.getrandbits(128):032x}"
            return "-".join((number[:8], number[8:12], number[12:16], number[16:20], number[20:]))
        case "base64":
            return base64.b64encode(pick.randbytes(16)).decode()
        case "digits":
            return "9" + "".join(pick.choices(string.digits, k=9))
        case "words":
            return "-".join("".join(pick.choices(string.ascii_lowercase, k=5)) for _ in range(3))
        case "signs":
            return f"{letters(4)}/{letters(3)}+{letters(4)}={letters(2)}~{letters(3)}!"
        case "accents":
            return f"{letters(5)}é{letters(4)}ü {letters(3)}"
        case "quotes":
            return f"{letters(5)}\"{letters(4)}'\\{letters(3)}<&>"
        case _:
            return pick.choice(("sk_live_", "ghp_", "whsec_", "npm_")) + letters(36)


def plants(count: int, seed: int) -> Iterator[Plant]:
    """As many plants, the places in turn, with other values for another seed."""
    pick = random.Random(seed)
    names = list(PLACES)
    for number in range(count):
        name = names[number % len(names)]
        make, kinds = PLACES[name]
        secret = _value(pick, pick.choice(sorted(kinds)))
        yield Plant(number, name, secret, make(pick, secret))


def shop(planted: dict[int, Plant]) -> Callable[[Peer], None]:
    """The script of a server that answers for all plants."""

    def answer(peer: Peer) -> None:
        number = re.match(rb"[A-Z]+ /(?:give|use)/([0-9]+)", peer.request)
        assert number is not None
        planted[int(number[1])].answer(peer)

    return answer
