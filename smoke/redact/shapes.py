"""Secrets that show by their shape: tokens of known services, signed tokens, private keys, passwords in URLs.

The patterns begin with a rare byte, which is found fast, and look behind it for the rest of their beginning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from smoke.redact.matches import Kind, Match, masked

# service tokens that have an underscore behind their prefix
_UNDERSCORE = re.compile(
    rb"_(?:(?<=[sr]k_)(?P<key>live_[A-Za-z0-9]{10,256}+|test_[A-Za-z0-9]{10,256}+)"
    rb"|(?<=whsec_)(?P<webhook>[A-Za-z0-9+/=]{16,256}+)"
    rb"|(?<=gh[pousr]_)(?P<github>[A-Za-z0-9]{20,256}+)"
    rb"|(?<=_pat_)(?P<pat>[A-Za-z0-9_]{20,256}+)"
    rb"|(?<=shp[a-z][a-z]_)(?P<shop>[A-Fa-f0-9]{20,64}+)"
    rb"|(?<=sb_secret_)(?P<supabase>[A-Za-z0-9_\-]{16,256}+)"
    rb"|(?<=npm_)(?P<npm>[A-Za-z0-9]{30,64}+))"
)
_PREFIXES = {
    "key": 3,
    "webhook": 6,
    "github": 4,
    "pat": 11,
    "shop": 6,
    "supabase": 10,
    "npm": 4,
}
_NAMES = {
    "key": "api_key",
    "webhook": "webhook_secret",
    "github": "github_token",
    "pat": "github_token",
    "shop": "shop_token",
    "supabase": "api_key",
    "npm": "npm_token",
}
_CAPITAL_A = re.compile(
    rb"A(?:(?:KIA|SIA)[0-9A-Z]{16}(?![0-9A-Za-z])|Iza[0-9A-Za-z_\-]{35}(?![0-9A-Za-z_\-]))"
)
# header and payload of a JSON web token stay readable; without its signature it opens nothing
_JWT = re.compile(
    rb"J(?<=eyJ)(?:(?<![A-Za-z0-9_\-]eyJ)|(?<=\\[nrtbf]eyJ)|(?<=%[0-9A-Fa-f][0-9A-Fa-f]eyJ))"
    rb"[A-Za-z0-9_\-]{8,8192}+\.[A-Za-z0-9_\-]{2,32768}+\.([A-Za-z0-9_\-]{8,2048}+)"
)
_SENDGRID = re.compile(rb"S(?=G\.)G\.[A-Za-z0-9_\-]{16,64}+\.[A-Za-z0-9_\-]{16,64}+")
_DASH = re.compile(
    rb"-(?:(?<=glpat-)(?P<gitlab>[A-Za-z0-9_\-]{16,64}+)"
    rb"|(?<=xox[abeoprs]-)(?P<slack>[A-Za-z0-9\-]{10,256}+)"
    rb"|(?<!--)----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)"
)
_USERINFO = re.compile(
    rb"://[^\s/?#@:\"'<>\\]{0,128}+:((?:[^\s/?#@\"'<>\\]|%[0-9A-Fa-f]{2}){1,256}+)@"
)
_USERINFO_ENCODED = re.compile(
    rb"%3a%2f%2f[a-z0-9._~!$&'()*+,;=\-]{0,128}+%3a([a-z0-9._~!$&'()*+,;=\-]{1,256}+)%40",
    re.IGNORECASE,
)
_PRIVATE_KEY_END = re.compile(rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_MATERIAL = re.compile(rb"[A-Za-z0-9+/=\s\\:,%\-]*+")
_KEY_LIMIT = 32 * 1024


def find_shapes(data: bytes, start: int, limit: int) -> Iterator[Match]:
    """Secrets of known shape that begin in `start` to `limit`."""
    for match in _all(data, start):
        if match.start < limit:
            yield match


def _all(data: bytes, start: int) -> Iterator[Match]:
    for found in _UNDERSCORE.finditer(data, start):
        group = found.lastgroup or ""
        first = found.end() - len(found[group]) - _PREFIXES[group]
        yield masked(max(0, first), found.end(), Kind.SHAPE, _NAMES[group])
    for found in _CAPITAL_A.finditer(data, start):
        yield masked(*found.span(), Kind.SHAPE, "api_key")
    for found in _JWT.finditer(data, start):
        yield masked(*found.span(1), Kind.SHAPE, "jwt")
    for found in _SENDGRID.finditer(data, start):
        yield masked(*found.span(), Kind.SHAPE, "api_key")
    for found in _USERINFO.finditer(data, start):
        yield masked(*found.span(1), Kind.PLACE, "password")
    if b"%" in data and (b"%3A%2F%2F" in data or b"%3a%2f%2f" in data):
        for found in _USERINFO_ENCODED.finditer(data, start):
            yield masked(*found.span(1), Kind.PLACE, "password")
    yield from _dashes(data, start)


def _dashes(data: bytes, start: int) -> Iterator[Match]:
    """Tokens that have a dash behind their prefix, and private keys in PEM form, whole or cut off."""
    while found := _DASH.search(data, start):
        start = found.end()
        if found["gitlab"]:
            yield masked(found.start("gitlab") - len(b"glpat-"), start, Kind.SHAPE, "gitlab_token")
            continue
        if found["slack"]:
            yield masked(found.start("slack") - len(b"xoxb-"), start, Kind.SHAPE, "slack_token")
            continue
        window = min(len(data), start + _KEY_LIMIT)
        end = _PRIVATE_KEY_END.search(data, start, window)
        material = _KEY_MATERIAL.match(data, start, window)
        stop = end.start() if end else material.end() if material else start
        if stop > start:
            yield masked(start, stop, Kind.SHAPE, "private_key")
            start = stop
