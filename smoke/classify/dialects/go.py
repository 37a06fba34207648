"""pgx, lib/pq, GORM, ent and sqlc: `ERROR: … (SQLSTATE 23505)`, `pq: …`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify import forms
from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "(SQLSTATE ",
    "pq: ",
    "pgconn",
    "pgx",
    "gorm",
)
SYMBOLS: Mapping[str, str] = {}
_FORMS = (
    forms.form("duplicated key not allowed", r"duplicated key not allowed", "23505"),
    forms.form(
        "violates foreign key constraint",
        r'(?:\A|"|: )violates foreign key constraint(?=\Z|")',
        "23503",
    ),
    forms.form(
        "violates check constraint", r'(?:\A|"|: )violates check constraint(?=\Z|")', "23514"
    ),
)


def read(view: View) -> Iterable[DatabaseError]:
    """The sentences of its own."""
    return forms.read(view, _FORMS)
