"""Which error of a server's log is behind an answer that hides it; ambiguous means ambiguous. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from smoke.logs.entry import LogEntry
from smoke.logs.error import database_error
from smoke.logs.wanted import Wanted
from smoke.model import made_up
from smoke.model.dberror import DatabaseError

__all__ = ["How", "LogAnswer", "Wanted", "find_error"]

_SHORTEST_KEY = 6
_CLOSE = 0.5
"""Seconds by which clocks may differ where nothing but the time ties an entry to an exchange."""
_CROWD = 200
"""Errors of one moment that are not looked at one by one any more."""
_TRACED = re.compile(r"traceparent='([^']{1,100})'")
"""An id in a comment of a statement (sqlcommenter, OpenTelemetry)."""
_NO_ID = re.compile(r"[^0-9A-Za-z.:_-]+")


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

    An id decides wherever it stands, and next to it a key, unless the entry names another request. By time alone an
    error counts only if nothing ties it to somebody else and no other error of that time says something else.
    """
    near = [entry for entry in entries if _near(entry, wanted)]
    failed = [entry for entry in near if entry.failed]
    ids = [value for value in wanted.ids if len(value) >= _SHORTEST_KEY]
    found = [e for e in failed if _mentions(e, ids)] or _tied(near, failed, ids)
    if found:
        return _answer(found, How.ID)
    if not failed:
        return LogAnswer((), None, "the log has no error of that time")
    possible = [entry for entry in failed if not _of_another(entry, wanted)]
    if not possible:
        reason = "the log's errors of that time are of other requests"
        return LogAnswer((), None, reason, tuple(failed))
    keys = [value for value in wanted.keys if len(value) >= _SHORTEST_KEY]
    found = [e for e in possible if _mentions(e, keys)] or _tied(near, possible, keys)
    if found:  # the run's other exchanges have the keys too: those of this moment come first
        return _answer([e for e in found if _close(e, wanted)] or found, How.KEY)
    timed = [entry for entry in possible if entry.at is not None]
    if not timed:
        return LogAnswer((), None, "the log does not say when its errors happened")
    if any(_of_another_request(entry, wanted) for entry in failed):
        # the log names the request of every error, and ours is not among them
        reason = "the log's errors of that time are of other requests"
        return LogAnswer((), None, reason, tuple(failed))
    close = [entry for entry in timed if _close(entry, wanted)]
    if not close:
        reason = "the log has an error near that time, but none while the request was answered"
        return LogAnswer((), None, reason, tuple(timed))
    if len(close) > _CROWD:
        reason = (
            f"the log has {len(close)} errors of just that time: it is not known which is this one"
        )
        return LogAnswer((), None, reason, tuple(close))
    return _answer(close, How.TIME)


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


def _close(entry: LogEntry, wanted: Wanted) -> bool:
    """Whether it happened while the request was answered."""
    if entry.at is None:
        return False
    slack = timedelta(seconds=_CLOSE)
    # without a fraction of a second it may have been any time in that second
    end = entry.at if entry.at.microsecond else entry.at + timedelta(seconds=1)
    return wanted.started - slack <= end and entry.at <= wanted.finished + slack


def _of_another(entry: LogEntry, wanted: Wanted) -> bool:
    """Whether an entry names a request or a customer that is not ours."""
    customers = {name for text in entry.texts() for name in made_up.found_in(text)}
    if customers and customers.isdisjoint(wanted.keys):
        return True
    return _of_another_request(entry, wanted)


def _of_another_request(entry: LogEntry, wanted: Wanted) -> bool:
    words = {word for text in (entry.application, entry.prefix) for word in _NO_ID.split(text)}
    words.update(_TRACED.findall(entry.statement))
    return any(
        _alike(word, value) for value in wanted.ids if len(value) >= _SHORTEST_KEY for word in words
    )


def _alike(word: str, value: str) -> bool:
    """Whether two different texts are ids of one kind: the same beginning, or hexadecimal, and the same form."""
    if word == value or len(word) != len(value):
        return False
    if [c.isalnum() for c in word] != [c.isalnum() for c in value]:
        return False
    return word[:4] == value[:4] or (_is_hex(word) and _is_hex(value))


def _is_hex(text: str) -> bool:
    digits = [c for c in text if c.isalnum()]
    return (
        len(digits) >= 16
        and all(c in "0123456789abcdefABCDEF" for c in digits)
        and not text.isdigit()
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
