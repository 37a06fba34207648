"""Entries of logs that label their fields: jsonlog, and what hosts and operators make of it. Pure.

Format: PostgreSQL manual, 19.8.5 (jsonlog). CloudNativePG puts csvlog's fields under `record`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from smoke.logs.entry import Kind, LogEntry, english, moment
from smoke.logs.line import Line


def read_supabase(answer: Mapping[str, Any]) -> list[LogEntry]:
    """The errors of an answer of Supabase's log query API (`postgres_logs`, as JSON).

    Rows hold `event_message` and `timestamp` (microseconds, or a time in UTC), and the parsed fields under `parsed`,
    `metadata[0].parsed[0]`, or as `parsed.NAME` in `log_attributes`.
    """
    found: list[LogEntry] = []
    rows = answer.get("result")
    for number, row in enumerate(rows if isinstance(rows, list) else [], 1):
        if not isinstance(row, Mapping):
            continue
        parsed = _parsed(row)
        entry = of_fields({**parsed, "message": row.get("event_message", "")}, number)
        at = row.get("timestamp")
        if isinstance(at, int) and not isinstance(at, bool):
            entry = replace(entry, at=_of_microseconds(at))
        elif isinstance(at, str) and entry.at is None:
            entry = replace(entry, at=moment(at) or moment(f"{at}Z"))  # ClickHouse's are in UTC
        if entry.failed:
            found.append(entry)
    return found


class Fields:
    """Reads PostgreSQL's jsonlog, and records that hold its fields."""

    name = "PostgreSQL's log (jsonlog)"
    kind = Kind.POSTGRES

    def begins(self, line: Line) -> bool:
        return line.fields is not None and "error_severity" in _record(line.fields)

    def goes_on(self, line: Line) -> bool:  # noqa: ARG002  (a record is one line)
        return False

    def entries(self, lines: Iterable[Line]) -> Iterator[LogEntry]:
        for line in lines:
            if line.fields is not None:
                yield of_fields(_record(line.fields), line.number)


def _record(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    record = fields.get("record")
    return record if isinstance(record, dict) else fields


def _object(text: str) -> dict[str, Any] | None:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _of_microseconds(at: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(at / 1e6, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parsed(row: Mapping[str, Any]) -> dict[str, Any]:
    value: Any = row.get("parsed")
    attributes = row.get("log_attributes")
    if isinstance(attributes, str):
        attributes = _object(attributes)
    if isinstance(attributes, Mapping):
        value = {str(name).removeprefix("parsed."): item for name, item in attributes.items()}
    metadata = row.get("metadata")
    if isinstance(metadata, list) and metadata:
        metadata = metadata[0]
    if value is None and isinstance(metadata, Mapping):
        value = metadata.get("parsed")
    if isinstance(value, list):
        value = value[0] if value else None
    kept = ("metadata", "parsed", "event_message", "log_attributes")
    flat = {key.removeprefix("parsed."): row[key] for key in row if key not in kept}
    return {**flat, **value} if isinstance(value, Mapping) else flat


def of_fields(fields: Mapping[str, Any], line: int) -> LogEntry:
    """An entry of fields by the names that the formats have for them."""

    def text(*names: str) -> str:
        return next((str(fields[name]) for name in names if fields.get(name)), "")

    return LogEntry(
        at=moment(text("timestamp", "log_time")),
        severity=english(text("error_severity")),
        sqlstate=text("sql_state_code", "state_code"),
        message=text("message"),
        detail=text("detail"),
        hint=text("hint"),
        context=text("context"),
        statement=text("statement", "query"),
        application=text("application_name"),
        database=text("dbname", "database_name"),
        session=text("session_id", "pid", "process_id"),
        transaction=text("vxid", "virtual_transaction_id"),
        line=line,
    )
