"""Knex and Objection: the statement, ` - `, the server's message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "node_modules/knex",
    "KnexTimeoutError",
    "objection",
    "nativeError",
)
SYMBOLS: Mapping[str, str] = {
    "UniqueViolationError": "23505",
    "ForeignKeyViolationError": "23503",
    "NotNullViolationError": "23502",
    "CheckViolationError": "23514",
}


def read(view: View) -> Iterable[DatabaseError]:
    """Nothing: the common readers know the fields and texts it shows."""
    del view
    return ()
