r"""Secrets that show by where they stand: behind a telling name in JSON, a form, a query, a header, a dump.

Names are looked for backwards from `:` and `=`, since these are rarer than names. One search in C collects the
different names of a block; only when one of them is telling are its places looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from smoke.redact.cards import digits_of, show
from smoke.redact.keys import Value, endings, qualifiers, sensitive
from smoke.redact.matches import Kind, Match, mask_of, masked

# of the reversed text: the separator, white space, a closing quote as it may be escaped, the name
_QUOTE_BACKWARDS = rb"(?:;touq&|;43#&|;93#&|22%|[\"']\\{0,31}+)?"
_COLON = re.compile(rb":[ \t\r\n]{0,4}+" + _QUOTE_BACKWARDS + rb"([A-Za-z0-9_.\-]{2,64}+)")
_EQUALS = re.compile(rb"=[ \t]?" + _QUOTE_BACKWARDS + rb"([A-Za-z0-9_.\-\[\]%]{2,64}+)")
_EQUALS_ENCODED = re.compile(rb"D3%([A-Za-z0-9_.\-]{2,64}+%?)", re.IGNORECASE)


def _backwards(endings: Iterable[str]) -> str:
    """A pattern for one of the endings, reversed, told apart by its first letter since that is fast."""
    by_letter: dict[str, list[str]] = {}
    for ending in endings:
        by_letter.setdefault(ending[-1], []).append(ending[-2::-1].replace(" ", "[_.-]?"))
    return "|".join(f"{letter}(?:{'|'.join(rests)})" for letter, rests in by_letter.items())


def _last_letters(words: Iterable[str]) -> bytes:
    """A look ahead that fails fast for most names."""
    return b"(?=[" + bytes(sorted({ord(word[-1]) for word in words})) + b"])"


_ENDING = b"(?:" + _backwards(endings()).encode() + b")"
_TELLING = (
    rb"(?:"
    + _last_letters(endings())
    + _ENDING
    + rb"|"
    + _last_letters(qualifiers())
    + rb"(?:(?:"
    + _backwards(qualifiers()).encode()
    + rb")[_.\-]?){1,3}+"
    + _ENDING
    + rb")"
)
_COLON_TELLING = re.compile(rb":[ \t\r\n]{0,4}+" + _QUOTE_BACKWARDS + _TELLING)
_EQUALS_TELLING = re.compile(rb"=[ \t]?" + _QUOTE_BACKWARDS + rb"(?:d5%|\])?" + _TELLING)

_VALUE = re.compile(
    rb"(?:>[ \t]?)?[ \t\r\n]{0,8}+(?P<quote>\\{0,31}+[\"']|&quot;|&#34;|&#39;|%22)?", re.IGNORECASE
)
_NUMBER = re.compile(rb"-?[0-9]{1,64}+(?=[\s,}\])]|\\[nr]|&|$)")
_LINE_START = re.compile(rb"(?:^|[\n\r\"'{,(\[;]|\\[nr])[> <\t*|\-]{0,8}$")
_QUERY_START = re.compile(rb"(?:^|[?&;,\s\"'{(\[#]|\\u0026|\\[nr]|%26|%3f|%22)$", re.IGNORECASE)
_TO_LINE_END = re.compile(rb"(?:[^\r\n\"'<\\]|\\(?![nr\"'\\/u]))++")
_TO_AMPERSAND = re.compile(rb"(?:[^&;\s\"'<>\\,)}\]]|%[0-9A-Fa-f]{2})++")
_TO_ENCODED_AMPERSAND = re.compile(
    rb"(?:[^&;\s\"'<>\\%]|%(?!26|22|3b|20|0a|0d)[0-9a-f]{2})++", re.IGNORECASE
)
_COLUMN = re.compile(
    rb"(?:\$[0-9]+|\?|%s|:[a-z_]+|[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)+)$", re.IGNORECASE
)
_SCHEME = re.compile(
    rb"[ \t]*(?:(?:Bearer|Basic|Digest|Negotiate|Token|ApiKey|AWS4-HMAC-SHA256|[A-Za-z][A-Za-z0-9\-]{1,30})(?: |%20|\+)[ \t]*)?"
)
_COOKIE = re.compile(rb"([^=;\s\"']{1,256}+)=([^;\r\n\"']{1,8192}+)")
_SEPARATORS = (
    (_COLON, _COLON_TELLING),
    (_EQUALS, _EQUALS_TELLING),
    (_EQUALS_ENCODED, re.compile(rb"d3%")),
)
LONGEST = 60 * 1024
"""A value behind a name is masked up to this length at once; the rest of a longer one follows."""


def find_places(data: bytes, start: int, limit: int) -> Iterator[Match]:
    """Values behind telling names, where the value begins in `start` to `limit`."""
    back = max(0, start - 256)
    mirrored = data[back:][::-1]
    lower = mirrored.lower()
    for pattern, first_look in _SEPARATORS:
        if first_look.search(lower) is None:
            continue
        telling = {name for name in set(pattern.findall(mirrored)) if sensitive(_text(name))}
        if not telling:
            continue
        for found in pattern.finditer(mirrored):
            if found[1] not in telling:
                continue
            separator = len(data) - found.start()
            first, behind = len(data) - found.end(), len(data) - found.start(1)
            for match in _values(data, pattern, first, behind, separator):
                if start <= match.start < limit:
                    yield match


def _text(mirrored: bytes) -> str:
    return _without_escape(mirrored[::-1]).decode("ascii")


def _without_escape(name: bytes) -> bytes:
    """The name behind a percent escape (`%26token`); a bracketed name keeps its escapes."""
    return name[3:] if name.startswith(b"%") else name


def _values(
    data: bytes, pattern: re.Pattern[bytes], first: int, behind: int, at: int
) -> Iterator[Match]:
    """The matches for the name `first` to `behind`, whose separator ends at `at`."""
    found = sensitive(_without_escape(data[first:behind]).decode("ascii"))
    if found is None:
        return
    word, value = found
    if pattern is _EQUALS_ENCODED:
        rest = _TO_ENCODED_AMPERSAND.match(data, at, at + LONGEST)
        if rest:
            yield from _masks(data, *rest.span(), word, value)
        return
    quoted_name = behind < at - 1 and not data[behind : at - 1].isspace()
    shape = _VALUE.match(data, at)
    quote = shape["quote"] if shape else None
    begin = shape.end() if shape else at
    if quote:
        yield from _masks(data, begin, closing(data, begin, quote), word, value)
        return
    if quoted_name:
        number = _NUMBER.match(data, begin)
        if number:
            mark = data[behind:at].rstrip(b":= \t\r\n") or b'"'
            yield from _number(data, *number.span(), word, value, mark)
        elif data[begin : begin + 1] == b"[":
            yield from _list(data, begin + 1, word, value)
        return
    before = data[max(0, first - 16) : first]
    if pattern is _COLON:
        if _LINE_START.search(before):
            rest = _TO_LINE_END.match(data, begin, begin + LONGEST)
            if rest:
                yield from _masks(data, *rest.span(), word, value)
    elif at == begin and _QUERY_START.search(before):
        rest = _TO_AMPERSAND.match(data, begin, begin + LONGEST)
        if rest and not _COLUMN.match(rest[0]):
            yield from _masks(data, *rest.span(), word, value)


def closing(data: bytes, begin: int, quote: bytes) -> int:
    r"""Where a quoted value ends: before the next quote that is escaped as often as the opening one, or less."""
    mark = quote.lstrip(b"\\")
    depth = len(quote) - len(mark)
    stop = min(len(data), begin + LONGEST)
    at = data.find(mark, begin, stop)
    while at >= 0:
        slashes = at
        while slashes > begin and data[slashes - 1] == 0x5C:
            slashes -= 1
        count = at - slashes
        # n levels of JSON write a quote with 2**n - 1 backslashes; a backslash at the end of a value adds
        # an even share, so a quote closes when what exceeds our own level is a multiple of the next
        if len(mark) > 1 or count % (2 * (depth + 1)) == depth:
            return at - depth if len(mark) == 1 else at
        if count < depth:
            return slashes
        at = data.find(mark, at + 1, stop)
    return stop


def _masks(data: bytes, begin: int, end: int, word: str, value: Value) -> Iterator[Match]:
    """The matches inside one value."""
    while end > begin and data[end - 1] in b" \t":
        end -= 1
    text = data[begin:end]
    if not text.strip():
        return
    if value is Value.CARD:
        number = digits_of(text)
        if 12 <= len(number) <= 19 and not re.search(rb"[A-Za-z_*]", text):
            yield Match(begin, end, show(number), Kind.CARD, "card")
        return
    if value is Value.CREDENTIALS:
        yield masked(begin + scheme_end(text), end, Kind.PLACE, word)
        return
    if value is Value.COOKIES:
        cookies = list(_COOKIE.finditer(text))
        for cookie in cookies:
            yield masked(begin + cookie.start(2), begin + cookie.end(2), Kind.PLACE, word)
        if cookies:
            return
    yield masked(begin, end, Kind.PLACE, word)


def scheme_end(value: bytes) -> int:
    """The length of an authentication scheme and the space behind it (RFC 9110 11.4); 0 when there is none."""
    found = _SCHEME.match(value)
    size = found.end() if found else 0
    return size if size < len(value) else 0


def _number(
    data: bytes, begin: int, end: int, word: str, value: Value, mark: bytes
) -> Iterator[Match]:
    """A bare number becomes a string, so that JSON stays JSON."""
    for match in _masks(data, begin, end, word, value):
        if match.start == begin and match.end == end:
            yield Match(begin, end, mark + match.text + mark, match.kind, match.name)


def _list(data: bytes, at: int, word: str, value: Value) -> Iterator[Match]:
    """The strings of a list, at most a hundred."""
    for _ in range(100):
        opened = _VALUE.match(data, at)
        if opened is None or not opened["quote"]:
            return
        end = closing(data, opened.end(), opened["quote"])
        yield from _masks(data, opened.end(), end, word, value)
        comma = _COMMA.match(data, end + len(opened["quote"]))
        if comma is None:
            return
        at = comma.end()


_COMMA = re.compile(rb"[ \t\r\n]{0,8}+,")

__all__ = ["find_places", "mask_of", "scheme_end"]
