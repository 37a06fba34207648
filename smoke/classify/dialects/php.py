"""PDO, Laravel, Symfony and Doctrine: `SQLSTATE[23505]: Unique violation: 7 ERROR:  …`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "PDOException",
    "Illuminate\\",
    "Doctrine\\DBAL",
    "SQLSTATE[",
    "pg_query()",
    "pg_execute()",
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
