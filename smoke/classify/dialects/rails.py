"""Rails, Ruby pg and Sequel: `PG::UniqueViolation: ERROR:  …`, often behind an ActiveRecord class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "PG::",
    "ActiveRecord",
    "active_record",
    "Sequel::",
    "ROM::SQL",
)
SYMBOLS: Mapping[str, str] = {
    "RecordNotUnique": "23505",
    "InvalidForeignKey": "23503",
    "NotNullViolation": "23502",
    "ValueTooLong": "22001",
    "Deadlocked": "40P01",
    "LockWaitTimeout": "55P03",
    "TRDeadlockDetected": "40P01",
    "TRSerializationFailure": "40001",
    "UniqueConstraintViolation": "23505",
    "ForeignKeyConstraintViolation": "23503",
    "NotNullConstraintViolation": "23502",
    "CheckConstraintViolation": "23514",
    "ConnectDoesNotExist": "08003",
}


def read(view: View) -> Iterable[DatabaseError]:
    """Nothing: the common readers know the fields and texts it shows."""
    del view
    return ()
