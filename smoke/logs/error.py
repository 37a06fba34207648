"""An entry of a server's log as the DatabaseError that it tells of. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from smoke.classify import classify_response
from smoke.logs.entry import LogEntry
from smoke.model.dberror import Certainty, DatabaseError

SOURCE = "log"
"""The dialect of a DatabaseError that was read from the server's log."""

_TARGET = re.compile(
    r"\s{0,20}(?:INSERT\s{1,20}INTO|UPDATE(?:\s{1,20}ONLY)?)\s{1,20}"
    r"(?:(?:\w{1,63}|\"[^\"]{1,63}\")\.)?(?:(\w{1,63})|\"([^\"]{1,63})\")",
    re.IGNORECASE,
)


def _table(entry: LogEntry, sqlstate: str) -> str | None:
    """The table that a refused statement writes to; None where a trigger or a function wrote, perhaps elsewhere."""
    if entry.context or not sqlstate.startswith("23"):
        return None
    target = _TARGET.match(entry.statement[:1000])
    if target is None:
        return None
    return target[2] or target[1].lower()


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
