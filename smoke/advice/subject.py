"""What a database error speaks of: the names that can be put into words and SQL."""

from __future__ import annotations

from msgspec import Struct

from smoke.model.dberror import DatabaseError
from smoke.model.finding import Known
from smoke.sql import regclass, relation, usable_name


class Subject(Struct, frozen=True):
    """The names of a database error; empty where nobody says, or what is said cannot be a name.

    They are the response's; what it leaves out is taken from the database, where that was asked.
    """

    schema: str = ""
    table: str = ""
    column: str = ""
    constraint: str = ""
    datatype: str = ""
    columns: tuple[str, ...] = ()
    message: str = ""
    detail: str = ""
    known: Known = Known()

    @classmethod
    def of(cls, error: DatabaseError, known: Known = Known()) -> Subject:
        def name(value: str | None) -> str:
            return value if value and usable_name(value) else ""

        columns = tuple(column for column in error.columns if usable_name(column))
        schema, table = name(error.schema_name), name(error.table_name)
        if known.table and (not table or (table == known.table and not schema)):
            schema, table = known.schema, known.table
        return cls(
            schema=schema,
            table=table,
            column=name(error.column_name) or (columns[0] if len(columns) == 1 else ""),
            constraint=name(error.constraint_name),
            datatype=name(error.datatype_name),
            columns=columns,
            message=error.message_primary or "",
            detail=error.message_detail or "",
            known=known,
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

    @property
    def deleting(self) -> bool:
        """Whether a foreign key refused that a row goes which others refer to, not that one comes."""
        return self.message.startswith("update or delete") or "referenced from" in self.detail
