"""Amazon Aurora DSQL: transactions that it refuses when they are committed, and its limits.

Source: "Troubleshooting" and "Cluster quotas and database limits" of the Aurora DSQL user guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify import forms
from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "(OC000)",
    "(OC001)",
    "transaction row limit exceeded",
    "transaction age limit of",
    "ddl and dml are not supported",
    "accept connection, ",
)
SYMBOLS: Mapping[str, str] = {}
_FORMS = (
    forms.form(
        "please retry: (OC00",
        r"(?:change conflicts with|schema has been updated by) another transaction, please retry: \(OC00[0-9]\)",
        "40001",
    ),
    forms.form("transaction row limit exceeded", r"transaction row limit exceeded", "54000"),
    forms.form("transaction age limit of", r"transaction age limit of \d{1,6}s exceeded", "54000"),
    forms.form(
        "ddl and dml are not supported",
        r"ddl and dml are not supported in the same transaction",
        "0A000",
    ),
    forms.form(
        "accept connection, rate", r"[Uu]nable to accept connection, rate exceeded", "53400"
    ),
    forms.form(
        "accept connection, too many",
        r"[Uu]nable to accept connection, too many open connections",
        "53300",
    ),
)


def read(view: View) -> Iterable[DatabaseError]:
    """The two kinds of conflicts, of data (OC000) and of the schema (OC001), which both have SQLSTATE 40001, and limits."""
    return forms.read(view, _FORMS)
