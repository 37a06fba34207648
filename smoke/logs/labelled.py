"""Entries of logs that label their fields: jsonlog, and what hosts and operators make of PostgreSQL's log. Pure.

Shapes: jsonlog (PostgreSQL manual, 19.8.5); CloudNativePG, with csvlog's fields under `record`; Azure, with `errorLevel`
and `sqlerrcode` under `properties`, or the columns of its table PGSQLServerLogs; Supabase, whose rows hold
`event_message` and the parsed fields under `parsed`, `metadata[0].parsed[0]`, or as `parsed.NAME` in `log_attributes`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from smoke.logs.documents import records_of
from smoke.logs.entry import LogEntry, LogKind, english
from smoke.logs.line import LogLine
from smoke.logs.stderr import without_label
from smoke.logs.zones import Stamp, of_number, stamp

_SEVERITIES = frozenset({"errorseverity", "errorlevel"})
_STATES = frozenset({"statecode", "sqlstatecode", "sqlerrcode", "sqlerrorcode"})
_WITHIN = ("record", "properties", "jsonPayload", "parsed", "metadata", "log_attributes")
"""Where a record keeps the fields, and a host adds its own beside them."""
_TIMES = ("timestamp", "logtime", "time", "timegenerated", "ts")


class Fields:
    """Reads PostgreSQL's jsonlog, and records that hold its fields."""

    name = "PostgreSQL's log (jsonlog)"
    kind = LogKind.POSTGRES

    def begins(self, line: LogLine) -> bool:
        return line.fields is not None and not _SEVERITIES.isdisjoint(_flat(line.fields))

    def goes_on(self, line: LogLine) -> bool:  # noqa: ARG002  (a record is one line)
        return False

    def entries(self, lines: Iterable[LogLine]) -> Iterator[LogEntry]:
        for line in lines:
            if line.fields is not None:
                entry = of_fields(line.fields, line.number)
                if entry.at is None and entry.local is None:
                    entry = replace(entry, at=line.at)
                yield entry


def read_supabase(answer: Mapping[str, Any]) -> list[LogEntry]:
    """The errors of an answer of Supabase's log query API (`postgres_logs`, as JSON)."""
    rows = records_of(answer)
    return [entry for n, row in enumerate(rows, 1) if (entry := of_fields(row, n)).failed]


def of_fields(fields: Mapping[str, Any], line: int) -> LogEntry:
    """An entry of fields by the names that the formats have for them, in any spelling (`sqlErrorCode`, `sql_error_code`)."""
    flat = _flat(fields)

    def text(*names: str) -> str:
        return next((str(flat[name]) for name in names if flat.get(name)), "")

    at = next((told for name in _TIMES if (told := _time(flat.get(name))) is not None), None)
    known = at.at if at is not None else None
    message = text("eventmessage", "message")
    return LogEntry(
        at=known,
        local=at.local if at is not None and known is None else None,
        zone=at.zone if at is not None and known is None else "",
        severity=english(text(*_SEVERITIES)),
        sqlstate=text(*_STATES),
        message=without_label(message),
        detail=text("detail"),
        hint=text("hint"),
        context=text("context"),
        statement=text("statement", "query"),
        schema=text("schemaname"),
        table=text("tablename"),
        column=text("columnname"),
        datatype=text("datatypename"),
        constraint=text("constraintname"),
        application=text("applicationname"),
        database=text("dbname", "databasename"),
        session=text("sessionid", "pid", "processid"),
        transaction=text("vxid", "virtualtransactionid"),
        prefix=text("prefix"),
        line=line,
    )


def _flat(fields: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Fields by their names in one spelling; those that a record keeps for the entry come before a host's own."""
    flat = {_spelt(name): value for name, value in fields.items()}
    for name in _WITHIN:
        value = fields.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str) and value.startswith("{"):
            value = _object(value)
        if isinstance(value, Mapping) and depth < 3:
            flat.update({n: v for n, v in _flat(value, depth + 1).items() if v not in (None, "")})
    return flat


def _spelt(name: object) -> str:
    return str(name).rpartition(".")[2].replace("_", "").lower()


def _object(text: str) -> dict[str, Any] | None:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _time(value: Any) -> Stamp | None:
    if isinstance(value, str):
        found = stamp(value)
        if found is not None and found.at is None and not found.zone and "T" in value[:11]:
            found = stamp(f"{value}Z")  # ClickHouse's are in UTC
        if found is not None:
            return found
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    at = of_number(value)
    return Stamp(at, at.replace(tzinfo=None), "UTC", exact=True) if at is not None else None
