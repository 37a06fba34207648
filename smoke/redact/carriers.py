"""Secrets in XML whose name stands in an attribute or in the element before: `<parameter name="password">…</parameter>`.

Only elements that are made to carry a value under a name are looked at (`CARRIERS`): the text of an `<error name="invalid_token">`
is what we are here for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

from smoke.redact.elements import BACK, Piece, TagPatterns, spellings_in, texts_of
from smoke.redact.keys import ValueKind, sensitive
from smoke.redact.matches import SecretMatch
from smoke.redact.places import closing, masks_in

CARRIERS = (
    *("add", "arg", "argument", "attr", "attribute", "data", "entry", "env", "field", "header", "item", "metadata"),
    *("option", "pair", "param", "parameter", "prop", "property", "setting", "string", "textarea", "variable"),
)  # fmt: skip
"""Last words of the names of elements that carry a value: `init-param` too."""
_BLANKS = rb"(?:\s|\\[nrt]|\+|%20|%0a|%09){0,8}"
_QUOTE = rb"\\{0,31}[\"']|&quot;|&#34;|&#39;|&apos;|%22|%27"
_NAMED = re.compile(
    rb"(?<![a-z0-9_.\-])(?:name|key|id)"
    + _BLANKS
    + rb"(?:=|%3d)"
    + _BLANKS
    + rb"(?P<quote>"
    + _QUOTE
    + rb")(?P<name>[a-z_][a-z0-9_.:\-\[\]]{1,63})(?P=quote)"
)
_VALUE = re.compile(
    rb"(?<![a-z0-9_.\-])(?:value|val|content|default)"
    + _BLANKS
    + rb"(?:=|%3d)"
    + _BLANKS
    + rb"(?P<quote>"
    + _QUOTE
    + rb")"
)


@cache
def _tags(spelling: TagPatterns) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """In a text in lower case: the start tag of a carrier, and the element that names the one behind it."""
    opens, closes = spelling.opens.lower(), spelling.closes.lower()
    kinds = b"|".join(kind.encode() for kind in CARRIERS)
    inside = rb"(?:(?!/?%b|%b)[^<>]){1,4000}" % (closes, opens)
    carrier = (
        opens
        + rb"(?P<element>(?:[a-z_][a-z0-9_.\-]{0,63}:)?(?:[a-z0-9_]{1,32}[-_.])?(?:%b))(?![a-z0-9_.:\-])"
        % kinds
        + rb"(?P<inside>%b)(?:(?P<shut>/?)%b)?" % (inside, closes)
    )
    before = (
        opens
        + rb"(?P<kind>(?:[a-z_][a-z0-9_.\-]{0,63}:)?(?:key|name))%b%b(?P<name>[a-z_][a-z0-9_.:\-]{1,63})%b"
        % (closes, _BLANKS, _BLANKS)
        + opens
        + rb"\\{0,7}(?:/|%%2f)(?P=kind)%b%b" % (closes, _BLANKS)
        + opens
        + rb"(?P<element>[a-z_][a-z0-9_.:\-]{1,127}+)(?:(?!/?%b|%b)[^<>]){0,4000}%b"
        % (closes, opens, closes)
    )
    return re.compile(carrier), re.compile(before)


def find_carried(data: bytes, lower: bytes, start: int, limit: int) -> Iterator[SecretMatch]:
    """Values whose tag begins before `limit`, and that begin at `start` or behind it; `lower` is the data in lower case."""
    back = max(0, start - BACK)
    for spelling in spellings_in(lower, back, limit):
        carrier, before = _tags(spelling)
        for found in carrier.finditer(lower, back):
            if found.start() >= limit:
                break
            yield from _starting(_of_carrier(spelling, data, lower, found), start)
        for found in before.finditer(lower, back):
            if found.start() >= limit:
                break
            if announced := _announced(data, found):
                yield from _starting(_texts(spelling, data, found, announced), start)


def _starting(matches: Iterator[SecretMatch], start: int) -> Iterator[SecretMatch]:
    return (match for match in matches if match.start >= start)


def _announced(data: bytes, found: re.Match[bytes]) -> tuple[str, ValueKind] | None:
    name = data[found.start("name") : found.end("name")]
    return sensitive(name.rpartition(b":")[2].decode("ascii"))


def _of_carrier(
    spelling: TagPatterns, data: bytes, lower: bytes, found: re.Match[bytes]
) -> Iterator[SecretMatch]:
    """The matches in one element that may carry a value."""
    inside = found.span("inside")
    names = _NAMED.finditer(lower, *inside)
    announced = next(filter(None, (_announced(data, name) for name in names)), None)
    if announced is None:
        return
    for value in _VALUE.finditer(lower, *inside):
        quote = data[value.start("quote") : value.end("quote")]
        end_of = partial(closing, quote=quote)
        yield from _masked(data, (value.end(), end_of(data, value.end()), end_of), announced)
    if found["shut"] == b"":  # it ends, and without a slash
        yield from _texts(spelling, data, found, announced)


def _texts(
    spelling: TagPatterns, data: bytes, found: re.Match[bytes], announced: tuple[str, ValueKind]
) -> Iterator[SecretMatch]:
    element = data[found.start("element") : found.end("element")]
    for piece in texts_of(spelling, data, found.end(), element, whole=True):
        yield from _masked(data, piece, announced)


def _masked(data: bytes, piece: Piece, announced: tuple[str, ValueKind]) -> Iterator[SecretMatch]:
    begin, end, end_of = piece
    for match in masks_in(data, begin, end, *announced):
        yield replace(match, continues=end_of) if match.end == len(data) else match
