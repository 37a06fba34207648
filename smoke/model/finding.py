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
    """SQL that a person may paste: what it does, the text, and what to expect of the answer.

    `writes` is false for read-only SQL; smoke itself never runs a statement that writes.
    """

    purpose: str
    sql: str
    expect: tuple[tuple[str, str], ...] = ()
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about a finding: an explanation, SQL that verifies it, remedies, and what to type next."""

    explanation: str = ""
    verify: tuple[Statement, ...] = ()
    remedies: tuple[Statement, ...] = ()
    next: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correlation:
    """An id with which the answer can be found in somebody's log: the header (or body field) and its value.

    `sent`: the request carried it; else the answer told it.
    """

    name: str
    value: str
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the database behind the deployment said of a finding's rule; empty where it was not asked or did not tell.

    `schema` and `table` are where the rule stands, `generated` those of its columns that the database fills itself
    (identity, a sequence), `fix` whether the scenario's fix is applied there (`applied`, `not applied`, `partly` …),
    `definition` the rule as SQL, `referenced` the table that a foreign key leads to, as SQL.
    """

    schema: str = ""
    table: str = ""
    generated: tuple[str, ...] = ()
    fix: str = ""
    definition: str = ""
    referenced: str = ""


@dataclass(frozen=True, slots=True)
class Possible:
    """An error of that time that may be the cause, and all that speaks for it. Nothing ties it to the order.

    `alone`: a log has it while the request was answered, and none like it just before or after.
    """

    error: DatabaseError
    reason: str = ""
    alone: bool = False


POSSIBLE_CAUSE = "possible-cause"
"""The code of a finding that is only a possible cause of a failure whose answer shows no error."""
IN_RESPONSE, IN_LOG, IN_APPLICATION_LOG = "response", "log", "application log"
"""Where a finding's error, or a field of it, is read: `log` is PostgreSQL's own."""
IN_CATALOGUE = "database"
"""Where a field is inferred from: the catalogue of the database behind the deployment."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where one field of a finding's error was learnt, when that is not where the error was found.

    `field` is the field's name, `where` is `response`, `log` (PostgreSQL's), `application log` or `database` (its
    catalogue), `how` what it was recognised by.
    """

    field: str
    where: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an exchange shows.

    `code` is kebab-case and stable (`unique-violation`, `error-hidden`, `server-error` …). `database_error` is set
    when one was recognised; `caused_by` are the consequences' roots, `consequences` what followed from this one and
    `ambiguous` other readings that contradict it. `hiding` says how a response keeps its cause to itself.

    `found_in` is where the error was read: `response`, or, since the response hides it, `log` (PostgreSQL's) or
    `application log`; `sources` are the fields that were learnt elsewhere. `possible` are errors that only the time
    speaks for: none of them is the finding's, whatever its code says.
    `database` is what the database behind the deployment said, in sentences, `known` the same as values, and
    `remedies` what could be done there.
    """

    code: str
    title: str
    severity: Severity = Severity.ERROR
    scenario: str = ""
    step: str = ""
    attempt: int = 0
    exchange_id: str = ""
    database_error: DatabaseError | None = None
    consequences: tuple[DatabaseError, ...] = ()
    ambiguous: tuple[DatabaseError, ...] = ()
    reason: str = ""
    hiding: str = ""
    correlations: tuple[Correlation, ...] = ()
    citations: tuple[Citation, ...] = ()
    notes: tuple[str, ...] = ()
    advice: Advice = Advice()
    fingerprint: str = ""
    found_in: str = IN_RESPONSE
    database: tuple[str, ...] = ()
    remedies: tuple[Statement, ...] = ()
    known: Known = Known()
    possible: tuple[Possible, ...] = ()
    sources: tuple[Source, ...] = ()
