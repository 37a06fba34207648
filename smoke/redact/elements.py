"""Secrets in XML: the text of an element that has a telling name (`<password>…</password>`), CDATA too.

Attributes are found as all that stands behind a name and `=`. A name in angle brackets that has no end tag stays, as
messages and the types in a stack trace have it. Where a text has elements beside it, theirs are masked with it; an element
that holds nothing but others stays, and each of those has a name of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from functools import cache

from smoke.redact.keys import sensitive
from smoke.redact.matches import SecretMatch
from smoke.redact.places import masks_in

_MOST_PIECES = 100
"""Comments and CDATA sections in one value that are looked at."""
_MOST_TAGS = 32
"""Tags in one value that are looked at."""
_LONGEST_MARK = len(rb"\u003c") + 8
_LONGEST_MIXED = 16 * 1024
"""Bytes of a value that has elements in it: less than what stands behind a block in view."""
BACK = 1024
"""Bytes before a block in which the tag of a value that stands in it may begin."""


@dataclass(frozen=True, slots=True)
class TagPatterns:
    """How markup is written: as it is, or as HTML, JSON or a form escapes it.

    `tag` is a start tag, `text` what can be a value, `cut_off` what may be the beginning of one that nothing ends, `others`
    are tags of any kind within a value.
    """

    mark: bytes
    opens: bytes
    closes: bytes
    names: re.Pattern[bytes]
    tag: re.Pattern[bytes]
    text: re.Pattern[bytes]
    cut_off: re.Pattern[bytes]
    ends: re.Pattern[bytes]
    others: re.Pattern[bytes]


@cache  # made when a text has its mark: to compile all of them takes as long as seven requests
def _spelling(mark: bytes) -> TagPatterns:
    opens, closes, text, quotes = _SPELLINGS[mark]
    name = rb"((?:[A-Za-z_][A-Za-z0-9_.\-]{0,63}+:)?[A-Za-z_][A-Za-z0-9_.\-]{1,63}+)"
    # no group is possessive: `re` of Python 3.11.2 ends those at wrong places
    value = rb"[^%b]*+(?:%b[^%b]*+)*"
    on_a_line = text + rb"\"'\r\n"
    return TagPatterns(
        mark,
        opens,
        closes,
        re.compile(opens + name),
        # a tag that ends with a slash has no text
        re.compile(
            opens
            + name
            + rb"(?=[\s\\&%%>])(?:(?!/?%b|%b)[^<>]){0,4000}%b" % (closes, opens, closes)
        ),
        re.compile(value % (text, quotes, text)),
        re.compile(value % (on_a_line, quotes, on_a_line) + rb"\Z"),
        re.compile(opens + rb"\\{0,7}(?:/|%2[fF])" + name),
        re.compile(
            opens
            + rb"(?:(?P<mark>!--|!\[CDATA\[)|(?P<back>\\{0,7}(?:/|%%2[fF]))?(?P<name>[A-Za-z_][A-Za-z0-9_.:\-]{0,127}+)"
            rb"(?:(?!/?%b|%b)[^<>]){0,4000}(?P<shut>/)?%b)" % (closes, opens, closes)
        ),
    )


_SPELLINGS = {
    b"<": (b"<", b">", rb"<", rb"(?!)"),
    b"&lt;": (b"&lt;", b"&gt;", rb"<&", rb"&(?!lt;)"),
    rb"\u003c": (rb"\\u003[cC]", rb"\\u003[eE]", rb'"\\', rb"\\(?!u003[cC])"),
    b"%3c": (rb"%3[cC]", rb"%3[eE]", rb"&\s\"'<>%", rb"%(?!3[cC])"),
}
"""By the mark of each way to write markup: how a tag opens and closes, what ends a value, and what of that may stand in it."""
_CDATA = re.compile(rb"<!\[CDATA\[")
_COMMENT = b"<!--"
_LONGEST_COMMENT = 1024


def spellings_in(lower: bytes, start: int, limit: int) -> Iterator[TagPatterns]:
    """The ways in which there may be markup in a part of a text in lower case."""
    return (_spelling(mark) for mark in _SPELLINGS if lower.find(mark, start, limit) >= 0)


def find_elements(data: bytes, lower: bytes, start: int, limit: int) -> Iterator[SecretMatch]:
    """Texts of telling elements whose start tag begins before `limit`, and that begin at `start` or behind it.

    `lower` is the data in lower case. A match that ends with the data may go on behind it: its `continues` finds the end.
    """
    back = max(0, start - BACK)
    for spelling in spellings_in(lower, back, limit):
        names = set(spelling.names.findall(data, back))
        telling = {name for name in names if sensitive(_local(name)) is not None}
        if not telling:
            continue
        done = 0  # a section may hold what looks like an element
        for found in spelling.names.finditer(data, back):
            if found.start() >= limit:
                break
            if found[1] in telling and found.start() >= done:
                done = yield from _of_element(spelling, data, found, start)


def _local(name: bytes) -> str:
    return name.rpartition(b":")[2].decode("ascii")


def _of_element(
    spelling: TagPatterns, data: bytes, found: re.Match[bytes], start: int
) -> Generator[SecretMatch, None, int]:
    """The matches in one element, and where its texts end."""
    tag = spelling.tag.match(data, found.start())
    announced = sensitive(_local(found[1]))
    if tag is None or announced is None:
        return 0
    behind = 0
    for begin, end, end_of in texts_of(spelling, data, tag.end(), found[1]):
        behind = end
        for match in masks_in(data, begin, end, *announced):
            if match.start >= start:
                goes_on = match.end == len(data)
                yield replace(match, continues=end_of) if goes_on else match
    return behind


Piece = tuple[int, int, Callable[[bytes, int], int]]


def texts_of(
    spelling: TagPatterns, data: bytes, at: int, name: bytes, *, whole: bool = False
) -> list[Piece]:
    """Where the texts of an element lie, from the end of its start tag on; sections alone when it has no end.

    So it is when it has other elements and no text beside them, unless `whole` says that all of it is the value.
    """
    first = at
    texts: list[Piece] = []
    sections: list[Piece] = []

    def text_end(data: bytes, begin: int) -> int:
        rest = spelling.text.match(data, begin)
        return rest.end() if rest else begin

    for _ in range(_MOST_PIECES):
        end = text_end(data, at)
        texts.append((at, end, text_end))
        if end == len(data):
            return (
                sorted((*texts, *sections), key=_begin)
                if spelling.cut_off.match(data, at)
                else sections
            )
        closing = spelling.ends.match(data, end)
        if closing is not None and closing[1] == name:
            return sorted((*texts, *sections), key=_begin)
        if spelling.mark == b"<" and (opened := _CDATA.match(data, end)) is not None:
            end = _section_end(data, opened.end())
            sections.append((opened.end(), end, _section_end))
            at = min(len(data), end + len(b"]]>"))
        elif (
            spelling.mark == b"<"
            and data.startswith(_COMMENT, end)
            and (behind := data.find(b"-->", end + len(_COMMENT), end + _LONGEST_COMMENT)) >= 0
        ):
            at = behind + len(b"-->")
        else:
            return _mixed(spelling, data, first, name, whole=whole) or sections

    def element_end(data: bytes, begin: int) -> int:
        closing = (each for each in spelling.ends.finditer(data, begin) if each[1] == name)
        return next((each.start() for each in closing), len(data))

    # too many pieces to look at each: all that is left of the element is one, so that nothing of it stays
    return sorted((*texts, *sections, (at, element_end(data, at), element_end)), key=_begin)


def _mixed(spelling: TagPatterns, data: bytes, at: int, name: bytes, *, whole: bool) -> list[Piece]:
    """The texts of an element that has others in it; none where no text stands beside those, or its end is not near."""
    near = min(len(data), at + _LONGEST_MIXED)
    pieces: list[Piece] = []
    own, depth, same = whole, 0, 0
    for _ in range(_MOST_TAGS):
        tag = spelling.others.search(data, at, near)
        if tag is None:
            return []
        pieces.append((at, tag.start(), _section_end))
        is_end = tag["back"] and tag["name"] == name and not same
        # what stands directly before its end is its own, however many elements were not closed
        own = own or ((depth <= 0 or bool(is_end)) and bool(data[at : tag.start()].strip()))
        if is_end:
            return pieces if own else []
        at = tag.end()
        if tag["mark"] == b"!--":
            at = _behind(data, b"-->", at, near)
        elif tag["mark"]:
            at = _behind(data, b"]]>", at, near)
            pieces.append((tag.end(), max(tag.end(), at - len(b"]]>")), _section_end))
            own = own or depth <= 0
        elif tag["shut"] is None:
            step = -1 if tag["back"] else 1
            depth += step
            same += step if tag["name"] == name else 0
    end = _end_near(spelling, data, at, near, name) if own else -1
    return [*pieces, (at, end, _section_end)] if end >= 0 else []


def _behind(data: bytes, mark: bytes, at: int, end: int) -> int:
    found = data.find(mark, at, end)
    return end if found < 0 else found + len(mark)


def _end_near(spelling: TagPatterns, data: bytes, at: int, near: int, name: bytes) -> int:
    """Where the next end tag of an element begins; -1 when there is none near by. A slash and the name are looked for: that is fast."""
    slashes = (b"%2F", b"%2f") if spelling.mark == b"%3c" else (b"/",)
    for slash in slashes:
        behind = at
        for _ in range(
            _MOST_TAGS
        ):  # the end of another element may have a name that only begins so
            behind = data.find(slash + name, behind, near)
            if behind < 0:
                break
            found = spelling.ends.search(data, max(at, behind - _LONGEST_MARK), near)
            if found is not None and found[1] == name:
                return found.start()
            behind += len(slash)
        else:
            return near
    return -1


def _begin(piece: Piece) -> int:
    return piece[0]


def _section_end(data: bytes, begin: int) -> int:
    """Where a CDATA section ends."""
    end = data.find(b"]]>", begin)
    return len(data) if end < 0 else end
