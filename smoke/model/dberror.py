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
    """The bytes that support one value: `part` of the response (`body`, `header:NAME`, `reason`) from start to end."""

    field: str
    """The field of the error that the bytes support."""
    part: str
    """The part of the response: `body`, `header:NAME` or `reason`."""
    start: int
    """Offset of the first byte in the stored part (a body after content decoding)."""
    end: int
    """Offset behind the last byte."""
    through: tuple[str, ...] = ()
    """The codings that were peeled between those bytes and the value, outermost first (`json`, `html`, `percent` …); empty where the bytes hold it literally."""


@dataclass(frozen=True, slots=True)
class DatabaseError:
    """One database error. Field names are libpq's (PG_DIAG_*); None means that the response does not say."""

    sqlstate: str | None = None
    """The five characters of the error's class and kind."""
    condition_name: str | None = None
    """PostgreSQL's name for the SQLSTATE."""
    severity: str | None = None
    """ERROR, FATAL or PANIC."""
    message_primary: str | None = None
    """The message."""
    message_detail: str | None = None
    """The line DETAIL."""
    message_hint: str | None = None
    """The line HINT."""
    schema_name: str | None = None
    """The schema that it is about."""
    table_name: str | None = None
    """The table."""
    column_name: str | None = None
    """The column."""
    datatype_name: str | None = None
    """The data type."""
    constraint_name: str | None = None
    """The constraint, unique index or exclusion rule."""
    columns: tuple[str, ...] = ()
    """The columns of its key, where the detail names them."""
    dialect: str = ""
    """The stack whose way of writing it was recognised."""
    certainty: Certainty = Certainty.INFERRED
    """How it was learnt: `field` (labelled), `text` (of a message) or `inferred`."""
    citations: tuple[Citation, ...] = ()
    """The bytes that prove each value."""
