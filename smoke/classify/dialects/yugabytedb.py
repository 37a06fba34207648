"""YugabyteDB: conflicts, expired transactions and restarts of reads, which it reports as serialization failures.

Source: YugabyteDB's documentation on transaction retries (docs.yugabyte.com), "Transaction retries in YSQL".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify import forms
from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = ("yugabyte", "Yugabyte", "kConflict", "kAborted", "Operation expired")
SYMBOLS: Mapping[str, str] = {}
_FORMS = (
    forms.form(
        "Operation failed. Try again",
        r"Operation failed\. Try again: [^\n]{1,200}",
        "40001",
    ),
    forms.form(
        "Operation expired",
        r"Operation expired: [^\n]{1,120} (?:expired or )?aborted by a conflict(?:: 40001)?",
        "40001",
    ),
    forms.form(
        "schema version mismatch for table",
        r"schema version mismatch for table [^\n]{1,200}",
        "40001",
    ),
    forms.form(
        "expired or aborted by a conflict",
        r"(?:Operation expired: )?Transaction [0-9a-f-]{4,40} expired or aborted by a conflict[^\n\"]{0,60}",
        "40001",
    ),
    forms.form("Restart read required", r"Restart read required(?: at)?: [^\n\"]{1,300}", "40001"),
    forms.form(
        "onflicts with",
        r"(?:Operation failed\. Try again: )?[0-9a-f-]{4,40} Conflicts with (?:higher priority|committed) transaction[^\n\"]{0,100}",
        "40001",
    ),
    forms.form(
        "onflicts with",
        r"Transaction [0-9a-f-]{4,40} (?:has been |was )?(?:aborted|conflicts with)[^\n\"]{0,200}(?:kConflict|kAborted|conflict)[^\n\"]{0,60}",
        "40001",
    ),
    forms.form("Snapshot too old", r"Snapshot too old: [^\n\"]{3,200}", "72000"),
    forms.form(
        "catalog snapshot used",
        r"The catalog snapshot used for this transaction has been invalidated[^\n\"]{0,200}",
        "40001",
    ),
)


def read(view: View) -> Iterable[DatabaseError]:
    """The sentences of its own."""
    return forms.read(view, _FORMS)
