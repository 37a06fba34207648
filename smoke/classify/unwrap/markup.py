"""HTML and XML: scripts and attributes on their own, elements as labelled values, the rest as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smoke.classify._words import words
from smoke.classify.unwrap.escapes import entities, has_entities, untagged
from smoke.classify.unwrap.jsonish import LabelledRecord, RecordValue
from smoke.classify.unwrap.piece import Piece

_BLOCK = re.compile(
    r"<(?:(script|style|svg|aside|nav|footer|template)\b[^<>]{0,2000}"
    r"|(ol|pre|span)\s[^<>]{0,400}\bclass=\"(?:(?:pre|post)-context|context-line|line (?:before|current|after)[\w ]{0,40}|frame-line[\w -]{0,40})\"[^<>]{0,400})>",
    re.IGNORECASE,
)
"""The second kind is program text, which the debug pages of Django, Werkzeug and Starlette show of each frame."""
_ATTRIBUTE = re.compile(
    r"""\s([A-Za-z_:@][A-Za-z0-9_:.@-]{0,60})=(?:"([^"<>]{8,65536})"|'([^'<>]{8,65536})')"""
)
_ELEMENT = re.compile(
    r"<(?:[A-Za-z][A-Za-z0-9_-]{0,30}:)?([A-Za-z][A-Za-z0-9_.-]{0,40})(?:\s[^<>]{0,400})?>"
    r"(?:<!\[CDATA\[)?([^<>]{1,4000})(?:\]\]>)?</"
)
_UNRELIABLE = frozenset({"aside", "nav", "footer"})
_DROPPED = frozenset({"style", "svg"})
_TITLES = words("dt th b strong label td span key name string")
_DULL = words("href src class id style rel action d points viewbox integrity srcset")
_GAP = 600
_MOST = 60
"""So many neighbouring elements are one record: what stands further away belongs to another error."""
_HTML = re.compile(r"<(?:!doctype html|html|head|body|div|p|table|section|main)\b", re.IGNORECASE)
_TYPESETTING = words("code pre samp kbd var tt em i b strong small title h1 h2 h3 h4 p li")
"""Elements of HTML that say how a text looks, not what it is; in another XML `code` names a code."""


def parts(piece: Piece) -> Iterator[tuple[str, Piece]]:
    """`script`, `attribute` and `text` pieces of a page, in order of their kind."""
    text = piece.text
    position = 0
    for match in _BLOCK.finditer(text):
        if match.start() < position:
            continue
        program = match[2] is not None
        name = (match[2] or match[1]).lower()
        stop = _closing(text, name, match.end())
        if match.start() > position:
            yield from _prose(piece, position, match.start())
        if program:
            pass
        elif name in _UNRELIABLE:
            inner = piece.slice(match.end(), stop)
            inner.unreliable = True
            yield "text", untagged(inner)
        elif (
            name == "template"
            and text.endswith(">", 0, match.start())
            and "<turbo-stream" in text[max(0, match.start() - 400) : match.start()]
        ):
            yield from _prose(piece, match.end(), stop)
        elif name not in _DROPPED:
            yield "script", piece.slice(match.end(), stop)
        position = stop
    if position < len(text):
        yield from _prose(piece, position, len(text))


def _programs(text: str) -> Iterator[tuple[int, int]]:
    """Where a debug page shows program text."""
    position = 0
    for match in _BLOCK.finditer(text):
        if match[2] is not None and match.start() >= position:
            position = _closing(text, match[2].lower(), match.end())
            yield match.start(), position


def _closing(text: str, name: str, start: int) -> int:
    found = re.compile(rf"</{name}", re.IGNORECASE).search(text, start)
    return found.start() if found else len(text)


def _prose(piece: Piece, start: int, end: int) -> Iterator[tuple[str, Piece]]:
    yield "text", untagged(piece, start, end)
    for match in _ATTRIBUTE.finditer(piece.text, start, end):
        if match[1].lower() in _DULL:
            continue
        group = 2 if match[2] is not None else 3
        inner = piece.slice(
            match.start(group), match.end(group), "attribute", (*piece.keys, match[1])
        )
        yield "attribute", entities(inner) if has_entities(inner.text) else inner


def elements(piece: Piece) -> list[LabelledRecord]:
    """Elements that hold text as records, neighbours together: `<Code>23505</Code>`, `<dt>code</dt><dd>23505</dd>`."""
    records: list[LabelledRecord] = []
    record: LabelledRecord | None = None
    title = ""
    last = -_GAP
    unnamed = _TYPESETTING if _HTML.search(piece.text[:4000]) else frozenset[str]()
    programs = _programs(piece.text)
    behind = next(programs, None)
    for match in _ELEMENT.finditer(piece.text):
        while behind is not None and behind[1] <= match.start():
            behind = next(programs, None)
        if behind is not None and behind[0] <= match.start():
            continue
        if record is None or match.start() - last > _GAP or len(record.values) >= _MOST:
            record = LabelledRecord(piece, "", None, match.start())
            records.append(record)
            title = ""
        last = record.end = match.end()
        name = match[1].lower()
        inner = match[2]
        if name in _TITLES and len(inner) < 40 and not title:
            title = inner.strip().rstrip(":")
            if name not in {"td", "span", "string"}:
                continue
        key = title or ("" if name in unnamed else match[1])
        leaf = piece.slice(match.start(2), match.end(2), "", (*piece.keys, key))
        leaf = entities(leaf) if has_entities(leaf.text) else leaf
        record.values.append(
            RecordValue(key, "element", match.start(2), match.end(2), leaf.text, leaf=leaf)
        )
        if name not in _TITLES or title != inner.strip().rstrip(":"):
            title = ""
    return [record for record in records if record.values]
