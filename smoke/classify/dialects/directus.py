"""Directus and Payload: codes and sentences of their own for constraint errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify import forms
from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = ("directus",)
SYMBOLS: Mapping[str, str] = {}
_FORMS = (
    forms.form(
        "has to be unique",
        r'Value (?:"[^"\n]{0,200}" )?for field "(?P<column>[^"\n]{1,64})" in collection "(?P<table>[^"\n]{1,64})" has to be unique\.?',
        "23505",
    ),
    forms.form(
        "Invalid foreign key",
        r'Invalid foreign key (?:"[^"\n]{0,200}" )?(?:in|for) field "(?P<column>[^"\n]{1,64})" in collection "(?P<table>[^"\n]{1,64})"',
        "23503",
    ),
    forms.form(
        "can't be null",
        r"""Value for field "(?P<column>[^"\n]{1,64})" in collection "(?P<table>[^"\n]{1,64})" can't be null""",
        "23502",
    ),
    forms.form(
        "is too long",
        r'Value (?:"[^"\n]{0,200}" )?for field "(?P<column>[^"\n]{1,64})" in collection "(?P<table>[^"\n]{1,64})" is too long',
        "22001",
    ),
)


def read(view: View) -> Iterable[DatabaseError]:
    """The sentences of its own."""
    return forms.read(view, _FORMS)
