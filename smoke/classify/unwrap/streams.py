"""Event streams: each event's data put together, also where it was split in the middle of a word.

WHATWG HTML 9.2.6 joins `data:` lines with a line's end; servers that split JSON themselves do not expect one.
"""

from __future__ import annotations

import re

from smoke.classify.unwrap.piece import Piece

_DATA = re.compile(r"(?:\A|\n)data:")
_EVENT_END = re.compile(r"\r?\n\r?\n|\r\r")
_JOIN = re.compile(r"\r?\n(?:data: ?|(?:event|id|retry):[^\n]*(?:\r?\n|\Z)(?:data: ?)?)")
_START = re.compile(r"\A(?:(?:event|id|retry)?:[^\n]*\r?\n){0,9}data: ?")
MAX_EVENTS = 20_000


def _joined(_: re.Match[str]) -> str:
    return ""


def _lines(_: re.Match[str]) -> str:
    return "\n"


def events(piece: Piece) -> list[Piece]:
    """The data of each event as a piece; [] when the text is no event stream."""
    text = piece.text
    if "data:" not in text or piece.coding == "sse":
        return []
    head = text.lstrip("\ufeff\r\n")[:4000]
    if not head.startswith(("data:", "event:", "id:", "retry:", ":")) or not _DATA.search(text):
        return []
    found: list[Piece] = []
    position = 0
    while position < len(text) and len(found) < MAX_EVENTS:
        gap = _EVENT_END.search(text, position)
        end = gap.start() if gap else len(text)
        begin = _START.match(text[position:end])
        if begin is not None:
            start = position + begin.end()
            is_json = text[start : start + 1] in {"{", "[", '"'}
            found.append(piece.recoded(_JOIN, _joined if is_json else _lines, "sse", start, end))
        position = gap.end() if gap else len(text)
    return found
