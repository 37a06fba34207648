"""postgrest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify._view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = ("PostgREST", "PGRST",)
SYMBOLS: Mapping[str, str] = {}


def read(view: View) -> Iterable[DatabaseError]:
    """Nothing beyond the common readers."""
    del view
    return ()
