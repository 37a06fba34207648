"""postgres.js: `PostgresError` with fields whose names end in `_name`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "PostgresError",
    "constraint_name",
    "severity_local",
    "node_modules/postgres/",
)
SYMBOLS: Mapping[str, str] = {}


def read(view: View) -> Iterable[DatabaseError]:
    """Nothing: the common readers know the fields and texts it shows."""
    del view
    return ()
