"""GraphQL servers (Apollo, yoga, Mercurius, PostGraphile): errors in a 200, the cause in `extensions`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    '"extensions"',
    "stacktrace",
    "INTERNAL_SERVER_ERROR",
    '"locations"',
)
SYMBOLS: Mapping[str, str] = {}


def read(view: View) -> Iterable[DatabaseError]:
    """Nothing: the common readers know the fields and texts it shows."""
    del view
    return ()
