"""Which error of a server's log is behind an answer that hides it; ambiguous means ambiguous. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from smoke.classify import classify_response
from smoke.database.log_entry import FAILED, LogEntry
from smoke.model.dberror import Certainty, DatabaseError

SOURCE = "log"
"""The dialect of a DatabaseError that was read from the server's log."""

_SHORTEST_KEY = 6


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of the exchange whose error is looked for.

    `ids` are request and trace ids of the answer; `keys` are values that only this order has (order id, e-mail,
    idempotency key); `application` is the shop's application_name, or the beginning of it.
    """

    started: datetime
    finished: datetime
    ids: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    application: str = ""
    database: str = ""
    slack: float = 2.0


class How(StrEnum):
    """What an entry was recognised by, the surest first."""

    ID = "request id"
    KEY = "order key"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class LogAnswer:
    """The error, or why there is none. Two or more `errors` contradict each other: none of them is the answer."""

    errors: tuple[DatabaseError, ...]
    how: How | None
    reason: str
    entries: tuple[LogEntry, ...] = ()

    @property
    def error(self) -> DatabaseError | None:
        """The one error; None when there is none, or more than one it could be."""
        return self.errors[0] if len(self.errors) == 1 else None


def find_error(entries: Iterable[LogEntry], wanted: Wanted) -> LogAnswer:
    """The error behind the exchange.

    An id or key decides wherever it stands. By time alone an error counts only if nothing ties it to somebody
    else and no other error of that time says something else.
    """
    near = [entry for entry in entries if _near(entry, wanted)]
    failed = [entry for entry in near if entry.severity in FAILED]
    for how, values in ((How.ID, wanted.ids), (How.KEY, wanted.keys)):
        usable = [value for value in values if len(value) >= _SHORTEST_KEY]
        found = [e for e in failed if _mentions(e, usable)] or _tied(near, failed, usable)
        if found:
            return _answer(found, how)
    if not failed:
        return LogAnswer((), None, "the log has no error of that time")
    timed = [entry for entry in failed if entry.at is not None]
    if not timed:
        return LogAnswer((), None, "the log does not say when its errors happened")
    if wanted.ids and any(_has_ids(entry, wanted) for entry in timed):
        # the log names the request of every error, and ours is not among them
        return LogAnswer(
            (), None, "the log's errors of that time are of other requests", tuple(timed)
        )
    return _answer(timed, How.TIME)


def _tied(
    near: Sequence[LogEntry], failed: Sequence[LogEntry], values: Sequence[str]
) -> list[LogEntry]:
    """Errors of a transaction that names a value in another line; number 0 is no transaction."""
    known = {e.transaction for e in near if _mentions(e, values)}
    known = {name for name in known if name and not name.endswith("/0")}
    return [e for e in failed if e.transaction in known]


def _near(entry: LogEntry, wanted: Wanted) -> bool:
    if (
        wanted.application
        and entry.application
        and not entry.application.startswith(wanted.application)
    ):
        return False
    if wanted.database and entry.database and entry.database != wanted.database:
        return False
    slack = timedelta(seconds=wanted.slack)
    return entry.at is None or wanted.started - slack <= entry.at <= wanted.finished + slack


def _mentions(entry: LogEntry, values: Sequence[str]) -> bool:
    return any(_holds(text, value) for value in values for text in entry.texts())


def _holds(text: str, value: str) -> bool:
    """Whether a text holds a value as a whole: `order-1` is not in `order-12`."""
    start = text.find(value)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(value) : start + len(value) + 1]
        if not (before.isalnum() or after.isalnum()):
            return True
        start = text.find(value, start + 1)
    return False


def _has_ids(entry: LogEntry, wanted: Wanted) -> bool:
    """Whether an entry names a request in the way that one of our ids is written (same beginning, same length)."""
    words = {word for text in (entry.application, entry.prefix) for word in text.split()}
    return any(
        len(word) == len(value) and word[:4] == value[:4] and word != value
        for value in wanted.ids
        if len(value) >= _SHORTEST_KEY
        for word in words
    )


def _answer(found: Sequence[LogEntry], how: How) -> LogAnswer:
    errors: dict[tuple[str | None, ...], DatabaseError] = {}
    for entry in found:
        error = database_error(entry)
        name: tuple[str | None, ...] = (
            (error.sqlstate, error.constraint_name, error.table_name, error.column_name)
            if error.sqlstate or error.constraint_name
            else (error.message_primary,)
        )
        # the same error of several requests: what they do not share is nobody's
        errors[name] = _shared(errors[name], error) if name in errors else error
    # a transaction that is already aborted says nothing of the cause
    causes = [error for error in errors.values() if error.sqlstate != "25P02"] or list(
        errors.values()
    )
    if len(causes) == 1:
        return LogAnswer(
            (causes[0],), how, f"found in the server's log by {how.value}", tuple(found)
        )
    return LogAnswer(
        tuple(causes),
        how,
        f"{len(causes)} different errors in the server's log fit by {how.value}: it is not known which is this one",
        tuple(found),
    )


def _shared(first: DatabaseError, second: DatabaseError) -> DatabaseError:
    detail = first.message_detail if first.message_detail == second.message_detail else None
    message = first.message_primary if first.message_primary == second.message_primary else None
    return replace(first, message_detail=detail, message_primary=message)


def database_error(entry: LogEntry) -> DatabaseError:
    """An entry as a DatabaseError with dialect `log`; it cites no bytes, since the response does not hold it."""
    labelled = {
        "DETAIL": entry.detail,
        "HINT": entry.hint,
        "SCHEMA NAME": entry.schema,
        "TABLE NAME": entry.table,
        "COLUMN NAME": entry.column,
        "DATATYPE NAME": entry.datatype,
        "CONSTRAINT NAME": entry.constraint,
    }
    state = f"{entry.sqlstate}: " if entry.sqlstate else ""
    lines = [f"{entry.severity}:  {state}{entry.message}"]
    lines += [f"{label}:  {value}" for label, value in labelled.items() if value]
    findings = classify_response(500, [("content-type", "text/plain")], "\n".join(lines).encode())
    read = next((f.database_error for f in findings if f.database_error is not None), None)
    error = read or DatabaseError()
    return replace(
        error,
        sqlstate=entry.sqlstate or error.sqlstate,
        severity=entry.severity,
        message_primary=entry.message or error.message_primary,
        message_detail=entry.detail or None,
        message_hint=entry.hint or None,
        schema_name=entry.schema or error.schema_name,
        table_name=entry.table or error.table_name,
        column_name=entry.column or error.column_name,
        datatype_name=entry.datatype or error.datatype_name,
        constraint_name=entry.constraint or error.constraint_name,
        dialect=SOURCE,
        certainty=Certainty.FIELD if entry.sqlstate else Certainty.TEXT,
        citations=(),
    )
