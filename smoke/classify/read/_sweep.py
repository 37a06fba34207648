"""A plain text to drafts: messages, labelled codes, exception classes and labelled values that belong together."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from smoke.classify.messages import MessageMatch, find_messages
from smoke.classify.messages.looks import Looks
from smoke.classify.read import _chains, _given_back, _labels, _pairs, _place
from smoke.classify.read._grouping import FIELDS, REACH, Grouping, exact
from smoke.classify.read._labels import Label
from smoke.classify.read.draft import Draft, Read
from smoke.classify.read.symbols import Symbol, find_symbols
from smoke.classify.text.regions import QUOTED, Region
from smoke.classify.unwrap.piece import Piece
from smoke.model.dberror import Certainty

Table = Mapping[str, tuple[str, str]]
_CHAIN = re.compile(
    r"During handling of the above exception|was the direct cause of the following exception"
)
_TRACEBACK = "Traceback (most recent call last)"
_AT_RAISE = re.compile(
    r"(?:[^\n]{0,400}\n){0,6}?[^\n]{0,20}(?:CONTEXT|Where): {1,2}PL/pgSQL function [^\n]{1,200} line \d{1,6} at RAISE"
)


_BEHIND = 16
"""So far behind a message stands the code that belongs to it: `… already exists (SQLSTATE 42P07)`."""


@dataclass(slots=True)
class Sweep:
    """One text being read.

    `unreliable` when the place says little (an aside, a product's text), `healthy` when the response did not fail and
    nothing marks the text as an error's, `strict` in how many lines before a message a failure must be told of (0: none); `region` tells of a page's text what stands at a character of it; `rows` are
    those of the table of messages that were looked for in the response so far.
    """

    piece: Piece
    table: Table
    unreliable: bool = False
    healthy: bool = False
    strict: int = 0
    region: Callable[[int], Region] | None = None
    rows: set[int] | None = None

    def drafts(self) -> list[Draft]:
        """What the text says, in its order."""
        text = self.piece.text
        if len(text) < 5:
            return []
        messages = find_messages(text, looks=Looks(self.rows))
        if not messages and text.isupper():
            # a page put in capitals as a whole: names that were not quoted are lower case
            lowered = text.lower()
            messages = (
                find_messages(lowered, looks=Looks(self.rows)) if len(lowered) == len(text) else []
            )
        labels = list(_labels.find(text, messages))
        symbols = find_symbols(text, self.table)
        if not messages and not labels and not symbols:
            return []
        quoted = self._ends_of_quoted(messages) if labels else frozenset[int]()
        named = bool(labels) or _has_primary(messages)
        messages = [
            match
            for match in messages
            if (match.sqlstate or match.kind != "primary") and self._speaks(match, symbols)
        ]
        labels = [
            label
            for label in labels
            if not self._quoted(label.start)
            and quoted.isdisjoint(range(label.start - _BEHIND, label.start + 1))
            and _place.labels(
                text, label, unreliable=self.unreliable, healthy=self._healthy(label, messages)
            )
        ]
        symbols = (
            []
            if self.unreliable
            else [
                each
                for each in symbols
                if not self._quoted(each.start)
                and not _given_back.in_quotation(text, each.start, each.end, name=True)
            ]
        )
        if named and self.healthy and not labels and not _has_primary(messages):
            messages = []  # a detail goes with the quotation in which it stands
        grouping = Grouping(self.piece)
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
        _raised(text, drafts, grouping.spans, symbols)
        _chained(text, grouping.mentions)
        _chains.link_causes(text, grouping.mentions)
        if drafts:
            _attach_pairs(self.piece, drafts, grouping.spans)
        return [draft for draft in drafts if draft.sqlstate or draft.fields]

    def _ends_of_quoted(self, messages: list[MessageMatch]) -> frozenset[int]:
        """Where messages end that stand in quotation marks within a sentence."""
        return frozenset(
            match.end
            for match in messages
            if match.kind == "primary"
            and _given_back.in_quotation(self.piece.text, match.start, match.end)
        )

    def _healthy(self, label: Label, messages: list[MessageMatch]) -> bool:
        """Whether nothing but the code would speak of an error: no message is there, and it stands in no box; or somebody writes about it."""
        boxed = self.region is not None and self.region(label.start) is Region.BOX
        if boxed or not self.healthy:
            return False
        return not messages or _place.told_of(self.piece.text, label.end)

    def _quoted(self, at: int) -> bool:
        return self.region is not None and self.region(at) in QUOTED

    def _speaks(self, match: MessageMatch, symbols: list[Symbol]) -> bool:
        region = self.region(match.start) if self.region is not None else Region.PLAIN
        return region not in QUOTED and _place.speaks(
            self.piece.text,
            match,
            symbols,
            unreliable=self.unreliable,
            healthy=self.healthy and region is not Region.BOX,
            strict=0 if region is Region.BOX else self.strict,
        )


def _has_primary(messages: list[MessageMatch]) -> bool:
    return any(match.kind == "primary" for match in messages)


def _raised(
    text: str, drafts: list[Draft], spans: list[tuple[int, int]], symbols: list[Symbol]
) -> None:
    """A text that a function of the user's raised says nothing of its SQLSTATE: only a label does, or the driver's class for it."""
    classes = {symbol.start: symbol.sqlstate for symbol in symbols if exact(symbol)}
    for draft, (start, end) in zip(drafts, spans, strict=True):
        code = draft.sqlstate
        if code is None or code.piece is not None or code.certainty != Certainty.TEXT:
            continue
        if classes.get(start) == code.text:
            continue
        if _AT_RAISE.match(text, end):
            draft.sqlstate = None
            for name in FIELDS:
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


def _attach_pairs(piece: Piece, drafts: list[Draft], spans: list[tuple[int, int]]) -> None:
    """Labelled values go to the draft whose text they follow (or, before all, to the first)."""
    text = piece.text
    first = max(0, min(start for start, _ in spans) - REACH)
    last = min(len(text), max(end for _, end in spans) + REACH)
    starts = [start for start, _ in spans]
    for pair in _pairs.find(text, first, last):
        owner = max(0, bisect_right(starts, pair.at) - 1)
        inside = spans[owner][0] <= pair.start < spans[owner][1]
        # a bare word within a message is a part of it
        if pair.name == "routine" or (inside and not pair.quoted and pair.name != "severity"):
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
        read = Read(pair.value, piece, pair.start, pair.end, Certainty.TEXT)
        known = draft.fields.get(pair.name)
        if known is not None and pair.quoted and pair.value == f"{known.text}.":
            draft.fields[pair.name] = read  # the label says where the sentence ends
        draft.give(pair.name, read)


def plausible(name: str, value: str, *, quoted: bool) -> bool:
    """Whether a labelled value may be what its label says."""
    if name in {"message_detail", "message_hint"}:
        return quoted and len(value) > 3
    if name == "severity":
        return value.isupper() or not value.isascii()
    if name == "schema_name":
        return len(value) < 64 and "http" not in value and "/" not in value
    return quoted or (len(value) < 64 and not value.isdigit() and value[0] not in "-/$*#@<(")
