"""An entry of a log as the DatabaseErrors that it tells of. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from smoke.classify import classify_response
from smoke.logs.entry import LogEntry, LogKind
from smoke.model.dberror import Certainty, Citation, DatabaseError

SOURCE = "log"
"""The dialect of a DatabaseError that was read from the server's log."""
PART = "log:"
"""How a citation names its part: `log:7` is the entry that begins in line 7 of the log."""

_TARGET = re.compile(
    r"\s{0,20}(?:INSERT\s{1,20}INTO|UPDATE(?:\s{1,20}ONLY)?)\s{1,20}"
    r"(?:(?:\w{1,63}|\"[^\"]{1,63}\")\.)?(?:(\w{1,63})|\"([^\"]{1,63})\")",
    re.IGNORECASE,
)


def errors_of(entry: LogEntry) -> tuple[DatabaseError, ...]:
    """What an entry tells of, the root cause first; empty when it tells of no database error.

    An entry of PostgreSQL's log is one error. An application's is classified as the text of a response is, and the
    citations say where in the entry each value stands.
    """
    if entry.kind is LogKind.POSTGRES:
        return (database_error(entry),)
    kind = "application/json" if _is_json(entry.message) else "text/plain"
    found: dict[DatabaseError, None] = {}
    for finding in classify_response(500, [("content-type", kind)], entry.message.encode()):
        if finding.database_error is not None:
            for error in (finding.database_error, *finding.consequences):
                found[_cited(error, entry.line)] = None
    return tuple(found)


def _is_json(text: str) -> bool:
    """Whether a text is JSON: an object that `console.log` printed looks alike and is none."""
    if not text.startswith("{"):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _cited(error: DatabaseError, line: int) -> DatabaseError:
    citations = tuple(
        Citation(one.field, f"{PART}{line}", one.start, one.end, one.through)
        for one in error.citations
    )
    return replace(error, citations=citations)


def database_error(entry: LogEntry) -> DatabaseError:
    """An entry of PostgreSQL's log as a DatabaseError with dialect `log`; it has no citations."""
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
        table_name=entry.table
        or error.table_name
        or _table(entry, entry.sqlstate or error.sqlstate or ""),
        column_name=entry.column or error.column_name,
        datatype_name=entry.datatype or error.datatype_name,
        constraint_name=entry.constraint or error.constraint_name,
        dialect=SOURCE,
        certainty=Certainty.FIELD if entry.sqlstate else Certainty.TEXT,
        citations=(),
    )


def _table(entry: LogEntry, sqlstate: str) -> str | None:
    """The table that a refused statement writes to; None where a trigger or a function wrote, perhaps elsewhere."""
    if entry.context or not sqlstate.startswith("23"):
        return None
    target = _TARGET.match(entry.statement[:1000])
    if target is None:
        return None
    return target[2] or target[1].lower()
