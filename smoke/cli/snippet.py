"""Source lines with carets below the place that is meant, counted in the cells of a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from smoke.cli.layout import in_ascii
from smoke.cli.line import cell_len
from smoke.diagnostic import Span
from smoke.text import safe_line

TAB = 4
"""Cells between two tab stops."""


class Snippet(Struct, frozen=True):
    """One row: a numbered source line, or (without a number) carets or an ellipsis."""

    number: int | None
    text: str
    carets: bool = False


def snippet(
    excerpt: Sequence[tuple[int, str]],
    span: Span,
    *,
    room: int,
    label: str = "",
    unicode: bool = True,
) -> list[Snippet]:
    """The excerpt's lines, carets below the span's first line; lines are cut to `room` cells around it."""
    rows: list[Snippet] = []
    last = None
    for number, text in excerpt:
        if last is not None and number > last + 1:
            rows.append(Snippet(None, f"{' ' * (len(text) - len(text.lstrip(' ')))}..."))
        last = number
        if number != span.line:
            shown, _, _ = _cut(text, 0, 0, room, unicode=unicode)
            rows.append(Snippet(number, shown))
            continue
        start = max(0, span.column - 1)
        end = span.end_column - 1 if span.end_line == span.line else len(text)
        shown, caret, width = _cut(text, start, max(end, start + 1), room, unicode=unicode)
        rows.append(Snippet(number, shown))
        marked = f"{' ' * caret}{'^' * max(1, width)}"
        if label and caret + width + 1 + cell_len(label) > room:
            rows.append(Snippet(None, marked, carets=True))
            rows.append(
                Snippet(
                    None, f"{' ' * max(0, min(caret, room - cell_len(label)))}{label}", carets=True
                )
            )
        else:
            rows.append(Snippet(None, f"{marked} {label}".rstrip(), carets=True))
    return rows


def _cut(text: str, start: int, end: int, room: int, *, unicode: bool) -> tuple[str, int, int]:
    """The line in visible characters, cut to `room` cells around characters start to end; where they then stand.

    The result: the text, the cell of the first caret, how many carets.
    """
    # beyond this many characters around the span nothing can be visible
    lead = max(0, start - 4 * room)
    pieces: list[str] = []
    cells = 0
    first = last = 0
    for index in range(lead, min(len(text), max(start, 0) + 4 * room)):
        character = text[index]
        piece = " " * (TAB - cells % TAB) if character == "\t" else safe_line(character)
        if not unicode:  # before cells are counted: an escape is wider than its character
            piece = in_ascii(piece)
        if index == start:
            first = cells
        cells += cell_len(piece)
        pieces.append(piece)
        if index < end:
            last = cells
    if start >= len(text):  # behind the end of the line
        first, last = cells, cells + 1
    if len(text) > start + 4 * room and end > start + 4 * room:
        last = cells
    before, after = lead > 0, len(text) > lead + len(pieces)
    if cells <= room and not before and not after:
        return "".join(pieces).rstrip(), first, last - first
    dots = "…" if unicode else "..."
    return _window("".join(pieces), first, last, room, dots, before=before, after=after)


def _window(
    line: str, first: int, last: int, room: int, dots: str, *, before: bool, after: bool
) -> tuple[str, int, int]:
    """A stretch of `room` cells of a long line that shows the span, with ellipses where it was cut."""
    begin = max(0, min(first - room // 3, cell_len(line) - (room - 2 * len(dots))))
    if begin <= len(dots) and not before:
        begin = 0
    head = dots if begin or before else ""
    space = room - len(head) - len(dots)
    shown, cells, position = [], 0, 0
    for character in line:
        width = cell_len(character)
        if position >= begin:
            if cells + width > space:
                after = True
                break
            shown.append(character)
            cells += width
        elif position + width > begin:  # a wide character over the cut
            shown.append(" ")
            cells += position + width - begin
        position += width
    caret = max(0, first - begin) + len(head)
    width = max(1, min(last - begin + len(head), len(head) + cells) - caret)
    return head + "".join(shown) + (dots if after else ""), caret, width
