"""asyncpg: exception classes named after the condition, with `Error` behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = ("asyncpg",)
SYMBOLS: Mapping[str, str] = {
    "RaiseError": "P0001",
    "AssertError": "P0004",
    "SerializationError": "40001",
    "InFailedSQLTransactionError": "25P02",
    "ReadOnlySQLTransactionError": "25006",
    "PostgresSyntaxError": "42601",
    "InvalidCachedStatementError": "0A000",
    "StringDataRightTruncationError": "22001",
    "IdleInTransactionSessionTimeoutError": "25P03",
    "NoActiveSQLTransactionError": "25P01",
    "ActiveSQLTransactionError": "25001",
}


def read(view: View) -> Iterable[DatabaseError]:
    """Nothing: the common readers know the fields and texts it shows."""
    del view
    return ()
