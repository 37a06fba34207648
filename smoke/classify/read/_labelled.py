"""A message, a detail or a hint without the labelled lines that a driver writes behind it (`DETAIL:  Key …`)."""

from __future__ import annotations

import re
from dataclasses import replace

from smoke.classify.messages import labels
from smoke.classify.read._draft_read import Read

_WANTED = {"message_detail": "DETAIL", "message_hint": "HINT"}
_LABEL = re.compile(r"(?:\A|\n)[ \t]{0,8}([^\W\d_][^\n:]{1,30}?) ?:[ \t]{1,4}")
_PARTS = frozenset({"DETAIL", "HINT", "CONTEXT", "STATEMENT", "QUERY", "LOCATION"})


def own_part(name: str, read: Read) -> Read:
    """What of the text belongs to the field: of a whole error in `detail` only what stands behind its label."""
    text = read.text
    if ":" not in text:
        return read
    known = labels()
    marks = [
        (match.start(), match.end(), part)
        for match in _LABEL.finditer(text)
        if (part := known.get(match[1], match[1])) in _PARTS
    ]
    if not marks:
        return read
    start, end = 0, marks[0][0]
    wanted = _WANTED.get(name)
    if wanted is not None:
        for number, (_, after, part) in enumerate(marks):
            if part == wanted:
                start = after
                end = marks[number + 1][0] if number + 1 < len(marks) else len(text)
                break
    elif name != "message_primary":
        return read
    shown = text[start:end].rstrip()
    if not shown:
        return read
    if read.end - read.start != len(
        text
    ):  # it was changed on the way: its place is that of the whole
        return replace(read, text=shown)
    return replace(read, text=shown, start=read.start + start, end=read.start + start + len(shown))
