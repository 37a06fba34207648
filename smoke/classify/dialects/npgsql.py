"""Npgsql and EF Core: `PostgresException (0x80004005): 23505: …`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "Npgsql",
    "PostgresException",
    "EntityFrameworkCore",
    "DbUpdateException",
)
SYMBOLS: Mapping[str, str] = {
    "UniqueConstraintException": "23505",
    "CannotInsertNullException": "23502",
    "MaxLengthExceededException": "22001",
    "NumericOverflowException": "22003",
    "ReferenceConstraintException": "23503",
}


def read(view: View) -> Iterable[DatabaseError]:
    """Nothing: the common readers know the fields and texts it shows."""
    del view
    return ()
