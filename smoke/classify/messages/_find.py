"""All messages of the server in a text."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from itertools import islice

from smoke.classify.messages._cut import cut_messages
from smoke.classify.messages._match import Occurrence, match_at
from smoke.classify.messages._message import MessageMatch, Met
from smoke.classify.messages._pattern import MessagePattern, compile_row, compiled
from smoke.classify.messages._table import INDEX, LABELS, ROWS, TEMPLATES
from smoke.classify.messages.looks import Looks
from smoke.classify.messages.words import ascii_words, words_of

CHUNK = 32_768
OVERLAP = 512
"""A text is searched in chunks, since fewer templates can be in a small vocabulary; no anchor is longer than the
overlap, and what lies around an anchor is read from the whole text."""

MANY = 80
"""After so many different messages of one text only its end is looked at."""

_SPACED = bytes(32 if chr(code).isspace() else code for code in range(256))
"""Of ASCII, every space as the one of which there is no doubt."""

_DATETIME_TYPES = ("date", "time", "timestamp", "interval", "timetz", "timestamptz")
_NO_ROLE = 'role "%s" does not exist'
_FATAL = tuple(word for word, meaning in LABELS.items() if meaning == "FATAL")
_TYPED = 'invalid input syntax for type %s: "%s"'


def _candidates(chunk: str, words: set[str], looks: Looks) -> Iterator[tuple[int, MessagePattern]]:
    """The rows whose anchor is in the chunk, but for those that were looked at often enough."""
    flat = ""
    for word in sorted(words & INDEX.keys()):
        for row in INDEX[word]:
            if not looks.left(row):
                continue
            number, language, text = ROWS[row]
            pattern = compile_row(number, language, text, TEMPLATES[number][2])
            if pattern.anchor.words <= words:
                flat = flat or _flat(chunk)
                looks.tried()
                if pattern.anchor.probe in flat:
                    yield row, pattern


def _flat(chunk: str) -> str:
    """The chunk with one space wherever space of any kind stands."""
    if chunk.isascii():
        # most text has none in a row: three times faster than taking it apart
        spaced = chunk.encode("ascii").translate(_SPACED).decode("ascii")
        if "  " not in spaced:
            return spaced.strip(" ")
    return " ".join(chunk.split())


def _anchors(pattern: MessagePattern, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    head = pattern.anchor.head
    for match in compiled(pattern.anchor.body).finditer(text, start, end):
        if not head:
            yield match.span()
        elif match.start() and text[match.start() - 1].lower() == head.lower():
            yield match.start() - 1, match.end()


def _sqlstate(number: int, text: str, found: Occurrence) -> str:
    """The template's SQLSTATE; two messages have another one in some circumstances."""
    sqlstate, _, _, msgid = TEMPLATES[number]
    if msgid == _NO_ROLE and text[max(0, found.start - 20) : found.start].rstrip(" :").endswith(
        _FATAL
    ):
        return "28000"  # at login; in a statement it is an ERROR
    if msgid == _TYPED and "datatype_name" in found.fields:
        start, end = found.fields["datatype_name"]
        if text[start:end].startswith(_DATETIME_TYPES):
            return "22007"
    return sqlstate


def _quoted_in(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether one of the spans, sorted and none in another, holds all of [start, end)."""
    at = bisect_right(spans, (start, sys.maxsize)) - 1
    return at >= 0 and end <= spans[at][1]


def find(text: str, met: Met | None = None, looks: Looks | None = None) -> list[MessageMatch]:
    """Every message in the text, in order; `met` is told the words of each chunk, `looks` counts over several texts."""
    raw: dict[tuple[int, int, int, str], tuple[MessagePattern, Occurrence]] = {}
    told: set[int] = set()
    looks = looks or Looks()
    for start in range(0, max(1, len(text)), CHUNK):
        end = min(len(text), start + CHUNK + OVERLAP)
        chunk = text[start:end]
        enough = (len(told) > MANY or looks.tired) and end < len(text)
        if enough:
            if met is not None:
                met(start, end, ascii_words(chunk))
            continue
        words = words_of(chunk)
        if met is not None:
            met(start, end, words)
        for row, pattern in _candidates(chunk, words, looks):
            for span in islice(_anchors(pattern, text, start, end), looks.left(row)):
                looks.note(row)
                found = match_at(pattern, text, span)
                if found is not None:
                    told.add(pattern.template)
                    raw[found.start, found.end, pattern.template, pattern.language] = pattern, found
    whole = sorted((found.start, found.end) for _, found in raw.values())
    for pattern, found in cut_messages(text, looks):
        if not _overlaps(whole, found.start, found.end):
            raw[found.start, found.end, pattern.template, pattern.language] = pattern, found
    return _settle(text, list(raw.values()))


def _settle(text: str, raw: list[tuple[MessagePattern, Occurrence]]) -> list[MessageMatch]:
    """The readings without those that overlap a heavier one or stand in a value of another."""
    values = [
        found.fields["values"] for _, found in raw if "values" in found.fields and not found.cut
    ]
    raw.sort(
        key=lambda item: (-item[0].weight, -len(item[1].fields), item[1].start, item[0].template)
    )
    values = _outer(values)
    kept: list[tuple[MessagePattern, Occurrence]] = []
    taken: list[tuple[int, int]] = []
    for pattern, found in raw:
        if _overlaps(taken, found.start, found.end) or _quoted_in(values, found.start, found.end):
            continue
        kept.append((pattern, found))
        insort(taken, (found.start, found.end))
    return sorted((_message(text, *item) for item in kept), key=lambda match: match.start)


def _overlaps(taken: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether [start, end) meets one of the sorted spans next to it."""
    at = bisect_left(taken, (start, end))
    return (at > 0 and taken[at - 1][1] > start) or (at < len(taken) and taken[at][0] < end)


def _outer(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans that lie in no other one, sorted by start (and so by end)."""
    outer: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not outer or end > outer[-1][1]:
            outer.append((start, end))
    return outer


def _message(text: str, pattern: MessagePattern, found: Occurrence) -> MessageMatch:
    _, kind, _, msgid = TEMPLATES[pattern.template]
    return MessageMatch(
        sqlstate=_sqlstate(pattern.template, text, found),
        template=msgid,
        language=pattern.language,
        start=found.start,
        end=found.end,
        kind=kind,
        fields={
            name: (text[start:end], start, end)
            for name, (start, end) in found.fields.items()
            if name
        },
        cut=found.cut,
        unquoted=found.unquoted,
        weight=pattern.weight,
        in_sentence=_in_sentence(text, found),
    )


def _in_sentence(text: str, found: Occurrence) -> bool:
    """Whether the line goes on with a word, or came to it from one, without a mark or more than a space between."""
    before = text[max(0, found.start - 2) : found.start]
    after = text[found.end : found.end + 2]
    return (before[1:] == " " and before[0].isalnum()) or (after[:1] == " " and after[1:].isalnum())
