"""CockroachDB: retries of its transactions, and constraint messages that differ from PostgreSQL's.

Source: CockroachDB's "Transaction Retry Error Reference" and "Common Errors" (cockroachlabs.com/docs).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify import forms
from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "TransactionRetry",
    "restart transaction",
    "CockroachDB",
    "cockroach",
    "crdb",
    "query execution canceled",
    "privilege on relation",
    "foreign key violation: value",
)
SYMBOLS: Mapping[str, str] = {}
_FORMS = (
    forms.form(
        "restart transaction",
        r"restart transaction: (?:Transaction\w{3,60}|retry txn|HandledRetryableTxnError)[^\n\"]{0,300}",
        "40001",
    ),
    forms.form("RETRY_", r"TransactionRetry\w{0,30}Error: retry txn \(RETRY_[A-Z_]{3,60}", "40001"),
    forms.form("result is ambiguous", r"result is ambiguous: [^\n\"]{3,300}", "40003"),
    forms.form(
        "failed to satisfy CHECK constraint",
        r"failed to satisfy CHECK constraint \([^\n]{1,300}\)",
        "23514",
    ),
    forms.form(
        "violates foreign key constraint",
        r"(?<!or )\b(?:insert|update|upsert) on table \\?\"(?P<table>[^\"\\\n]{1,128})\\?\" violates foreign key constraint \\?\"(?P<constraint>[^\"\\\n]{1,128})\\?\"",
        "23503",
    ),
    forms.form(
        "query execution canceled",
        r"query execution canceled(?: due to (?:statement|transaction) timeout)?",
        "57014",
    ),
    forms.form(
        "privilege on relation",
        r"user [^\s\"]{1,64} does not have [A-Z]{3,12} privilege on relation (?P<table>[\w.$-]{1,128})",
        "42501",
    ),
    forms.form(
        "foreign key violation: value",
        r"foreign key violation: values? \[[^\]\n]{1,300}\] (?:in columns \[[^\]\n]{1,200}\] )?(?:not found|referenced) in [^\n\"]{1,200}",
        "23503",
    ),
    forms.form(
        "memory budget exceeded",
        r"(?:root|sql): memory budget exceeded[^\n\"]{0,200}",
        "53200",
    ),
)


def read(view: View) -> Iterable[DatabaseError]:
    """The sentences of its own."""
    return forms.read(view, _FORMS)
