"""psql and libpq in any language: `ERROR:  …`, with VERBOSITY verbose the SQLSTATE and the names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify import forms
from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "LOCATION:  ",
    "psql:",
    "CONSTRAINT NAME:",
    "connection to server",
)
SYMBOLS: Mapping[str, str] = {}
_FORMS = (
    forms.form(
        "pg_hba.conf",
        r'pg_hba\.conf rejects (?:replication )?connection for host "[^"\n]{1,100}", user "[^"\n]{0,100}"',
        "28000",
    ),
    forms.form(
        'role "',
        r'FATAL: {1,2}role "[^"\n]{1,100}" (?:does not exist|is not permitted to log in)',
        "28000",
    ),
    forms.form(
        "null value in column",
        r'null value in column "(?P<column>[^"\n]{1,100})" of relation(?: "(?P<table>[^"\n]{1,100})" violates n[a-z -]{0,20}|)(?=[^ a-z"-]|\Z)',
        "23502",
    ),
)


def read(view: View) -> Iterable[DatabaseError]:
    """Messages of the connection's start, and one that is known by its beginning."""
    return forms.read(view, _FORMS)
