"""One piece to the plain texts and labelled records in it, peeling coding after coding."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from smoke.classify.unwrap import codings, escapes, markup, spots, streams
from smoke.classify.unwrap.binary import protobuf
from smoke.classify.unwrap.jsonish import LabelledRecord, RecordValue, documents
from smoke.classify.unwrap.piece import MAX_DEPTH, Piece

BUDGET = 5
"""All texts together may be this many times as long as the response: codings in codings end there."""

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,}+={0,2}(?![A-Za-z0-9+/_=])")
_BASE64_MARK = re.compile(r"[A-Za-z0-9+/_-]{24}")
_FORM = re.compile(r"\A\s{0,9}\??[A-Za-z0-9_.\[\]%-]{1,80}=[^\s<>\"{}]*+\s{0,9}\Z")
_QUERY = re.compile(r"[?#][A-Za-z0-9_.\[\]%-]{1,80}=[^\s<>\"{}]*+")
_WRAPPED = re.compile(
    r'[{\[]\s{0,9}["{\[\d]|<[A-Za-z!/?]|&[#A-Za-z]|\\["\\nu/x]|%[0-9A-F]{2}|\x1b\[|(?m:^data:)'
)


@dataclass(slots=True)
class Peeled:
    """What was found: texts and records in no particular order; `spent` counts characters looked at."""

    texts: list[Piece] = field(default_factory=list)
    records: list[LabelledRecord] = field(default_factory=list)
    spent: int = 0
    limit: int = 0

    def peel(self, piece: Piece) -> None:
        """Adds what is in the piece."""
        waiting = self._stretches(piece) if len(piece.text) > spots.LARGE else [piece]
        while waiting:
            current = waiting.pop()
            self.spent += len(current.text)
            if self.spent > self.limit or current.depth > MAX_DEPTH:
                self.texts.append(current)
                continue
            waiting.extend(reversed(list(self._step(current))))

    def _stretches(self, piece: Piece) -> list[Piece]:
        """Of a large text what lies around anything that may speak of an error."""
        found = spots.regions(piece.text)
        self.spent += len(piece.text)
        return [piece.slice(start, end) for start, end in reversed(found)]

    def _step(self, piece: Piece) -> Iterable[Piece]:
        """The pieces to go on with; what is plain is kept."""
        text = piece.text
        if not text or text.isspace():
            return []
        if "\x1b" in text:
            clean = escapes.uncoloured(piece)
            if clean.text != text:
                return [clean]
        if "Exception Group Traceback" in text and "\n  |" in text and piece.coding != "group":
            return [escapes.ungrouped(piece)]
        events = streams.events(piece)
        if events:
            return events
        found = list(documents(piece)) if "{" in text or "[" in text else []
        if found and not _is_page(text):
            return self._documents(piece, found)
        if _FORM.match(text) and "=" in text and ("&" in text or "%" in text or "+" in text):
            self._form(piece, 0, len(text))
            return []
        if escapes.has_markup(text) and (not piece.plain or _is_page(text) or "<br" in text):
            return self._markup(piece)
        return self._plain(piece)

    def _documents(
        self, piece: Piece, found: list[tuple[int, int, list[LabelledRecord]]]
    ) -> list[Piece]:
        more: list[Piece] = []
        position = 0
        for start, end, records in found:
            if len(piece.text[position:start].strip(" \t\r\n,;)(]}'")) > 2:
                more.append(piece.slice(position, start))
            position = end
            for record in records:
                self.records.append(record)
                more.extend(
                    record.leaf(value)
                    for value in record.values
                    if value.kind == "string" and len(value.raw) > 5 and wrapped(value)
                )
        if len(piece.text[position:].strip(" \t\r\n,;)(]}'")) > 2:
            more.append(piece.slice(position, len(piece.text)))
        return more

    def _markup(self, piece: Piece) -> list[Piece]:
        more: list[Piece] = []
        self.records.extend(markup.elements(piece))
        for kind, part in markup.parts(piece):
            if part.text.strip():
                if kind == "text":
                    part.depth += 1
                more.append(part)
        return more

    def _plain(self, piece: Piece) -> list[Piece]:
        text = piece.text
        if escapes.has_entities(text) and (not piece.plain or "&quot;" in text or "&#" in text):
            clean = escapes.entities(piece)
            if clean.text != text:
                return [clean]
        if escapes.has_escapes(text):
            clean = escapes.unescaped(piece)
            if clean.text != text:
                return [clean]
        if escapes.has_percent(text):
            query = _QUERY.search(text)
            if query is not None and len(text) < 65536:
                self._form(piece, query.start() + 1, query.end())
            clean = escapes.percent(piece)
            if clean.text != text:
                return [clean]
        self.texts.append(piece)
        return list(self._hidden(piece)) if _BASE64_MARK.search(text) else []

    def _form(self, piece: Piece, start: int, end: int) -> None:
        """`a=b&c=d` as a record."""
        record = LabelledRecord(piece, "", None, start)
        position = start
        for part in piece.text[start:end].split("&")[:2000]:
            name, equals, value = part.partition("=")
            if equals and value:
                at = position + len(name) + 1
                leaf = escapes.percent(piece, at, at + len(value), form=True)
                leaf.keys = (*piece.keys, name)
                record.values.append(
                    RecordValue(name, "form", at, at + len(value), leaf.text, leaf=leaf)
                )
            position += len(part) + 1
        if record.values:
            self.records.append(record)
            for entry in record.values:
                if entry.leaf is not None and wrapped(entry):
                    self.peel_later(entry.leaf)

    def peel_later(self, piece: Piece) -> None:
        """Peels a nested value at once, one level deeper."""
        if piece.depth < MAX_DEPTH:
            self.peel(piece)

    def _hidden(self, piece: Piece) -> Iterable[Piece]:
        """What base64 in the text holds."""
        for count, match in enumerate(_BASE64.finditer(piece.text)):
            if count >= 200:
                return
            token = match[0]
            data = _unbase64(token)
            if data is None:
                continue
            data = codings.unpack(data).data[:1_000_000]
            text = _readable(data)
            if text:
                yield piece.opaque(text, "base64", match.start(), match.end())
            else:
                self._packed(piece, data, match)

    def _packed(self, piece: Piece, data: bytes, match: re.Match[str]) -> None:
        record = LabelledRecord(piece, "", None, match.start())
        for key, start, end in protobuf(data):
            leaf = piece.opaque(data[start:end].decode("utf-8", "replace"), "base64", *match.span())
            leaf.keys = (*piece.keys, key) if key else piece.keys
            record.values.append(RecordValue(key or "message", "form", 0, 0, leaf.text, leaf=leaf))
        if record.values:
            self.records.append(record)


def wrapped(value: RecordValue) -> bool:
    """Whether a value may hold something in another coding."""
    text = value.leaf.text if value.leaf is not None else value.raw
    if value.escaped and value.leaf is None and '\\"' in text and "{" in text:
        return True
    return (
        _WRAPPED.search(text) is not None
        and (not value.escaped or _WRAPPED.search(re.sub(r'\\([n"t/])', " ", text)) is not None)
    ) or (len(text) > 23 and _BASE64_MARK.search(text) is not None and _looks_base64(text))


def _looks_base64(text: str) -> bool:
    found = _BASE64.search(text)
    data = _unbase64(found[0]) if found is not None else None
    # a long name has the letters of base64 too: what it decodes to must be something
    return data is not None and (
        data[:2] == b"\x1f\x8b" or bool(_readable(data)) or any(protobuf(data))
    )


def _unbase64(token: str) -> bytes | None:
    if token.isdigit() or (token.islower() and token.isalnum()):
        return None
    plain = token.rstrip("=").replace("-", "+").replace("_", "/")
    if len(plain) % 4 == 1:
        plain = plain[:-1]
    try:
        data = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if len(data) > 12 else None


def _readable(data: bytes) -> str:
    """The text, when it is one (the end may be cut within a character)."""
    for cut in range(4):
        try:
            text = data[: len(data) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        control = sum(1 for char in text[:2000] if char < " " and char not in "\r\n\t")
        return text if control == 0 else ""
    return ""


def _is_page(text: str) -> bool:
    head = text[:400].lstrip("\ufeff \t\r\n").lower()
    return head.startswith(("<!doctype", "<html", "<?xml", "<head", "<body", "<!--")) or (
        head.startswith("<") and not head.startswith(("<{", "<["))
    )
