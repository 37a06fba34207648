"""JSON as it comes: whole, embedded in other text, cut off, with `undefined`, any depth; each value with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from smoke.classify.unwrap.escapes import unescaped
from smoke.classify.unwrap.piece import Piece

MAX_TOKENS = 1_500_000
"""After so many values of one text the rest is left to the readers of plain text."""

MAX_NESTING = 500
"""Objects nested deeper count as part of the one around them."""
MAX_RECORDS = 250_000

_TOKEN = re.compile(
    r'"((?:[^"\\]++|\\.)*+)("?)(\s*+:)?'  # a string, perhaps cut off, perhaps a key
    r"|([{\[])|([}\]])|([^\s\"{}\[\],:]++)",
    re.DOTALL,
)
_DOCUMENT = re.compile(
    r'\{\s{0,200}"(?:[^"\\\n]|\\.){0,200}"\s{0,20}:|\[\s{0,200}(?:\{\s{0,20}"|\d{1,9}\s{0,9},\s{0,9}"|"(?=[^"\n]{3}))'
)
_MAX_PATH = 12


@dataclass(slots=True, eq=False)
class RecordValue:
    """A scalar of a record: `kind` is `string` or `word` (a number, true, null …); [start, end) without quotes."""

    key: str
    kind: str
    start: int
    end: int
    raw: str
    whole: bool = True
    escaped: bool = False
    leaf: Piece | None = None


@dataclass(slots=True, eq=False)
class LabelledRecord:
    """An object or array: its scalars in order, and where it stands. An array's values have the array's own key."""

    piece: Piece
    key: str
    parent: LabelledRecord | None
    start: int
    array: bool = False
    values: list[RecordValue] = field(default_factory=list)
    children: list[LabelledRecord] = field(default_factory=list)
    end: int = 0
    depth: int = 0
    cut: bool = False
    errorish: bool | None = None
    """What a reader made of its keys, once its values are all there."""
    judged: dict[object, bool] | None = None
    """What readers made of what it says: each of many values, and each of many objects in it, asks."""

    def path(self) -> tuple[str, ...]:
        """The keys that lead here, outermost first; of a long path the last ones."""
        keys: list[str] = []
        record: LabelledRecord | None = self
        while record is not None and len(keys) < _MAX_PATH:
            if record.key:
                keys.append(record.key)
            record = record.parent
        return (*self.piece.keys[-_MAX_PATH:], *reversed(keys))

    def text(self, value: RecordValue) -> str:
        """A value's text without escapes."""
        if value.leaf is not None:
            return value.leaf.text
        return self.leaf(value).text if value.escaped else value.raw

    def leaf(self, value: RecordValue) -> Piece:
        """A value as a piece."""
        if value.leaf is not None:
            return value.leaf
        keys = (*self.path(), value.key) if value.key and not self.array else self.path()
        if value.escaped:
            return unescaped(self.piece, value.start, value.end, keys)
        return self.piece.slice(value.start, value.end, "", keys)


def documents(piece: Piece) -> Iterator[tuple[int, int, list[LabelledRecord]]]:
    """Each JSON document in the text: its start, its end, and its records in order."""
    text = piece.text
    position = 0
    tokens = 0
    while tokens < MAX_TOKENS:
        found = _DOCUMENT.search(text, position)
        if found is None:
            return
        start = found.start()
        end, records, used = _walk(piece, start, MAX_TOKENS - tokens)
        tokens += used
        yield start, end, records
        position = max(end, start + 1)


def _walk(piece: Piece, start: int, limit: int) -> tuple[int, list[LabelledRecord], int]:
    """Reads from an opening bracket to its closing one, or to the end of the text."""
    text = piece.text
    records: list[LabelledRecord] = []
    current: LabelledRecord | None = None
    key = ""
    used = 0
    nested = 0
    position = start
    for match in _TOKEN.finditer(text, start):
        used += 1
        position = match.end()
        if used > limit:
            break
        kind = match.lastindex
        if (
            match[4]
            and current is not None
            and (current.depth >= MAX_NESTING or len(records) >= MAX_RECORDS)
        ):
            nested, key = nested + 1, ""
        elif match[5] and nested:
            nested, key = nested - 1, ""
        elif match[4]:
            record = LabelledRecord(
                piece,
                key,
                current,
                match.start(),
                match[4] == "[",
                depth=current.depth + 1 if current else 0,
            )
            if current is not None:
                current.children.append(record)
            records.append(record)
            current, key = record, ""
        elif match[5]:
            if current is None:
                break
            current.end = position
            current, key = current.parent, ""
            if current is None:
                return position, records, used
        elif current is None:
            break
        elif kind == 6:
            if match[6][0] in "<\\" or (not key and not current.array):
                position = match.start()  # the document ended here: what follows is no JSON
                break
            current.values.append(RecordValue(key, "word", match.start(6), match.end(6), match[6]))
            key = ""
        elif match[3]:
            key = match[1] if "\\" not in match[1] else _key(match[1])
        else:
            raw = match[1]
            current.values.append(
                RecordValue(
                    key, "string", match.start(1), match.end(1), raw, bool(match[2]), "\\" in raw
                )
            )
            key = ""
            if not match[2]:
                break
    for record in records:
        if not record.end:
            record.end, record.cut = position, True
    return position, records, used


def _key(raw: str) -> str:
    return re.sub(r"\\(.)", r"\1", raw[:200])
