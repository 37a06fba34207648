"""Messages, codes and classes of one text put together to drafts, in the order in which they stand."""

from __future__ import annotations

import re
from bisect import bisect_left

from smoke.classify.messages import MessageMatch
from smoke.classify.read import codes
from smoke.classify.read._labels import Label, Strength
from smoke.classify.read.draft import Draft, Read
from smoke.classify.read.names import split_columns, trimmed
from smoke.classify.read.symbols import Symbol
from smoke.classify.unwrap.piece import Piece
from smoke.model.dberror import Certainty

LIGHT = 24
"""A message with fewer letters of its own counts only where it stands as a message does."""
NEAR = 240
REACH = 6000
"""How far behind a message its labelled values may stand: a stack trace is between."""
FIELDS = ("constraint_name", "table_name", "column_name", "schema_name", "datatype_name")


class Grouping:
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
        self._companions: list[int] | None = None

    def _open(self, start: int, end: int) -> Draft:
        draft = Draft(at=(self.piece.place(start), start))
        self.done.append(draft)
        self.spans.append((start, end))
        self.current = draft
        self.labelled = 0
        self.mentions.append((end, draft))
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
        named = symbol is not None and exact(symbol) and self._adjacent(symbol.end, match.start)
        current = self.current
        waits = (
            current is not None
            and current.text("message_primary") is None
            and (match.start - self.spans[-1][1] < NEAR)
        )
        if current is not None and waits and (self.labelled or current.code == match.sqlstate):
            if current.code in codes.CLIENT:
                # the driver's own code around what the server said
                current.sqlstate, self.labelled = None, 0
            agrees = current.code in {"", match.sqlstate}
        elif current is not None and current.code == match.sqlstate and self._fits(current, match):
            agrees = True
        else:
            current = self._open(symbol.start if symbol and named else match.start, match.end)
            if named and symbol is not None and symbol.sqlstate != match.sqlstate:
                current.sqlstate = self._symbol_read(symbol)
                self.labelled = int(Strength.STATE)
                agrees = False
            else:
                current.light = (
                    match.weight < LIGHT and self.text[match.start : match.end].isascii()
                )
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
        for name in FIELDS:
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
        if (
            current is not None
            and current.code == label.code
            and (
                not label.before or current.text("message_primary") is None or self._close_to(label)
            )
        ):
            current.sqlstate = read
            current.certainty = read.certainty
            current.light = False
            self.labelled = max(self.labelled, int(label.strength))
            self._grow(label.end)
            return
        if label.strength == Strength.PAIR and (
            self._claim(label, read) or not self._accompanied(label)
        ):
            return
        if current is not None and not self.labelled and not label.before and self._close_to(label):
            self._override(current, label, read)
            return
        self.waiting = None
        current = self._open(label.start, label.end)
        current.sqlstate = read
        current.certainty = read.certainty
        self.labelled = int(label.strength)

    def _accompanied(self, label: Label) -> bool:
        """Whether fields stand beside a code that only a driver's error has."""
        if self._companions is None:
            self._companions = [match.start() for match in _COMPANION.finditer(self.text)]
        at = bisect_left(self._companions, label.start - _BESIDE)
        return at < len(self._companions) and self._companions[at] < label.end + _BESIDE

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
            for name in FIELDS:
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


_COMPANION = re.compile(
    r"(?i)\b(?:routine|severity(?:_local)?|internalposition|schema_?name|datatype_?name)[\"']?\]?\s{0,9}(?:=>|[:=])\s{0,9}\S"
)
_BESIDE = 1500


def exact(symbol: Symbol) -> bool:
    """Whether the class is the driver's own, made from the SQLSTATE, not an ORM's idea of the cause."""
    return (
        symbol.name.startswith(("psycopg", "asyncpg", "PG::", "errors."))
        or ".errors." in symbol.name
    )
