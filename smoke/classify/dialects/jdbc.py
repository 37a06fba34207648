"""pgjdbc, R2DBC, Spring and Hibernate: `PSQLException: ERROR: …`, perhaps with the SQLSTATE in brackets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify import forms
from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "PSQLException",
    "org.postgresql",
    "hibernate",
    "springframework",
    "r2dbc",
    "jooq",
    "quarkus",
)
SYMBOLS: Mapping[str, str] = {
    "DuplicateKeyException": "23505",
    "DeadlockLoserDataAccessException": "40P01",
    "CannotSerializeTransactionException": "40001",
}
_FORMS = (
    forms.form(
        "constraint [",
        r'\bconstraint \["?(?!null\])(?P<constraint>[^\]\n"; ]{1,200})"?(?:; SQL state[^\]\n]{0,40})?\]',
        "",
    ),
)


def read(view: View) -> Iterable[DatabaseError]:
    """The constraint that Hibernate and Spring name in brackets, without the SQLSTATE."""
    return forms.read(view, _FORMS)
