"""Secrets that show by their shape: tokens of known services, signed tokens, private keys, passwords in URLs.

One table. The patterns that find them, the quick look that large texts get first (`smoke.redact.sieve`), and the tests are
all made from it: a shape that is added here is masked in every text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from smoke.redact.matches import MaskReason, SecretMatch, masked

_PRIVATE_KEY = "private_key"


_NOT_LITERAL = re.compile(r"(?:\[[^\]]*\]|\(\?:[^)]*\))(?:\{[^}]*\}|\?)?")


@dataclass(frozen=True)
class Shape:
    """Text that begins with `prefix` and goes on with `rest` is a secret called `name`; `example` is one.

    Both are patterns for bytes; the prefix is in the syntax that all engines share: no look around, nothing possessive.
    Where `rest` has a group `secret` only that is masked. `behind` is a look at what stands before the prefix.
    """

    name: str
    prefix: str
    rest: str
    example: str
    behind: str = ""
    kind: MaskReason = MaskReason.SHAPE

    @cached_property
    def pattern(self) -> re.Pattern[bytes]:
        return re.compile(f"{self.behind}(?:{self.prefix}){self.rest}".encode())

    @cached_property
    def mark(self) -> bytes:
        """The longest part of the prefix that is written in one way only: without it there is no such secret."""
        pieces = _NOT_LITERAL.split(self.prefix)
        return max(pieces, key=len).replace("\\", "").encode()


_HOST = r"""[^ \t\n\r\x0b\x0c/?#@:"'<>\\]"""
_SUB = r"[A-Za-z0-9._~!$&'()*+,;=\-]"
SHAPES = (
    Shape("api_key", "[sr]k_(?:live|test)_", r"[A-Za-z0-9]{10,256}+", "sk_live_0123456789ab"),
    Shape("webhook_secret", "whsec_", r"[A-Za-z0-9+/=]{16,256}+", "whsec_0123456789abcdef01"),
    Shape("github_token", "gh[pousr]_", r"[A-Za-z0-9]{20,256}+", "ghp_" + "a1" * 18),
    Shape("github_token", "github_pat_", r"[A-Za-z0-9_]{20,256}+", "github_pat_" + "b2" * 15),
    Shape("shop_token", "shp[a-z][a-z]_", r"[A-Fa-f0-9]{20,64}+", "shpat_" + "c3" * 16),
    Shape("api_key", "sb_secret_", r"[A-Za-z0-9_\-]{16,256}+", "sb_secret_" + "d4" * 10),
    Shape("npm_token", "npm_", r"[A-Za-z0-9]{30,64}+", "npm_" + "e5" * 18),
    Shape("api_key", "AKIA", r"[0-9A-Z]{16}(?![0-9A-Za-z])", "AKIA" + "F6" * 8),
    Shape("api_key", "ASIA", r"[0-9A-Z]{16}(?![0-9A-Za-z])", "ASIA" + "F6" * 8),
    Shape("api_key", "AIza", r"[0-9A-Za-z_\-]{35}(?![0-9A-Za-z_\-])", "AIza" + "g7h8i" * 7),
    # header and payload of a JSON web token stay readable; without its signature it opens nothing
    Shape(
        "jwt",
        "eyJ",
        r"[A-Za-z0-9_\-]{8,8192}+\.[A-Za-z0-9_\-]{2,32768}+\.(?P<secret>[A-Za-z0-9_\-]{8,2048}+)",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl0123",
        behind=r"(?:(?<![A-Za-z0-9_\-])|(?<=\\[nrtbf])|(?<=%[0-9A-Fa-f][0-9A-Fa-f]))",
    ),
    Shape(
        "api_key",
        r"SG\.",
        r"[A-Za-z0-9_\-]{16,64}+\.[A-Za-z0-9_\-]{16,64}+",
        "SG." + "i9" * 11 + "." + "j0" * 20,
    ),
    # what a log repeats of a header without its name; words such as "Bearer authentication" have no digit
    Shape(
        "bearer_token",
        r"[Bb]earer(?: |%20|\+)",
        r"(?!eyJ)(?=[A-Za-z._~+/\-]{0,256}+[0-9])(?P<secret>[A-Za-z0-9._~+/\-]{8,8192}+={0,2}+)",
        "Bearer abcdef0123456789",
    ),
    Shape("gitlab_token", "glpat-", r"[A-Za-z0-9_\-]{16,64}+", "glpat-" + "k1" * 10),
    Shape("slack_token", "xox[abeoprs]-", r"[A-Za-z0-9\-]{10,256}+", "xoxb-1234567890-abc"),
    Shape(
        _PRIVATE_KEY,
        "-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----",
        "",
        "-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----",
    ),
    Shape(
        "password",
        f"://{_HOST}{{0,128}}:",
        r"""(?P<secret>[^\s/?#@"'<>\\]{1,256}+)@""",
        "postgres://u:pw@h/",
        kind=MaskReason.PLACE,
    ),
    # cut off in the middle of a password, as PostgreSQL does it with the values of a row; a port is none (not possessive:
    # on Python 3.11.2 a possessive repeat of a group with a look-ahead matches nothing)
    Shape(
        "password",
        f"://{_HOST}{{0,128}}:",
        r"""(?![0-9]{0,5}\.\.\.)(?P<secret>(?:(?!\.\.\.)[^\s/?#@"'<>\\,()]){1,256})\.\.\.""",
        "postgres://u:pw...",
        kind=MaskReason.PLACE,
    ),
    Shape(
        "password",
        f"%3[aA]%2[fF]%2[fF]{_SUB}{{0,128}}%3[aA]",
        f"(?P<secret>{_SUB}{{1,256}}+)%40",
        "https%3A%2F%2Fu%3Apw%40h",
        kind=MaskReason.PLACE,
    ),
)
_PRIVATE_KEY_END = re.compile(rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_MATERIAL = re.compile(rb"[A-Za-z0-9+/=\s\\:,%\-]*+")
_KEY_LIMIT = 32 * 1024


def beginnings() -> str:
    """A pattern for the beginning of any shape."""
    return "|".join(shape.prefix for shape in SHAPES)


def find_shapes(data: bytes, start: int, limit: int) -> Iterator[SecretMatch]:
    """Secrets of known shape that begin in `start` to `limit`."""
    for shape in SHAPES:
        if shape.mark not in data:
            continue
        find = _private_keys if shape.name == _PRIVATE_KEY else _found
        for match in find(shape, data, start):
            if match.start >= limit:
                break
            yield match


def _found(shape: Shape, data: bytes, start: int) -> Iterator[SecretMatch]:
    group = "secret" if "secret" in shape.pattern.groupindex else 0
    for found in shape.pattern.finditer(data, start):
        yield masked(*found.span(group), shape.kind, shape.name)


def _private_keys(shape: Shape, data: bytes, start: int) -> Iterator[SecretMatch]:
    """What is in a private key in PEM form, whole or cut off."""
    while found := shape.pattern.search(data, start):
        start = found.end()
        window = min(len(data), start + _KEY_LIMIT)
        end = _PRIVATE_KEY_END.search(data, start, window)
        material = _KEY_MATERIAL.match(data, start, window)
        stop = end.start() if end else material.end() if material else start
        if stop > start:
            yield masked(start, stop, shape.kind, shape.name)
            start = stop
