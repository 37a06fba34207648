r"""Secrets that show by where they stand: behind a telling name in JSON, a form, a query, a header, a dump.

Names are looked for backwards from `:` and `=`, since these are rarer than names. One search in C collects the
different names of a block; only when one of them is telling are its places looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from smoke.redact.cards import digits_of, show
from smoke.redact.keys import ValueKind, endings, qualifiers, sensitive
from smoke.redact.matches import MaskReason, SecretMatch, mask_of, masked

# of the reversed text: the separator, white space, a closing quote as it may be escaped, the name
_QUOTE_BACKWARDS = rb"(?:;touq&|;43#&|;93#&|22%|[\"']\\{0,31}+)?"
_COLON = re.compile(rb":[ \t\r\n]{0,4}+" + _QUOTE_BACKWARDS + rb"([A-Za-z0-9_.\-]{2,64}+)")
_EQUALS = re.compile(rb"=[ \t]?" + _QUOTE_BACKWARDS + rb"([A-Za-z0-9_.\-\[\]%]{2,64}+)")
_EQUALS_ENCODED = re.compile(rb"D3%([A-Za-z0-9_.\-]{2,64}+%?)", re.IGNORECASE)


def _backwards(words: Iterable[str]) -> str:
    """A pattern for one of the words, reversed; what they share stands in it once, which is fast to compile and to try."""
    by_letter: dict[str, list[str]] = {}
    for word in words:
        by_letter.setdefault(word[-1:], []).append(word[:-1])
    ends = by_letter.pop("", None) is not None
    branches = []
    for letter, rests in sorted(by_letter.items()):
        branches.append(("[_.-]?" if letter == " " else letter) + _backwards(rests))
    if ends:
        branches.append("")
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


_FIRST_LETTERS = bytes(sorted({ord(word[-1]) for word in (*endings(), *qualifiers())}))
# the look ahead fails fast for most names
_TELLING = (
    rb"(?=["
    + _FIRST_LETTERS
    + rb"])(?:"
    + _backwards(qualifiers()).encode()
    + rb"[_.\-]?){0,3}"
    + _backwards(endings()).encode()
)
# the first look may let through too much: a closing quote is whatever is no letter, or the end of an entity; and it is
# one for both separators, since compiling it takes as long as a hundred looks
_LOOK = re.compile(rb"[:=][^a-z0-9]{0,40}+(?:" + _TELLING + rb"|d5%|touq&|43#&|93#&|22%)")

_VALUE = re.compile(
    rb"(?:>[ \t]?)?[ \t\r\n]{0,8}+(?P<quote>\\{0,31}+[\"']|&quot;|&#34;|&#39;|%22)?", re.IGNORECASE
)
_NUMBER = re.compile(rb"-?[0-9]{1,64}+(?=[\s,}\])]|\\[nr]|&|$)")
_LINE_START = re.compile(rb"(?:\A|[\n\r\"'{,(\[;]|\\[nr])[> <\t*|\-]{0,8}$")
_QUERY_START = re.compile(rb"(?:\A|[?&;,\s\"'{(\[#]|\\u0026|\\[nr]|%26|%3f|%22)$", re.IGNORECASE)
# Python before 3.11.5 keeps what a possessive group's last, failed round read in a look-ahead or a repeat inside of it
# (github.com/python/cpython/issues/106052): the rounds here are made of characters and classes alone
_TO_LINE_END = re.compile(
    rb"(?:[^\r\n\"'<\\]++|\\[^\r\n\"'<\\nru/])*+(?:\\(?=[\r\n<]|\Z))?"  # not to \n, \r, \", \/, \u
)
_TO_AMPERSAND = re.compile(rb"[^&;\s\"'<>\\,)}\]]++")
_TO_ENCODED_AMPERSAND = re.compile(  # not to %26, %22, %3b, %20, %0a, %0d
    rb"(?:[^&;\s\"'<>\\%]|%[14-9a-f][0-9a-f]|%0[0-9bcef]|%2[1345789a-f]|%3[0-9ac-f])++",
    re.IGNORECASE,
)
_COLUMN = re.compile(
    rb"(?:\$[0-9]+|\?|%s|:[a-z_]++|[a-z_][a-z0-9_]*+(?:\.[a-z_][a-z0-9_]*+)++)(?![^\s,;)\"'\\])",
    re.IGNORECASE,
)
_VARIABLE = re.compile(rb"\$[A-Za-z_][A-Za-z0-9_]{0,127}+(?=[\s),}\]]|\\{1,16}+[nrt]|\Z)")
_TYPE = re.compile(rb":[ \t]{0,4}+\[{0,4}[A-Za-z_]")
_ARGUMENT = re.compile(rb"-?[0-9]{1,64}+(?=[ \t]{0,4}+[),}])")
_OPERATIONS = (b"mutation", b"query", b"subscription")
_DOCUMENT = 8192
"""Bytes before a place in which a GraphQL document begins that it stands in."""
_PLACEHOLDER = re.compile(
    rb"\{\{ {0,4}[A-Za-z_][A-Za-z0-9_.]{0,63} {0,4}\}\}|\$\{[A-Za-z_][A-Za-z0-9_.]{0,63}\}"
)
_SCHEME = re.compile(
    rb"[ \t]*(?:(?:Bearer|Basic|Digest|Negotiate|Token|ApiKey|AWS4-HMAC-SHA256|[A-Za-z][A-Za-z0-9\-]{1,30})(?: |%20|\+)[ \t]*)?"
)
_COOKIE = re.compile(rb"([^=;\s\"']{1,256}+)=([^;\r\n\"']{1,8192}+)")
# a single byte is looked for ten times as fast as a pattern
_SEPARATORS = (
    (_COLON, b":", _LOOK),
    (_EQUALS, b"=", _LOOK),
    (_EQUALS_ENCODED, b"%", re.compile(rb"d3%")),
)


@dataclass(frozen=True, slots=True)
class _Place:
    """A telling name from `first` to `behind`, and where its separator ends."""

    first: int
    behind: int
    at: int
    pattern: re.Pattern[bytes]


def find_places(data: bytes, lower: bytes, start: int, limit: int) -> Iterator[SecretMatch]:
    """Values behind telling names, where the value begins in `start` to `limit`.

    `lower` is the data in lower case. A match that ends with the data may go on behind it: its `continues` finds the end.
    """
    done = 0
    for place in sorted(_places(data, lower, max(0, start - 256)), key=lambda place: place.at):
        if place.at < done:
            continue  # inside a value that is masked whole
        for match in _values(data, place):
            if start <= match.start < limit:
                yield match
            done = max(done, match.end)


def _places(data: bytes, lower: bytes, back: int) -> Iterator[_Place]:
    mirrored_lower = lower[back:][::-1]
    patterns = [
        pattern
        for pattern, mark, look in _SEPARATORS
        if mark in mirrored_lower and look.search(mirrored_lower)
    ]
    if not patterns:
        return
    mirrored = data[back:][::-1]
    size = len(data)
    for pattern in patterns:
        telling = {name for name in set(pattern.findall(mirrored)) if sensitive(_text(name))}
        if telling:
            for found in pattern.finditer(mirrored):
                if found[1] in telling:
                    first, behind = size - found.end(), size - found.start(1)
                    yield _Place(first, behind, size - found.start(), pattern)


def _text(mirrored: bytes) -> str:
    return _without_escape(mirrored[::-1]).decode("ascii")


def _without_escape(name: bytes) -> bytes:
    """The name behind a percent escape (`%26token`); a bracketed name keeps its escapes."""
    return name[3:] if name.startswith(b"%") else name


def _values(data: bytes, place: _Place) -> Iterator[SecretMatch]:
    """The matches for one telling name."""
    name, at = data[place.first : place.behind], place.at
    found = sensitive(_without_escape(name).decode("ascii"))
    if found is None:
        return
    if place.pattern is _EQUALS_ENCODED:
        yield from _until(_TO_ENCODED_AMPERSAND, data, at, *found)
        return
    between = data[place.behind : at - 1].strip()
    shape = _VALUE.match(data, at)
    quote = shape["quote"] if shape else None
    begin = shape.end() if shape else at
    if quote:
        end = closing(data, begin, quote)
        for match in masks_in(data, begin, end, *found):
            if match.end == len(data):
                yield replace(match, continues=partial(closing, quote=quote))
            else:
                yield match
    elif between:
        number = _NUMBER.match(data, begin)
        if number:
            yield from _number(data, *number.span(), *found, between)
        elif data[begin : begin + 1] == b"[":
            yield from _list(data, begin + 1, *found)
    elif place.pattern is _COLON:
        if not _LINE_START.search(data, max(0, place.first - 16), place.first):
            return
        if not _is_variable(data, begin, place.first):
            argument = _in_graphql(data, begin, place.first)
            yield from _until(_ARGUMENT if argument else _TO_LINE_END, data, begin, *found)
    elif at == begin and _QUERY_START.search(data, max(0, place.first - 16), place.first):
        column = _COLUMN.match(data, begin, begin + 256)
        if column is None:
            yield from _until(_TO_AMPERSAND, data, begin, *found)


def _is_variable(data: bytes, begin: int, first: int) -> bool:
    """Whether a variable stands there that a GraphQL document declares (`$password: String!`): a password may begin with `$`."""
    found = _VARIABLE.match(data, begin)
    if found is None:
        return False
    declared = data.rfind(found[0] + b":", max(0, first - _DOCUMENT), first)
    return declared >= 0 and _TYPE.match(data, declared + len(found[0])) is not None


def _in_graphql(data: bytes, begin: int, first: int) -> bool:
    """Whether a number stands there as an argument of a GraphQL document: the rest of the line is none of its value."""
    if _ARGUMENT.match(data, begin) is None:
        return False
    low = max(0, first - _DOCUMENT)
    at = max(data.rfind(word, low, first) for word in _OPERATIONS)
    return at >= 0 and data.find(b"{", at, first) >= 0 and data.find(b"(", at, first) >= 0


def _until(
    pattern: re.Pattern[bytes], data: bytes, begin: int, word: str, value: ValueKind
) -> Iterator[SecretMatch]:
    """The matches in a value that is as long as the pattern says."""

    def end_of(data: bytes, begin: int) -> int:
        rest = pattern.match(data, begin)
        return rest.end() if rest else begin

    for match in masks_in(data, begin, end_of(data, begin), word, value):
        yield replace(match, continues=end_of) if match.end == len(data) else match


def closing(data: bytes, begin: int, quote: bytes) -> int:
    r"""Where a quoted value ends: before the next quote that is escaped as often as the opening one, or less."""
    mark = quote.lstrip(b"\\")
    depth = len(quote) - len(mark)
    at = data.find(mark, begin)
    while at >= 0:
        if not depth and data[at - 1] != 0x5C:
            return at
        slashes = at
        while slashes > begin and data[slashes - 1] == 0x5C:
            slashes -= 1
        count = at - slashes
        # n levels of JSON write a quote with 2**n - 1 backslashes; a backslash at the end of a value adds
        # an even share, so a quote closes when what exceeds our own level is a multiple of the next
        if len(mark) > 1:
            return at
        if count % (2 * (depth + 1)) == depth:
            return at - depth
        if count < depth:
            return slashes
        at = data.find(mark, at + 1)
    return len(data)


def masks_in(
    data: bytes, begin: int, end: int, word: str, value: ValueKind
) -> Iterator[SecretMatch]:
    """The matches inside one value."""
    while end > begin and data[end - 1] in b" \t":
        end -= 1
    text = data[begin:end]
    if not text.strip() or _PLACEHOLDER.fullmatch(text):
        return
    if value is ValueKind.CARD:
        number = digits_of(text)
        if 12 <= len(number) <= 19 and not re.search(rb"[A-Za-z_*]", text):
            yield SecretMatch(begin, end, show(number), MaskReason.CARD, "card")
        return
    if value is ValueKind.CREDENTIALS:
        yield masked(begin + scheme_end(text), end, MaskReason.PLACE, word)
        return
    if value is ValueKind.COOKIES:
        cookies = list(_COOKIE.finditer(text))
        for cookie in cookies:
            yield masked(begin + cookie.start(2), begin + cookie.end(2), MaskReason.PLACE, word)
        if cookies:
            return
    yield masked(begin, end, MaskReason.PLACE, word)


def scheme_end(value: bytes) -> int:
    """The length of an authentication scheme and the space behind it (RFC 9110 11.4); 0 when there is none."""
    found = _SCHEME.match(value)
    size = found.end() if found else 0
    return size if size < len(value) else 0


def _number(
    data: bytes, begin: int, end: int, word: str, value: ValueKind, mark: bytes
) -> Iterator[SecretMatch]:
    """A bare number becomes a string, so that JSON stays JSON."""
    for match in masks_in(data, begin, end, word, value):
        if match.start == begin and match.end == end:
            yield SecretMatch(begin, end, mark + match.text + mark, match.kind, match.name)


def _list(data: bytes, at: int, word: str, value: ValueKind) -> Iterator[SecretMatch]:
    """The strings of a list, at most a hundred."""
    for _ in range(100):
        opened = _VALUE.match(data, at)
        if opened is None or not opened["quote"]:
            return
        end = closing(data, opened.end(), opened["quote"])
        yield from masks_in(data, opened.end(), end, word, value)
        comma = _COMMA.match(data, end + len(opened["quote"]))
        if comma is None:
            return
        at = comma.end()


_COMMA = re.compile(rb"[ \t\r\n]{0,8}+,")

__all__ = ["find_places", "mask_of", "masks_in", "scheme_end"]
