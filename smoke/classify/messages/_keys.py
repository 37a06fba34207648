"""`(columns)=(values)` as the server writes it into a DETAIL."""

from __future__ import annotations

import re

Span = tuple[int, int]

_END = re.compile(r"\)[.。]?(?=\s*(?:[\r\n\"'<»“”]|\\[nr\"]|$))")
_MIDDLE = ")=("


def split(text: str, start: int, end: int) -> tuple[Span, Span] | None:
    """Columns and values of `(a, b)=(1, 2)` between start and end, or None when it is not of that form."""
    while start < end and (text[start].isspace() or text[start] in "«»„“\"'\\"):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in "«»“”\"'\\"):
        end -= 1
    middle = text.find(_MIDDLE, start, end)
    if middle < 0 or text[start] != "(" or text[end - 1] != ")" or end - 1 < middle + 3:
        return None
    return (start + 1, middle), (middle + 3, end - 1)


def after(text: str, start: int, limit: int) -> int | None:
    """Where the pair that begins at `start` ends, or None."""
    stop = min(len(text), start + limit)
    middle = text.find(_MIDDLE, start, stop)
    if middle < 0 or text[start:middle].lstrip(" «»„“\"'\\\n")[:1] != "(":
        return None
    end = _END.search(text, middle + 3, stop)
    return end.start() + 1 if end else None


def before(text: str, end: int, limit: int) -> int | None:
    """Where the pair that ends at `end` begins, or None: parentheses in the column list are balanced."""
    floor = max(0, end - limit)
    middle = text.rfind(_MIDDLE, floor, end)
    if middle < 0:
        return None
    depth = 0
    for position in range(middle, max(floor, middle - 600) - 1, -1):
        if text[position] == ")":
            depth += 1
        elif text[position] == "(":
            depth -= 1
            if depth == 0:
                return position
    return None
