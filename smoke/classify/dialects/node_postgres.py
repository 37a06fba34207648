"""node-postgres (pg), Kysely and pg-promise: the server's fields as properties of an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "node_modules/pg/",
    "pg-pool",
    "pg-protocol",
    '"length":',
    "  length: ",
    "kysely",
    "pg-promise",
)
SYMBOLS: Mapping[str, str] = {}


def read(view: View) -> Iterable[DatabaseError]:
    """Nothing: the common readers know the fields and texts it shows."""
    del view
    return ()
