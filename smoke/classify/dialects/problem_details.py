"""RFC 9457 problem details: `type`, `title`, `status`, `detail`, and members of the API's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "application/problem+json",
    '"instance"',
)
SYMBOLS: Mapping[str, str] = {}


def read(view: View) -> Iterable[DatabaseError]:
    """Nothing: the common readers know the fields and texts it shows."""
    del view
    return ()
