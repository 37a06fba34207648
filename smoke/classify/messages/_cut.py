"""Messages that break off before their end: at the end of the text, or at an ellipsis."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice, pairwise

from smoke.classify.messages import _names
from smoke.classify.messages._match import Occurrence, fill
from smoke.classify.messages._pattern import (
    QUOTE,
    Hole,
    MessagePattern,
    TemplatePiece,
    compile_row,
    compiled,
    weigh,
)
from smoke.classify.messages._table import ROWS, TEMPLATES
from smoke.classify.messages.looks import Looks

WINDOW = 400
"""How far before a break a message may begin."""
_BREAKS = 20
_LETTERS = 16
_WORDS = 4
"""What has to be left of the template's own text: less is in other messages, and in prose, too."""

_LETTERS_OF_HAN = 24
_HEAD = 3
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_]+")
_DOTS, _ELLIPSIS = "...", "…"


@cache
def _by_beginning() -> dict[tuple[str, str], tuple[int, ...]]:
    """The first two words of a row's text, the first in lower case, to rows; of Han or Kana the first characters."""
    found: dict[tuple[str, str], list[int]] = {}
    for row, (_, _, text) in enumerate(ROWS):
        words = text.split(None, 2)[:2]
        if _HAN.match(text):
            found.setdefault((text[:_HEAD], ""), []).append(row)
        elif len(words) == 2 and all(map(_WORD.fullmatch, words)):
            found.setdefault((words[0].lower(), words[1]), []).append(row)
    return {words: tuple(rows) for words, rows in found.items()}


def breaks(text: str, looks: Looks) -> list[int]:
    """Where a message may be cut off: the end, and the first ellipses."""
    found = [len(text), *islice(_ellipses(text), _BREAKS)]
    return sorted(found[: looks.breaks(len(found))])


def _ellipses(text: str) -> Iterator[int]:
    """Where dots or the sign stand. Two plain searches: a pattern for both takes four times as long."""
    dots, sign = text.find(_DOTS), text.find(_ELLIPSIS)
    while dots >= 0 or sign >= 0:
        if sign < 0 or 0 <= dots < sign:
            yield dots
            dots = text.find(_DOTS, dots + len(_DOTS))
        else:
            yield sign
            sign = text.find(_ELLIPSIS, sign + 1)


def cut_messages(text: str, looks: Looks) -> Iterator[tuple[MessagePattern, Occurrence]]:
    """Messages that run into a break, where what is left of them is one SQLSTATE's only."""
    for end in breaks(text, looks):
        for start, rows in _beginnings(text, max(0, end - WINDOW), end):
            read = [
                (pattern, found)
                for row in rows
                if (found := _read(pattern := _pattern(row), text, start, end)) is not None
            ]
            if read and len({TEMPLATES[pattern.template][0] for pattern, _ in read}) == 1:
                yield max(read, key=lambda item: len(item[1].fields))


def _pattern(row: int) -> MessagePattern:
    number, language, text = ROWS[row]
    return compile_row(number, language, text, TEMPLATES[number][2])


def _beginnings(text: str, start: int, end: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    known = _by_beginning()
    for first, second in pairwise(_WORD.finditer(text, start, end)):
        rows = known.get((first[0].lower(), second[0]))
        if rows and text[first.end() : second.start()].isspace():
            yield first.start(), rows
    for head in _HAN.finditer(text, start, end):
        if rows := known.get((text[head.start() : head.start() + _HEAD], "")):
            yield head.start(), rows


def _read(pattern: MessagePattern, text: str, start: int, end: int) -> Occurrence | None:
    """The template from `start` on, when the text runs out before it does."""
    left = text[start:end]
    found = Occurrence(0, len(left), cut=True)
    position = words = letters = 0
    for number, piece in enumerate(pattern.pieces):
        if number:
            after = _behind(pattern.holes[number - 1], piece, left, position, found)
            if after is None:
                break
            if after < 0:
                return None
            position = after
        for word in piece.text.split() if piece else ():
            position = len(left) - len(left[position:].lstrip())
            there = left[position : position + len(word)]
            if there.lower() != word[: len(there)].lower():
                return None
            position += len(there)
            if len(there) == len(word):
                words += 1
            if len(there) == len(word) or _HAN.match(word):
                letters += weigh(there)
        if position >= len(left):
            break
    else:
        return None
    enough = _LETTERS_OF_HAN if _HAN.match(left) else _LETTERS
    if letters < enough or (words < _WORDS and enough == _LETTERS):
        return None
    fields = {name: (start + first, start + last) for name, (first, last) in found.fields.items()}
    return Occurrence(start, end, fields, cut=True)


def _behind(
    hole: Hole, piece: TemplatePiece | None, left: str, position: int, found: Occurrence
) -> int | None:
    """Where the hole at `position` ends; None when the text breaks off in it, -1 when this is not its value."""
    match = compiled(piece.strict).search(left, position) if piece else None
    if match is not None:
        filled = fill(hole, left, (position, match.start("core")), found)
        return match.start("core") if filled else -1
    inside = left[position:].lstrip()
    if not inside:
        return None
    if not hole.quoted or not any(map(_names.is_mark, inside[:3])) or len(inside) > hole.limit:
        return -1
    behind = " ".join(piece.text.split()) if piece else ""
    for mark in compiled(QUOTE).finditer(left, position + 1):
        # what is left behind the closing quote is the beginning of the next literal
        if behind.startswith(" ".join(left[mark.end() :].split())):
            filled = piece is not None and fill(hole, left, (position, mark.end()), found)
            return mark.end() if filled else None
    closed = _names.after(left, position)[0] is not None
    return -1 if closed else None
