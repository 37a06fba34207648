"""Ecto and Postgrex: constraint errors with a list of what was expected; `ERROR 23505 (unique_violation) …`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify import forms
from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "Postgrex",
    "Ecto.",
    "ecto_sql",
    "constraint error when attempting",
)
SYMBOLS: Mapping[str, str] = {}
_FORMS = (
    forms.form(
        "constraint error when attempting",
        r'constraint error when attempting to \w{1,20} struct:\s{1,9}\* "?(?P<constraint>[^\n]{1,200}?)"? \(unique_constraint\)',
        "23505",
    ),
    forms.form(
        "constraint error when attempting",
        r'constraint error when attempting to \w{1,20} struct:\s{1,9}\* "?(?P<constraint>[^\n]{1,200}?)"? \(foreign_key_constraint\)',
        "23503",
    ),
    forms.form(
        "constraint error when attempting",
        r'constraint error when attempting to \w{1,20} struct:\s{1,9}\* "?(?P<constraint>[^\n]{1,200}?)"? \(check_constraint\)',
        "23514",
    ),
    forms.form(
        "constraint error when attempting",
        r'constraint error when attempting to \w{1,20} struct:\s{1,9}\* "?(?P<constraint>[^\n]{1,200}?)"? \(exclusion_constraint\)',
        "23P01",
    ),
    forms.form(
        "constraint error when attempting",
        r'constraint error when attempting to \w{1,20} struct:\s{1,9}\* unique: "?(?P<constraint>[^"\n]{1,200})"?',
        "23505",
    ),
    forms.form(
        "constraint error when attempting",
        r'constraint error when attempting to \w{1,20} struct:\s{1,9}\* foreign_key: "?(?P<constraint>[^"\n]{1,200})"?',
        "23503",
    ),
    forms.form(
        "constraint error when attempting",
        r'constraint error when attempting to \w{1,20} struct:\s{1,9}\* check: "?(?P<constraint>[^"\n]{1,200})"?',
        "23514",
    ),
    forms.form(
        "constraint error when attempting",
        r'constraint error when attempting to \w{1,20} struct:\s{1,9}\* exclusion: "?(?P<constraint>[^"\n]{1,200})"?',
        "23P01",
    ),
)


def read(view: View) -> Iterable[DatabaseError]:
    """The sentences of its own."""
    return forms.read(view, _FORMS)
