"""What a database error speaks of: the names that can be put into words and SQL."""

from __future__ import annotations

from msgspec import Struct

from smoke.advice.sql import regclass, relation, usable_name
from smoke.model.dberror import DatabaseError


class Subject(Struct, frozen=True):
    """The names of a database error; empty where the response does not say, or says what cannot be a name."""

    schema: str = ""
    table: str = ""
    column: str = ""
    constraint: str = ""
    datatype: str = ""
    columns: tuple[str, ...] = ()
    message: str = ""

    @classmethod
    def of(cls, error: DatabaseError) -> Subject:
        def name(value: str | None) -> str:
            return value if value and usable_name(value) else ""

        columns = tuple(column for column in error.columns if usable_name(column))
        return cls(
            schema=name(error.schema_name),
            table=name(error.table_name),
            column=name(error.column_name) or (columns[0] if len(columns) == 1 else ""),
            constraint=name(error.constraint_name),
            datatype=name(error.datatype_name),
            columns=columns,
            message=error.message_primary or "",
        )

    @property
    def regclass(self) -> str:
        """The table as an SQL value; only where `table` is not empty."""
        return regclass(self.table, self.schema)

    @property
    def relation(self) -> str:
        """The table as an SQL name; only where `table` is not empty."""
        return relation(self.table, self.schema)

    @property
    def in_table(self) -> str:
        """` in TABLE`, or nothing."""
        return f" in {self.table}" if self.table else ""

    @property
    def of_columns(self) -> str:
        """The columns for a sentence: `(a, b)`, or nothing."""
        return f"({', '.join(self.columns)})" if self.columns else ""
