"""A plain text to drafts: messages, labelled codes, exception classes and labelled values that belong together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from smoke.classify import _codes, _labels, _pairs, _place, _symbols
from smoke.classify._draft import Draft, Read
from smoke.classify._labels import Label, Strength
from smoke.classify._piece import Piece
from smoke.classify._symbols import Symbol
from smoke.classify.messages import MessageMatch, Value, find_messages
from smoke.model.dberror import Certainty

Table = Mapping[str, tuple[str, str]]
LIGHT = 24
"""A message with fewer letters of its own counts only where it stands as a message does."""
NEAR = 240
REACH = 6000
"""How far behind a message its labelled values may stand: a stack trace is between."""
_CHAIN = re.compile(r"During handling of the above exception|was the direct cause of the following exception")
_TRACEBACK = "Traceback (most recent call last)"
_AT_RAISE = re.compile(r"(?:[^\n]{0,400}\n){0,6}?[^\n]{0,20}CONTEXT: {1,2}PL/pgSQL function [^\n]{1,200} line \d{1,6} at RAISE")
_FIELDS = ("constraint_name", "table_name", "column_name", "schema_name", "datatype_name")


@dataclass(slots=True)
class Sweep:
    """One text being read; `loose` when the place says little (an aside, a product's text), `calm`
    when the response did not fail and nothing marks the text as an error's."""

    piece: Piece
    table: Table
    loose: bool = False
    calm: bool = False

    def drafts(self) -> list[Draft]:
        """What the text says, in its order."""
        text = self.piece.text
        if len(text) < 5:
            return []
        messages = find_messages(text)
        if not messages and text.isupper():
            # a page put in capitals as a whole: names that were not quoted are lower case
            lowered = text.lower()
            messages = find_messages(lowered) if len(lowered) == len(text) else []
        labels = list(_labels.find(text, messages))
        symbols = _symbols.find(text, self.table)
        if not messages and not labels and not symbols:
            return []
        messages = [
            match
            for match in messages
            if (match.sqlstate or match.kind != "primary")
            and _place.speaks(text, match, symbols, loose=self.loose, calm=self.calm)
        ]
        labels = [label for label in labels if _place.labels(text, label, loose=self.loose)]
        symbols = [] if self.loose else symbols
        grouping = _Grouping(self.piece)
        tokens: list[MessageMatch | Label | Symbol] = [*messages, *labels, *symbols]
        tokens.sort(key=lambda token: (token.start, token.end))
        for token in tokens:
            if isinstance(token, MessageMatch):
                grouping.message(token)
            elif isinstance(token, Label):
                grouping.label(token)
            else:
                grouping.symbol(token)
        grouping.settle()
        drafts = grouping.done
        _raised(text, drafts, grouping.spans)
        _chained(text, grouping.mentions)
        if drafts:
            _attach_pairs(self.piece, drafts, grouping.spans)
        return [draft for draft in drafts if draft.sqlstate or draft.fields]


class _Grouping:
    """The drafts so far, and the one that is open."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.text = piece.text
        self.done: list[Draft] = []
        self.spans: list[tuple[int, int]] = []
        self.current: Draft | None = None
        self.labelled = 0
        self.waiting: Symbol | None = None
        self.mentions: list[tuple[int, Draft]] = []

    def _open(self, start: int, end: int) -> Draft:
        draft = Draft(at=(self.piece.place(start), start))
        self.done.append(draft)
        self.spans.append((start, end))
        self.current = draft
        self.labelled = 0
        return draft

    def _grow(self, end: int) -> None:
        if self.current is not None:
            self.mentions.append((end, self.current))
        if self.spans:
            self.spans[-1] = (self.spans[-1][0], max(end, self.spans[-1][1]))

    def _read(self, text: str, start: int, end: int, certainty: Certainty = Certainty.TEXT) -> Read:
        return Read(text, self.piece, start, end, certainty)

    def message(self, match: MessageMatch) -> None:
        """A message of the server."""
        if match.kind != "primary":
            self._second(match)
            return
        symbol, self.waiting = self.waiting, None
        exact = symbol is not None and _exact(symbol) and self._adjacent(symbol.end, match.start)
        current = self.current
        waits = (
            current is not None
            and current.text("message_primary") is None
            and (match.start - self.spans[-1][1] < NEAR)
        )
        if current is not None and waits and (self.labelled or current.code == match.sqlstate):
            if current.code in _codes.CLIENT:
                # the driver's own code around what the server said
                current.sqlstate, self.labelled = None, 0
            agrees = current.code in {"", match.sqlstate}
        elif current is not None and current.code == match.sqlstate and self._fits(current, match):
            agrees = True
        else:
            current = self._open(symbol.start if symbol and exact else match.start, match.end)
            if exact and symbol is not None and symbol.sqlstate != match.sqlstate:
                current.sqlstate = self._symbol_read(symbol)
                self.labelled = int(Strength.STATE)
                agrees = False
            else:
                current.light = match.weight < LIGHT and self.text[match.start : match.end].isascii()
                agrees = True
        if symbol is not None:
            current.dialect = current.dialect or symbol.dialect
        current.give(
            "message_primary",
            self._read(self.text[match.start : match.end], match.start, match.end),
        )
        if agrees:
            self._take(current, match)
        current.certainty = Certainty.TEXT
        current.cut = current.cut or match.cut
        self._grow(match.end)

    def _take(self, draft: Draft, match: MessageMatch) -> None:
        if draft.sqlstate is None:
            draft.sqlstate = Read(match.sqlstate, certainty=Certainty.TEXT)
        for name in _FIELDS:
            value = match.fields.get(name)
            if value is not None:
                draft.give(name, self._read(*trimmed(*value)))
        self._columns(draft, match)

    def _columns(self, draft: Draft, match: MessageMatch) -> None:
        value = match.fields.get("columns")
        if value is not None and not draft.columns:
            draft.columns = split_columns(value[0])
            draft.columns_read = self._read(*value)

    def _fits(self, draft: Draft, match: MessageMatch) -> bool:
        old, new = draft.text("constraint_name"), match.value("constraint_name")
        return old is None or new is None or old == new

    def _second(self, match: MessageMatch) -> None:
        """A detail or a hint."""
        current = self.current
        name = "message_detail" if match.kind == "detail" else "message_hint"
        near = current is not None and match.start - self.spans[-1][1] < REACH
        same = current is not None and (
            not match.sqlstate or current.code[:2] == match.sqlstate[:2] or self.labelled
        )
        if current is None or not near or not same or current.text(name) is not None:
            if not match.sqlstate or match.kind != "detail":
                return
            current = self._open(match.start, match.end)
            current.sqlstate = Read(match.sqlstate, certainty=Certainty.TEXT)
            current.certainty = Certainty.TEXT
        current.give(name, self._read(self.text[match.start : match.end], match.start, match.end))
        if not match.sqlstate or current.code == match.sqlstate:
            self._columns(current, match)
            if match.value("table_name") and current.code != "23503":
                current.give("table_name", self._read(*match.fields["table_name"]))
        self._grow(match.end)

    def label(self, label: Label) -> None:
        """A labelled code."""
        current = self.current
        read = self._read(
            label.code,
            label.start,
            label.end,
            Certainty.FIELD if label.strength != Strength.PLACED else Certainty.TEXT,
        )
        if current is not None and current.code == label.code:
            if not label.before or current.text("message_primary") is None or self._close_to(label):
                current.sqlstate = read
                current.certainty = read.certainty
                current.light = False
                self.labelled = max(self.labelled, int(label.strength))
                self._grow(label.end)
                return
        if label.strength == Strength.PAIR and (self._claim(label, read) or not _accompanied(self.text, label)):
            return
        if current is not None and not self.labelled and not label.before and self._close_to(label):
            self._override(current, label, read)
            return
        self.waiting = None
        current = self._open(label.start, label.end)
        current.sqlstate = read
        current.certainty = read.certainty
        self.labelled = int(label.strength)

    def _claim(self, label: Label, read: Read) -> bool:
        """A pair `code: x` behind a message that says otherwise is the message's code, if it is near."""
        current = self.current
        if (
            current is not None
            and not self.labelled
            and current.text("message_primary") is not None
            and label.start - self.spans[-1][1] < REACH
            and not any(draft.code == label.code for draft in self.done)
        ):
            if sum(1 for draft in self.done if draft.text("message_primary")) == 1:
                self._override(current, label, read)
            return True
        return any(draft.code == label.code for draft in self.done)

    def _override(self, current: Draft, label: Label, read: Read) -> None:
        """The label wins over what the message's words say: any text may be raised under any code."""
        if current.code != label.code:
            for name in _FIELDS:
                current.fields.pop(name, None)
            current.columns, current.columns_read = (), None
        current.sqlstate = read
        current.certainty = read.certainty
        current.light = False
        self.labelled = int(label.strength)
        self._grow(label.end)

    def symbol(self, symbol: Symbol) -> None:
        """An exception's class."""
        current = self.current
        if current is not None and current.code == symbol.sqlstate:
            current.dialect = current.dialect or symbol.dialect
            current.light = False
            self._grow(symbol.end)
            return
        self._settle_symbol()
        self.waiting = symbol

    def _settle_symbol(self) -> None:
        symbol, self.waiting = self.waiting, None
        if symbol is None or not symbol.sure:
            return
        if any(draft.code == symbol.sqlstate for draft in self.done):
            return
        if self.labelled and self.current is not None and symbol.start - self.spans[-1][1] < 80:
            return  # `SQLSTATE[P0001]` beside a class that its library takes for another
        draft = self._open(symbol.start, symbol.end)
        draft.sqlstate = self._symbol_read(symbol)
        draft.dialect = symbol.dialect

    def settle(self) -> None:
        """Ends the reading."""
        self._settle_symbol()

    def _symbol_read(self, symbol: Symbol) -> Read:
        return Read(symbol.sqlstate, certainty=Certainty.INFERRED)

    def _adjacent(self, end: int, start: int) -> bool:
        between = self.text[end:start]
        return len(between) < 48 and between.count("\n") <= 1

    def _close_to(self, label: Label) -> bool:
        between = self.text[self.spans[-1][1] : label.start]
        return len(between) < NEAR


_COMPANION = re.compile(r"(?i)\b(?:routine|severity(?:_local)?|internalposition|schema_?name|datatype_?name)[\"']?\]?\s{0,9}(?:=>|[:=])\s{0,9}\S")
_BESIDE = 1500


def _accompanied(text: str, label: Label) -> bool:
    """Whether fields stand beside a code that only a driver's error has."""
    return _COMPANION.search(text, max(0, label.start - _BESIDE), label.end + _BESIDE) is not None


def _raised(text: str, drafts: list[Draft], spans: list[tuple[int, int]]) -> None:
    """A text that a function of the user's raised says nothing of its SQLSTATE: only a label does."""
    for draft, (_, end) in zip(drafts, spans, strict=True):
        code = draft.sqlstate
        if code is None or code.piece is not None or code.certainty != Certainty.TEXT:
            continue
        if _AT_RAISE.match(text, end):
            draft.sqlstate = None
            for name in _FIELDS:
                draft.fields.pop(name, None)
            draft.columns, draft.columns_read = (), None


def _chained(text: str, mentions: list[tuple[int, Draft]]) -> None:
    """Python tells the cause before the line that says what came of it; the page's title has the last error."""
    for chain in _CHAIN.finditer(text):
        begin = text.rfind(_TRACEBACK, 0, chain.start())
        told = [draft for end, draft in mentions if begin < end <= chain.start()]
        if told:
            told[-1].first = True
            return


def _exact(symbol: Symbol) -> bool:
    """Whether the class is the driver's own, made from the SQLSTATE, not an ORM's idea of the cause."""
    return (
        symbol.name.startswith(("psycopg", "asyncpg", "PG::", "errors."))
        or ".errors." in symbol.name
    )


_AFTER_NAME = re.compile(r"\"(?= \((?:SQLSTATE|SQLState|[0-9A-Z]{5}\))| in /| at /|\\n|[,;] |\n)")


def trimmed(text: str, start: int, end: int) -> Value:
    """A name without what follows its closing mark, where the message itself stands in quotation marks."""
    found = _AFTER_NAME.search(text)
    if found:
        end = start + found.start()
    elif text.endswith('"') and text.count('"') % 2:
        end -= 1
    return text[: end - start], start, end


def split_columns(text: str) -> tuple[str, ...]:
    """The columns of `Key (a, "b, c", lower(d))=`: at commas outside quotes and parentheses."""
    columns: list[str] = []
    depth = 0
    quoted = False
    current = ""
    for char in text[:2000]:
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted and depth == 0:
            columns.append(current)
            current = ""
            continue
        elif not quoted:
            depth += (char == "(") - (char == ")")
        current += char
    columns.append(current)
    return tuple(
        column.strip().strip('"').replace('""', '"') for column in columns if column.strip()
    )


def _attach_pairs(piece: Piece, drafts: list[Draft], spans: list[tuple[int, int]]) -> None:
    """Labelled values go to the draft whose text they follow (or, before all, to the first)."""
    text = piece.text
    first = max(0, min(start for start, _ in spans) - REACH)
    last = min(len(text), max(end for _, end in spans) + REACH)
    starts = [start for start, _ in spans]
    for pair in _pairs.find(text, first, last):
        owner = max((index for index, start in enumerate(starts) if start <= pair.at), default=0)
        if pair.name == "routine" or any(
            start <= pair.start < end for start, end in spans if pair.name != "severity"
        ):
            continue
        if not plausible(pair.name, pair.value, quoted=pair.quoted):
            continue
        draft = drafts[owner]
        if (
            pair.name == "constraint_name"
            and not draft.code.startswith(("23", "P0"))
            and draft.code
            and draft.code.isdigit()
        ):
            continue
        draft.give(pair.name, Read(pair.value, piece, pair.start, pair.end, Certainty.TEXT))


def plausible(name: str, value: str, *, quoted: bool) -> bool:
    """Whether a labelled value may be what its label says."""
    if name in {"message_detail", "message_hint"}:
        return quoted and len(value) > 3
    if name == "severity":
        return value.isupper() or not value.isascii()
    if name == "schema_name":
        return len(value) < 64 and "http" not in value and "/" not in value
    return quoted or (len(value) < 64 and not value.isdigit() and value[0] not in "-/$*#@<(")
