"""Slonik: one sentence for each kind of constraint; the name only in a field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify import forms
from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "slonik",
    "Query violates",
)
SYMBOLS: Mapping[str, str] = {
    "UniqueIntegrityConstraintViolationError": "23505",
    "ForeignKeyIntegrityConstraintViolationError": "23503",
    "NotNullIntegrityConstraintViolationError": "23502",
    "CheckIntegrityConstraintViolationError": "23514",
    "StatementTimeoutError": "57014",
    "StatementCancelledError": "57014",
    "CheckExclusionConstraintViolationError": "23P01",
}
_FORMS = (
    forms.form("integrity constraint", r"Query violates a unique integrity constraint\.?", "23505"),
    forms.form(
        "integrity constraint", r"Query violates a foreign key integrity constraint\.?", "23503"
    ),
    forms.form(
        "integrity constraint", r"Query violates a not NULL integrity constraint\.?", "23502"
    ),
    forms.form("integrity constraint", r"Query violates a check integrity constraint\.?", "23514"),
    forms.form(
        "constraint",
        r"Query violates a(?:n| check)? exclusion (?:integrity )?constraint\.?",
        "23P01",
    ),
)


def read(view: View) -> Iterable[DatabaseError]:
    """The sentences of its own."""
    return forms.read(view, _FORMS)
