"""MikroORM: exceptions named after the constraint's kind, the statement with its values in front of the message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "mikro-orm",
    "MikroORM",
    "DriverException",
)
SYMBOLS: Mapping[str, str] = {
    "UniqueConstraintViolationException": "23505",
    "ForeignKeyConstraintViolationException": "23503",
    "NotNullConstraintViolationException": "23502",
    "CheckConstraintViolationException": "23514",
    "TableNotFoundException": "42P01",
    "InvalidFieldNameException": "42703",
    "NonUniqueFieldNameException": "42702",
    "TableExistsException": "42P07",
}


def read(view: View) -> Iterable[DatabaseError]:
    """Nothing: the common readers know the fields and texts it shows."""
    del view
    return ()
