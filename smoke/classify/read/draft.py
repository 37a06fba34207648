"""A reading of one database error while it is put together: each value with the place it was read from."""

from __future__ import annotations

from dataclasses import dataclass, field

from smoke.classify.read._draft_read import Read
from smoke.classify.read._labelled import own_part
from smoke.classify.sqlstate import condition_name
from smoke.model.dberror import Certainty, Citation, DatabaseError

__all__ = ["MAX_VALUE", "NAMES", "Draft", "Read"]

NAMES = (
    "severity",
    "message_primary",
    "message_detail",
    "message_hint",
    "schema_name",
    "table_name",
    "column_name",
    "datatype_name",
    "constraint_name",
)
"""The fields of a DatabaseError that are read as they stand."""
MAX_VALUE = 4000


@dataclass(slots=True, eq=False)
class Draft:
    """What one place says of an error. `at` orders drafts as the response says them; `scope` is what they share.

    `light` marks a message so short that prose may say the same; `cut`, that a name broke off; `first`, that the
    response itself says that the others came of it; `causes`, what it says that this one came of; `secondary`, that only
    a log's mild line or a clean-up tells of it (None: its reader did not look).
    """

    at: tuple[int, int]
    sqlstate: Read | None = None
    fields: dict[str, Read] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    columns_read: Read | None = None
    dialect: str = ""
    certainty: Certainty = Certainty.INFERRED
    light: bool = False
    cut: bool = False
    depth: int = 0
    first: bool = False
    secondary: bool | None = None
    causes: list[Draft] = field(default_factory=list)

    @property
    def code(self) -> str:
        """The SQLSTATE, or nothing."""
        return self.sqlstate.text if self.sqlstate else ""

    def give(self, name: str, read: Read) -> None:
        """Fills a field, unless it was read with at least the same certainty."""
        old = self.fields.get(name)
        if read.text and (old is None or old.certainty.rank < read.certainty.rank):
            self.fields[name] = read

    def text(self, name: str) -> str | None:
        """The value of a field."""
        read = self.fields.get(name)
        return read.text if read else None

    def absorb(self, other: Draft) -> None:
        """Takes what another reading of the same error has more."""
        if other.sqlstate and (
            self.sqlstate is None or self.sqlstate.certainty.rank < other.sqlstate.certainty.rank
        ):
            self.sqlstate = other.sqlstate
        for name, read in other.fields.items():
            self.give(name, read)
        if other.columns and not self.columns:
            self.columns, self.columns_read = other.columns, other.columns_read
        if other.certainty.rank > self.certainty.rank:
            self.certainty = other.certainty
        self.dialect = self.dialect or other.dialect
        self.at = min(self.at, other.at)
        self.light = self.light and other.light
        self.first = self.first or other.first
        if self.secondary is None or other.secondary is False:
            self.secondary = other.secondary if other.secondary is not None else self.secondary
        self.causes += other.causes

    def build(self) -> DatabaseError:
        """The finished error, with a citation for each value that was read."""
        citations: list[Citation] = []
        values: dict[str, str] = {}
        for name in NAMES:
            read = self.fields.get(name)
            if read is not None and read.text:
                if name.startswith("message_"):
                    read = own_part(name, read)
                values[name] = read.text[:MAX_VALUE]
                if read.piece is not None:
                    end = min(read.end, read.start + MAX_VALUE)
                    citations.append(read.piece.cite(name, read.start, end))
        code = self.sqlstate
        if code is not None and code.piece is not None:
            citations.insert(0, code.piece.cite("sqlstate", code.start, code.end))
        if self.columns_read is not None and self.columns_read.piece is not None:
            read = self.columns_read
            citations.append(read.piece.cite("columns", read.start, read.end))  # type: ignore[union-attr]  # looked at above
        return DatabaseError(
            sqlstate=code.text if code else None,
            condition_name=condition_name(code.text) if code else None,
            severity=values.get("severity"),
            message_primary=values.get("message_primary"),
            message_detail=values.get("message_detail"),
            message_hint=values.get("message_hint"),
            schema_name=values.get("schema_name"),
            table_name=values.get("table_name"),
            column_name=values.get("column_name"),
            datatype_name=values.get("datatype_name"),
            constraint_name=values.get("constraint_name"),
            columns=self.columns,
            dialect=self.dialect,
            certainty=self.certainty,
            citations=tuple(citations),
        )
