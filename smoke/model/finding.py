"""A conclusion drawn from evidence, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from smoke.model.dberror import Citation, DatabaseError


class Severity(StrEnum):
    """An error makes its step fail; a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL that a person may paste: what it does, the text, and what to expect of the answer."""

    purpose: str
    """What it is for."""
    sql: str
    """The text, for psql."""
    expect: tuple[tuple[str, str], ...] = ()
    """What an answer would mean: the answer and its meaning, in pairs."""
    writes: bool = False
    """Whether it changes anything; smoke never runs such a one."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about a finding: an explanation, SQL that verifies it, remedies, and what to type next."""

    explanation: str = ""
    """What the error means in a checkout, and what is likely behind it."""
    verify: tuple[Statement, ...] = ()
    """Read-only SQL that shows whether that is so."""
    remedies: tuple[Statement, ...] = ()
    """SQL that could mend it."""
    next: tuple[str, ...] = ()
    """Commands to type next."""


@dataclass(frozen=True, slots=True)
class Correlation:
    """An id with which the answer can be found in somebody's log: the header (or body field) and its value."""

    name: str
    """The header, or the field of the body."""
    value: str
    """The id."""
    sent: bool = False
    """Whether the request carried it; else the answer told it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the database behind the deployment said of a finding's rule; empty where it was not asked or did not tell."""

    schema: str = ""
    """The schema of the table that the rule stands on."""
    table: str = ""
    """That table."""
    generated: tuple[str, ...] = ()
    """Columns of the rule that the database fills itself (identity, a sequence)."""
    fix: str = ""
    """Whether the scenario's fix is applied there: `applied`, `not applied`, `partly` …"""
    definition: str = ""
    """The rule as SQL."""
    referenced: str = ""
    """The table that a foreign key leads to, as SQL."""
    rows: int | None = None
    """How many rows have the key of a unique rule now; null where that is not known."""
    made_by: tuple[str, ...] = ()
    """The orders of the scenario that made those rows, by their names in the run."""


@dataclass(frozen=True, slots=True)
class Possible:
    """An error of that time that may be the cause, and all that speaks for it. Nothing ties it to the order."""

    error: DatabaseError
    """The error."""
    reason: str = ""
    """What speaks for it."""
    alone: bool = False
    """Whether a log has it while the request was answered, and none like it just before or after."""


POSSIBLE_CAUSE = "possible-cause"
"""The code of a finding that is only a possible cause of a failure whose answer shows no error."""
IN_RESPONSE, IN_LOG, IN_APPLICATION_LOG = "response", "log", "application log"
"""Where a finding's error, or a field of it, is read: `log` is PostgreSQL's own."""
IN_CATALOGUE = "database"
"""Where a field is inferred from: the catalogue of the database behind the deployment."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where one field of a finding's error was learnt, when that is not where the error was found."""

    field: str
    """The field's name in the database error."""
    where: str
    """`response`, `log` (PostgreSQL's), `application log` or `database` (its catalogue)."""
    how: str = ""
    """What it was recognised by."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an exchange shows."""

    code: str
    """Kebab-case and stable: `unique-violation`, `error-hidden`, `server-error` …"""
    title: str
    """What it is, in words."""
    severity: Severity = Severity.ERROR
    """`error` makes its step fail; `warning` and `note` do not."""
    scenario: str = ""
    """The scenario that it belongs to."""
    step: str = ""
    """The id of the step."""
    attempt: int = 0
    """The number of the attempt, from 1."""
    exchange_id: str = ""
    """The exchange whose answer shows it."""
    database_error: DatabaseError | None = None
    """The database error, where one was recognised."""
    consequences: tuple[DatabaseError, ...] = ()
    """Errors that followed from this one."""
    ambiguous: tuple[DatabaseError, ...] = ()
    """Other readings of the same answer that contradict it."""
    reason: str = ""
    """What it was told by."""
    hiding: str = ""
    """How the answer keeps its cause to itself; empty where it does not."""
    correlations: tuple[Correlation, ...] = ()
    """Ids by which the answer is found in a log."""
    citations: tuple[Citation, ...] = ()
    """The bytes that prove it."""
    notes: tuple[str, ...] = ()
    """What else is to be known of it."""
    advice: Advice = Advice()
    """What to do about it."""
    fingerprint: str = ""
    """The same for the same error at the same step, in every run."""
    found_in: str = IN_RESPONSE
    """Where the error was read: `response`, or, since that hides it, `log` (PostgreSQL's) or `application log`."""
    database: tuple[str, ...] = ()
    """What the database behind the deployment said, in sentences."""
    remedies: tuple[Statement, ...] = ()
    """What could be done in that database; smoke never runs it."""
    known: Known = Known()
    """What the database said, as values."""
    possible: tuple[Possible, ...] = ()
    """Errors that only the time speaks for: none of them is the finding's, whatever its code says."""
    sources: tuple[Source, ...] = ()
    """Fields of the error that were learnt elsewhere than it was found."""
