"""A database error as a response reveals it, and the bytes that prove it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Certainty(StrEnum):
    """How a value was learnt: from a labelled field, from the text of a message, or by inference."""

    FIELD = "field"
    TEXT = "text"
    INFERRED = "inferred"

    @property
    def rank(self) -> int:
        """3 for a labelled field, 2 for text, 1 for an inference: the larger is the better proof."""
        return {Certainty.FIELD: 3, Certainty.TEXT: 2, Certainty.INFERRED: 1}[self]


@dataclass(frozen=True, slots=True)
class Citation:
    """The bytes that support one value: `part` of the response (`body`, `header:NAME`, `reason`) from start to end.

    Offsets count in the stored part (a body after content decoding). `through` names the codings that were peeled
    between those bytes and the value, outermost first (`json`, `html`, `percent` …): the bytes hold the value
    literally when it is empty.
    """

    field: str
    part: str
    start: int
    end: int
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DatabaseError:
    """One database error. Field names are libpq's (PG_DIAG_*); None means that the response does not say."""

    sqlstate: str | None = None
    condition_name: str | None = None
    severity: str | None = None
    message_primary: str | None = None
    message_detail: str | None = None
    message_hint: str | None = None
    schema_name: str | None = None
    table_name: str | None = None
    column_name: str | None = None
    datatype_name: str | None = None
    constraint_name: str | None = None
    columns: tuple[str, ...] = ()
    dialect: str = ""
    certainty: Certainty = Certainty.INFERRED
    citations: tuple[Citation, ...] = ()
