"""sqlx, tokio-postgres, Diesel and SeaORM: `error returned from database: …`, `DatabaseError(UniqueViolation, …)`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify import forms
from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "error returned from database",
    "db error: ERROR",
    "PgDatabaseError",
    "DatabaseError(",
    "tokio_postgres",
    "SqlState(E",
)
SYMBOLS: Mapping[str, str] = {}
_FORMS = (
    forms.form("DatabaseError(", r"DatabaseError\(\s{0,9}UniqueViolation,", "23505"),
    forms.form("DatabaseError(", r"DatabaseError\(\s{0,9}ForeignKeyViolation,", "23503"),
    forms.form("DatabaseError(", r"DatabaseError\(\s{0,9}NotNullViolation,", "23502"),
    forms.form("DatabaseError(", r"DatabaseError\(\s{0,9}CheckViolation,", "23514"),
    forms.form("DatabaseError(", r"DatabaseError\(\s{0,9}SerializationFailure,", "40001"),
)


def read(view: View) -> Iterable[DatabaseError]:
    """The sentences of its own."""
    return forms.read(view, _FORMS)
