"""psycopg 2 and 3: an exception class named after the condition, then libpq's text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "psycopg2",
    "psycopg.errors",
    "psycopg",
)
SYMBOLS: Mapping[str, str] = {
    "InFailedSqlTransaction": "25P02",
    "InternalError_": "XX000",
    "RaiseException": "P0001",
    "StringDataRightTruncation": "22001",
    "RestrictViolation": "23001",
}


def read(view: View) -> Iterable[DatabaseError]:
    """Nothing: the common readers know the fields and texts it shows."""
    del view
    return ()
