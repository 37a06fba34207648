"""Secrets in XML whose name stands in an attribute or in the element before: `<parameter name="password">…</parameter>`.

Only elements that are made to carry a value under a name are looked at (`CARRIERS`): the text of an `<error name="invalid_token">`
is what we are here for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
_MANY_BLANKS = re.compile(_BLANKS.replace(b"{0,8}", b"{0,256}"))
_MOST_BESIDE = 4
"""Comments and instructions between a name and its value that are looked behind."""
_LONGEST_BESIDE = 1024
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


@dataclass(frozen=True, slots=True)
class CarrierPatterns:
    """In a text in lower case: the start tag of a carrier; of an element that names the one behind it, and what is in both.

    `beside` opens what may stand between: a comment or an instruction, which end as `ends` says.
    """

    carrier: re.Pattern[bytes]
    naming: re.Pattern[bytes]
    name: re.Pattern[bytes]
    named: re.Pattern[bytes]
    element: re.Pattern[bytes]
    beside: re.Pattern[bytes]
    ends: tuple[bytes, bytes]


@cache
def _tags(spelling: TagPatterns) -> CarrierPatterns:
    opens, closes = spelling.opens.lower(), spelling.closes.lower()
    kinds = b"|".join(kind.encode() for kind in CARRIERS)
    within = rb"(?:(?!/?%b|%b)[^<>])" % (closes, opens)
    any_name = rb"[a-z_][a-z0-9_.:\-]"
    return CarrierPatterns(
        carrier=re.compile(
            opens
            + rb"(?P<element>(?:[a-z_][a-z0-9_.\-]{0,63}:)?(?:[a-z0-9_]{1,32}[-_.])?(?:%b))(?![a-z0-9_.:\-])"
            % kinds
            + rb"(?P<inside>%b{1,4000})(?:(?P<shut>/?)%b)?" % (within, closes)
        ),
        naming=re.compile(
            opens
            + rb"(?P<kind>(?:[a-z_][a-z0-9_.\-]{0,63}:)?(?:key|name))(?![a-z0-9_.:\-])%b{0,400}%b"
            % (within, closes)
        ),
        name=re.compile(
            rb"(?:%b!\[cdata\[)?%b(?P<name>%b{1,63})%b(?:\]\]%b)?"
            % (opens, _BLANKS, any_name, _BLANKS, closes)
        ),
        named=re.compile(opens + rb"\\{0,7}(?:/|%%2f)(?P<kind>%b{1,127})%b" % (any_name, closes)),
        element=re.compile(
            opens + rb"(?P<element>%b{0,127}+)%b{0,4000}%b" % (any_name, within, closes)
        ),
        beside=re.compile(opens + rb"(?:(?P<comment>(?:!|%21)--)|\?|%3f)"),
        ends=_ENDS[spelling.mark],
    )


_ENDS = {
    b"<": (b"-->", b"?>"),
    b"&lt;": (b"--&gt;", b"?&gt;"),
    rb"\u003c": (rb"--\u003e", rb"?\u003e"),
    b"%3c": (b"--%3e", b"%3f%3e"),
}
"""By the mark of each way to write markup: how a comment and an instruction end."""


def find_carried(data: bytes, lower: bytes, start: int, limit: int) -> Iterator[SecretMatch]:
    """Values whose tag begins before `limit`, and that begin at `start` or behind it; `lower` is the data in lower case."""
    back = max(0, start - BACK)
    for spelling in spellings_in(lower, back, limit):
        tags = _tags(spelling)
        for found in tags.carrier.finditer(lower, back):
            if found.start() >= limit:
                break
            yield from _starting(_of_carrier(spelling, data, lower, found), start)
        for found in tags.naming.finditer(lower, back):
            if found.start() >= limit:
                break
            yield from _starting(_behind_name(spelling, tags, data, lower, found), start)


def _behind_name(
    spelling: TagPatterns, tags: CarrierPatterns, data: bytes, lower: bytes, found: re.Match[bytes]
) -> Iterator[SecretMatch]:
    """The matches in the element behind one that names it."""
    name = tags.name.match(lower, _beside(tags, lower, found.end()))
    announced = _announced(data, name) if name else None
    if name is None or announced is None:
        return
    end = tags.named.match(lower, _beside(tags, lower, name.end()))
    if end is None or end["kind"] != found["kind"]:
        return
    element = tags.element.match(lower, _beside(tags, lower, end.end()))
    if element is not None:
        yield from _texts(spelling, data, element, announced)


def _beside(tags: CarrierPatterns, lower: bytes, at: int) -> int:
    """Behind blanks, comments and instructions."""
    for _ in range(_MOST_BESIDE):
        blanks = _MANY_BLANKS.match(lower, at)
        at = blanks.end() if blanks else at
        opened = tags.beside.match(lower, at)
        if opened is None:
            return at
        mark = tags.ends[0 if opened["comment"] else 1]
        end = lower.find(mark, opened.end(), opened.end() + _LONGEST_BESIDE)
        if end < 0:
            return at
        at = end + len(mark)
    return at


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
