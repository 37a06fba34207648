"""Sentences in which a library tells of a database error in its own words, as dialects list them.

What a dialect of another package is written with: `form`, `read` and the types that they take and give.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from smoke.classify.read.names import split_columns
from smoke.classify.read.speech import Speech, Spoken
from smoke.classify.sqlstate import condition_name
from smoke.classify.text.view import View
from smoke.model.dberror import Certainty, Citation, DatabaseError

__all__ = ["DatabaseError", "Form", "View", "form", "read"]

_GROUPS = {
    "constraint": "constraint_name",
    "table": "table_name",
    "column": "column_name",
    "message": "message_primary",
}
MAX_MATCHES = 50
_LARGE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    """A sentence of a library.

    `mark` are words that stand in it for certain; the pattern has groups `constraint`, `table`, `column` and
    `columns`; the SQLSTATE is the one that it means ("" where it means several).
    """

    mark: str
    pattern: re.Pattern[str]
    sqlstate: str


def form(mark: str, pattern: str, sqlstate: str) -> Form:
    """A Form from a pattern's text."""
    return Form(mark, re.compile(pattern), sqlstate)


def read(view: View, forms: Sequence[Form]) -> Iterator[DatabaseError]:
    """An error for each sentence in the response."""
    # of a large text only stretches are taken apart: looking into these is faster than into all of it
    if len(view.text) <= _LARGE:
        forms = [form for form in forms if form.mark in view.haystack()]
        if not forms:
            return
    spoken = Spoken.of(view)
    present = [form for form in forms if form.mark in spoken.text]
    for speech in spoken.speeches if present else ():
        for entry in present:
            if entry.mark in speech.piece.text:
                yield from _errors(speech, entry)


def _errors(speech: Speech, entry: Form) -> Iterator[DatabaseError]:
    piece = speech.piece
    for count, match in enumerate(entry.pattern.finditer(piece.text)):
        if count >= MAX_MATCHES:
            return
        if not speech.holds(*match.span()):
            continue
        groups = match.groupdict()
        values = {name: groups[group] for group, name in _GROUPS.items() if groups.get(group)}
        citations: list[Citation] = [
            piece.cite(name, *match.span(group))
            for group, name in _GROUPS.items()
            if groups.get(group)
        ]
        columns: tuple[str, ...] = ()
        if groups.get("columns"):
            columns = tuple(column.strip("`\"' ") for column in split_columns(groups["columns"]))
            citations.append(piece.cite("columns", *match.span("columns")))
        if "message_primary" not in values:
            said = match[0].strip()
            start = match.start() + match[0].index(said)
            values["message_primary"] = said
            citations.append(piece.cite("message_primary", start, start + len(said)))
        yield DatabaseError(
            sqlstate=entry.sqlstate or None,
            condition_name=condition_name(entry.sqlstate) if entry.sqlstate else None,
            message_primary=values["message_primary"],
            table_name=values.get("table_name"),
            column_name=values.get("column_name"),
            constraint_name=values.get("constraint_name"),
            columns=columns,
            certainty=Certainty.INFERRED,
            citations=tuple(citations),
        )
