"""Errors in a PostgreSQL server's log: jsonlog, csvlog, stderr, and Supabase's log query API. Pure: text in, entries out.

Formats: PostgreSQL manual, 19.8.4 (csvlog), 19.8.5 (jsonlog), 19.8.3 (log_line_prefix, log_error_verbosity).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

LONGEST_LINE = 256 * 1024
FAILED = ("ERROR", "FATAL", "PANIC")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One error as a server's log tells it. `at` is None where the log does not say in which time zone it writes."""

    at: datetime | None = None
    severity: str = ""
    sqlstate: str = ""
    message: str = ""
    detail: str = ""
    hint: str = ""
    context: str = ""
    statement: str = ""
    schema: str = ""
    table: str = ""
    column: str = ""
    datatype: str = ""
    constraint: str = ""
    application: str = ""
    database: str = ""
    session: str = ""
    transaction: str = ""
    prefix: str = ""
    line: int = 0

    def texts(self) -> tuple[str, ...]:
        """Everything in which an id or a key may stand."""
        return (
            self.application, self.message, self.detail, self.hint, self.context, self.statement, self.prefix,
        )  # fmt: skip


def read_log(text: str) -> list[LogEntry]:
    """The entries of a log in whichever of the three formats it is; lines that are none are passed over."""
    first = next((line for line in text.splitlines()[:50] if line.strip()), "")
    if first.lstrip().startswith("{"):
        return list(_json_lines(text.splitlines()))
    if first.count(",") >= 15 and re.match(r'"?\d{4}-\d\d-\d\d ', first):
        return list(_csv(text))
    return list(_stderr(text.splitlines()))


def read_supabase(answer: Mapping[str, Any]) -> list[LogEntry]:
    """The entries of an answer of Supabase's log query API (`postgres_logs`, as JSON).

    Rows hold `event_message` and `timestamp` (microseconds), and the parsed fields under `parsed` or
    `metadata[0].parsed[0]`.
    """
    found: list[LogEntry] = []
    rows = answer.get("result")
    for number, row in enumerate(rows if isinstance(rows, list) else [], 1):
        if not isinstance(row, Mapping):
            continue
        parsed = _parsed(row)
        entry = _of_fields({**parsed, "message": row.get("event_message", "")}, number)
        at = row.get("timestamp")
        if isinstance(at, int) and not isinstance(at, bool):
            entry = replace(entry, at=datetime.fromtimestamp(at / 1e6, UTC))
        entry = replace(entry, sqlstate=str(parsed.get("sql_state_code") or entry.sqlstate))
        if entry.severity in FAILED:
            found.append(entry)
    return found


def _parsed(row: Mapping[str, Any]) -> dict[str, Any]:
    value: Any = row.get("parsed")
    metadata = row.get("metadata")
    if (
        value is None
        and isinstance(metadata, list)
        and metadata
        and isinstance(metadata[0], Mapping)
    ):
        value = metadata[0].get("parsed")
    if isinstance(value, list):
        value = value[0] if value else None
    flat = {key: row[key] for key in row if key not in ("metadata", "parsed", "event_message")}
    return {**flat, **value} if isinstance(value, Mapping) else flat


def _json_lines(lines: Iterable[str]) -> Iterator[LogEntry]:
    for number, line in enumerate(lines, 1):
        try:
            fields = json.loads(line[:LONGEST_LINE])
        except (ValueError, RecursionError):
            continue  # a torn line, or one of another program
        if isinstance(fields, dict):
            yield _of_fields(fields, number)


_CSV = [
    "timestamp",
    "user",
    "dbname",
    "pid",
    "connection_from",
    "session_id",
    "line_num",
    "ps",
    "session_start",
    "vxid",
    "txid",
    "error_severity",
    "state_code",
    "message",
    "detail",
    "hint",
    "internal_query",
    "internal_position",
    "context",
    "statement",
    "cursor_position",
    "location",
    "application_name",
    "backend_type",
    "leader_pid",
    "query_id",
]


def _csv(text: str) -> Iterator[LogEntry]:
    reader = csv.reader(io.StringIO(text, newline=""))
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue  # a field that is too long, or a torn line
        if len(row) >= 20:
            yield _of_fields(dict(zip(_CSV, row, strict=False)), reader.line_num)


def _of_fields(fields: Mapping[str, Any], line: int) -> LogEntry:
    def text(*names: str) -> str:
        return next((str(fields[name]) for name in names if fields.get(name)), "")

    return LogEntry(
        at=_time(text("timestamp")),
        severity=text("error_severity"),
        sqlstate=text("state_code", "sql_state_code"),
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


_TAG = re.compile(
    r"(ERROR|FATAL|PANIC|LOG|WARNING|NOTICE|INFO|DEBUG[1-5]?|DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION|"
    r"BACKTRACE|SCHEMA NAME|TABLE NAME|COLUMN NAME|DATATYPE NAME|CONSTRAINT NAME):  ?"
)
_FIELDS = {
    "DETAIL": "detail",
    "HINT": "hint",
    "CONTEXT": "context",
    "STATEMENT": "statement",
    "SCHEMA NAME": "schema",
    "TABLE NAME": "table",
    "COLUMN NAME": "column",
    "DATATYPE NAME": "datatype",
    "CONSTRAINT NAME": "constraint",
}
_STATE = re.compile(r"([0-9A-Z]{5}): ")
_PID = re.compile(r"\[(\d{1,10})\]")
_STAMP = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?: ?(?:Z|[A-Z]{2,5}|[+-]\d\d(?::?\d\d)?))?"
)


def _stderr(lines: Iterable[str]) -> Iterator[LogEntry]:
    """Lines of several sessions may be interleaved: those with one process id belong together."""
    open_entries: dict[str, LogEntry] = {}
    last: tuple[str, str] | None = None
    for number, full in enumerate(lines, 1):
        line = full[:LONGEST_LINE]
        if line.startswith("\t") and last is not None:  # the server indents what goes on
            pid, field = last
            entry = open_entries[pid]
            open_entries[pid] = _with(entry, field, f"{getattr(entry, field)}\n{line[1:]}")
            continue
        tag = _TAG.search(line[:4096])
        if tag is None:
            last = None
            continue
        prefix, rest = line[: tag.start()], line[tag.end() :]
        found = _PID.search(prefix)
        pid = found[1] if found else ""
        if tag[1] in _FIELDS:
            last = None
            if pid in open_entries:
                field = _FIELDS[tag[1]]
                open_entries[pid] = _with(open_entries[pid], field, rest)
                last = (pid, field)
        elif tag[1] in ("QUERY", "LOCATION", "BACKTRACE"):
            last = None
        else:
            if pid in open_entries:
                yield open_entries.pop(pid)
            open_entries[pid] = _opened(tag[1], prefix, rest, pid, number)
            last = (pid, "message")
    yield from open_entries.values()


def _with(entry: LogEntry, field: str, text: str) -> LogEntry:
    changed: dict[str, Any] = {field: text}
    return replace(entry, **changed)


def _opened(severity: str, prefix: str, rest: str, pid: str, line: int) -> LogEntry:
    state = _STATE.match(rest)
    stamp = _STAMP.search(prefix)
    return LogEntry(
        at=_time(stamp[0]) if stamp else None,
        severity=severity,
        sqlstate=state[1] if state else "",
        message=rest[state.end() :] if state else rest,
        session=pid,
        prefix=prefix,
        line=line,
    )


def _time(text: str) -> datetime | None:
    """A moment, where the text says in which time zone it is (a name other than UTC may be anything)."""
    match = re.fullmatch(
        r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[.,](\d{1,6})\d*)? ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)",
        text.strip(),
    )
    if match is None:
        return None
    day, clock, fraction, zone = match.groups()
    try:
        at = datetime.fromisoformat(f"{day}T{clock}")
    except ValueError:
        return None
    return at.replace(microsecond=int((fraction or "0").ljust(6, "0")), tzinfo=_zone(zone))


def _zone(text: str) -> timezone:
    if text in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
