"""Entries of logs that label their fields: jsonlog, csvlog, and what hosts and operators make of them. Pure.

Formats: PostgreSQL manual, 19.8.4 (csvlog) and 19.8.5 (jsonlog). CloudNativePG puts csvlog's fields under `record`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from smoke.logs.entry import LogEntry, english, moment

LONGEST_LINE = 256 * 1024

_CSV = (
    "timestamp", "user", "dbname", "pid", "connection_from", "session_id", "line_num", "ps", "session_start", "vxid",
    "txid", "error_severity", "state_code", "message", "detail", "hint", "internal_query", "internal_position",
    "context", "statement", "cursor_position", "location", "application_name", "backend_type", "leader_pid", "query_id",
)  # fmt: skip
_CSV_STARTS = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]* [\w+:-]+,")


def json_object(line: str) -> dict[str, Any] | None:
    """What a line of a jsonlog holds; None for a torn one, or one of another program."""
    try:
        fields = json.loads(line[:LONGEST_LINE])
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    record = fields.get("record")
    return record if isinstance(record, dict) else fields


def is_csv(line: str) -> bool:
    """Whether a record of a csvlog begins here."""
    return line.count(",") >= 10 and _CSV_STARTS.match(line) is not None


def read_csv(text: str) -> Iterator[LogEntry]:
    """The records of a csvlog. What stands before the first whole one is its predecessor's end."""
    reader = csv.reader(io.StringIO(text, newline=""))
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue  # a field that is too long, or a torn line
        if len(row) >= 20:
            yield of_fields(dict(zip(_CSV, row, strict=False)), reader.line_num)


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


def _of_microseconds(at: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(at / 1e6, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parsed(row: Mapping[str, Any]) -> dict[str, Any]:
    value: Any = row.get("parsed")
    attributes = row.get("log_attributes")
    if isinstance(attributes, str):
        attributes = json_object(attributes)
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
