"""Errors of several entries as one, where they are one: equal errors count once, and each log adds what it knows. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from smoke.logs.entry import LogEntry, LogKind
from smoke.logs.error import errors_of
from smoke.model.dberror import DatabaseError
from smoke.model.finding import IN_APPLICATION_LOG, IN_LOG, Source

FIELDS = (
    "sqlstate", "condition_name", "message_primary", "message_detail", "message_hint", "schema_name", "table_name",
    "column_name", "datatype_name", "constraint_name", "columns",
)  # fmt: skip
"""The fields that one source may add to what another told."""
_NAMING = ("sqlstate", "schema_name", "table_name", "column_name", "constraint_name")
_SPOKEN = ("table_name", "column_name")
"""What answers say in words."""
_IDENTIFIER = re.compile(r"[^\W\d]\w{0,62}")
_WORDS = re.compile(r"[^\W_]+")
_VALUES = ("message_detail", "message_primary", "message_hint")
"""What may hold the values of one row."""


@dataclass(frozen=True, slots=True)
class LoggedError:
    """An error, the entries that tell it, and which of its fields the main one did not have.

    `why` says why it is possible and not proven, where that is another reason than its time. `alone`: it was written while
    the request was answered, and none like it just before or after.
    """

    error: DatabaseError
    entries: tuple[LogEntry, ...]
    sources: tuple[Source, ...] = ()
    why: str = ""
    alone: bool = False

    @property
    def kinds(self) -> frozenset[LogKind]:
        """Of whose logs the entries are."""
        return frozenset(entry.kind for entry in self.entries)

    @property
    def found_in(self) -> str:
        """The log that tells most of it: PostgreSQL's own, where that has it."""
        return IN_LOG if LogKind.POSTGRES in self.kinds else IN_APPLICATION_LOG

    @property
    def times(self) -> int:
        """How often it happened: what the application logs of an error is the same that PostgreSQL logs of it."""
        return max(sum(entry.kind is kind for entry in self.entries) for kind in self.kinds)

    def precedes(self, other: LoggedError) -> bool:
        """Whether all of it was written before all of the other."""
        ours = [entry.at for entry in self.entries if entry.at is not None]
        theirs = [entry.at for entry in other.entries if entry.at is not None]
        if len(ours) < len(self.entries) or len(theirs) < len(other.entries):
            return False
        lines = [(at, entry.line) for at, entry in zip(ours, self.entries, strict=True)]
        others = [(at, entry.line) for at, entry in zip(theirs, other.entries, strict=True)]
        return max(lines) < min(others)


def united(groups: Sequence[Sequence[LogEntry]]) -> list[LoggedError]:
    """The different errors of groups of entries that read alike, PostgreSQL's own first, else as they came."""
    found: list[LoggedError] = []
    for group in sorted(groups, key=lambda group: group[0].kind is not LogKind.POSTGRES):
        errors = errors_of(group[0])
        if not errors:
            continue
        error = errors[0]
        for other in group[
            1:
        ]:  # the same error of several requests: what they do not share is nobody's
            if other.detail != (error.message_detail or ""):
                error = replace(error, message_detail=None)
        told = LoggedError(error, tuple(group))
        at = next((n for n, known in enumerate(found) if are_one(known.error, error)), None)
        if at is None:
            found.append(told)
        else:
            found[at] = _joined(found[at], told)
    return sorted(found, key=lambda told: _begins(told.entries))


def _begins(entries: Sequence[LogEntry]) -> tuple[float, int]:
    first = min(entries, key=lambda entry: (entry.at.timestamp() if entry.at else 0.0, entry.line))
    return (first.at.timestamp() if first.at else 0.0, first.line)


def _joined(known: LoggedError, other: LoggedError) -> LoggedError:
    error, sources = known.error, known.sources
    if known.kinds.isdisjoint(other.kinds):
        error, added = completed(error, other.error, other.found_in, "")
        sources = (*sources, *added)
    else:
        error = _shared(error, other.error)
    return LoggedError(error, (*known.entries, *other.entries), sources)


def _shared(first: DatabaseError, second: DatabaseError) -> DatabaseError:
    def same(name: str) -> str | None:
        ours: str | None = getattr(first, name)
        return ours if ours == getattr(second, name) else None

    return replace(
        first,
        message_detail=same("message_detail"),
        message_primary=same("message_primary"),
        message_hint=same("message_hint"),
    )


def are_one(first: DatabaseError, second: DatabaseError) -> bool:
    """Whether two readings may be of one error: they share its code or rule, and nothing contradicts.

    A name in words is no other name: an answer says "H2s dispatch jobs" of the table h2s_dispatch_jobs.
    """
    for name in _NAMING:
        ours, theirs = getattr(first, name), getattr(second, name)
        if ours and theirs and ours != theirs and not (name in _SPOKEN and is_same(ours, theirs)):
            return False
    ours, theirs = ({_plain(name) for name in error.columns} for error in (first, second))
    if ours and theirs and ours != theirs:
        return False
    if first.sqlstate and second.sqlstate:
        return True
    if first.constraint_name and second.constraint_name:
        return True
    return bool(first.message_primary) and first.message_primary == second.message_primary


def is_same(name: str, other: str) -> bool:
    """Whether two names differ in case, separators and number alone."""
    return _plain(name) == _plain(other)


def _plain(name: str) -> str:
    words = _WORDS.findall(name.lower())
    return "_".join(words).removesuffix("s") if words else name


def _adds(name: str, ours: object, theirs: object) -> bool:
    """Whether a reading's field tells more than ours: it is there, or it is the name that ours has in words."""
    if not theirs or ours == theirs:
        return False
    if not ours:
        return True
    both = isinstance(ours, str) and isinstance(theirs, str)
    return both and name in _SPOKEN and _IDENTIFIER.fullmatch(str(theirs)) is not None


def completed(
    known: DatabaseError, other: DatabaseError, where: str, how: str, *, values: bool = True
) -> tuple[DatabaseError, tuple[Source, ...]]:
    """An error with the fields that it lacks from another reading of it; nothing that it tells is replaced but words by the name.

    `values` are the texts that may hold values of a row: those of somebody else's row are left out.
    """
    left_out = () if values else _VALUES
    changed = {
        name: getattr(other, name)
        for name in FIELDS
        if name not in left_out and _adds(name, getattr(known, name), getattr(other, name))
    }
    if not changed:
        return known, ()
    return replace(known, **changed), tuple(Source(name, where, how) for name in changed)
