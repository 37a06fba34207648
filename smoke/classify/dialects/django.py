"""Django: `django.db.utils` errors, and the debug page with the cause before them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "django.db.utils",
    "Django Version",
    "DJANGO_SETTINGS",
    "django/db",
)
SYMBOLS: Mapping[str, str] = {}


def read(view: View) -> Iterable[DatabaseError]:
    """Nothing: the common readers know the fields and texts it shows."""
    del view
    return ()
