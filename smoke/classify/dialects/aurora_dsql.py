"""Amazon Aurora DSQL: transactions that it refuses when they are committed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify import forms
from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = ("(OC000)", "(OC001)")
SYMBOLS: Mapping[str, str] = {}
_FORMS = (
    forms.form(
        "please retry: (OC00",
        r"(?:change conflicts with|schema has been updated by) another transaction, please retry: \(OC00[0-9]\)",
        "40001",
    ),
)


def read(view: View) -> Iterable[DatabaseError]:
    """The two kinds of conflicts, of data (OC000) and of the schema (OC001); both have SQLSTATE 40001."""
    return forms.read(view, _FORMS)
