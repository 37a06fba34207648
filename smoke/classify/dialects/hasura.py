"""Hasura: GraphQL errors whose message starts with the kind of the violation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify import forms
from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "constraint-violation",
    "postgres-error",
    "hasura",
    "exec_status",
    "data-exception",
)
SYMBOLS: Mapping[str, str] = {}
_FORMS = (
    forms.form("Uniqueness violation", r"Uniqueness violation\. ", "23505"),
    forms.form("Foreign key violation", r"Foreign key violation\. ", "23503"),
    forms.form("Not-NULL violation", r"Not-NULL violation\. ", "23502"),
    forms.form("Exclusion violation", r"Exclusion violation\. ", "23P01"),
)


def read(view: View) -> Iterable[DatabaseError]:
    """The sentences of its own."""
    return forms.read(view, _FORMS)
