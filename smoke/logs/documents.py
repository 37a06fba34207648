"""Logs that are one document: what an API or a command answered as JSON, or a table exported as CSV. Pure.

Shapes: an array of records (Supabase's Logs Explorer, `gcloud logging read --format=json`, `aws logs` with `--query`);
an object that holds them (`{"result": …}` of Supabase's API, `{"events": …}` of CloudWatch, `{"entries": …}` of Cloud
Logging, Azure's `{"records": …}` and its tables); `aws rds download-db-log-file-portion`; a CSV with a header.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smoke.logs.line import LogLine, json_object

_HOLDERS = ("result", "results", "events", "entries", "records", "logs", "data", "rows", "items", "value", "hits", "tables")  # fmt: skip
_MESSAGES = frozenset(
    {"event_message", "message", "@message", "textpayload", "log", "msg", "content"}
)
_RECORD = frozenset(
    ("time", "timestamp", "@timestamp", "level", "severity", "outcome", "eventTimestamp", "EventTimestampMs")
)  # fmt: skip
"""What an entry of an application says of itself: what lists it holds then are its own."""
_LONGEST_HEADER = 4096
_DEEPEST = 9
"""Columns within which an object that is a record begins."""
_MOST_LINES = 500
_COLUMN = re.compile(r"@?[A-Za-z_][\w. @:()-]{0,80}")


@dataclass(frozen=True, slots=True)
class TextDocument:
    """A document whose content is the text of a log."""

    text: str


def may_be(head: str) -> bool:
    """Whether a text that begins like this may be a document, and has to be read as a whole."""
    begin = head.lstrip("\ufeff \t\r\n")
    if begin.startswith("["):
        return begin[1:].lstrip()[:1] in (
            "{",
            "[",
            "]",
            "",
        )  # not a line that begins with a bracket
    first, broken, _ = begin.partition("\n")
    if begin.startswith("{"):
        return not (broken and first.rstrip().endswith("}"))
    return _columns(begin) is not None


def document(text: str) -> list[LogLine] | TextDocument | None:
    """The records of a document; its text when that is what it holds; None for lines, or a torn document."""
    begin = text.lstrip("\ufeff \t\r\n")[:1]
    if begin in ("[", "{"):
        return _of_json(text)
    return _of_csv(text)


def objects(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Numbered lines, and those of one JSON object that is written over several as one, as `jq` and `gcloud` write it."""
    held: list[tuple[int, str]] = []
    end = ""
    for number, line in lines:
        bare = line.rstrip()
        if not held:
            if bare.lstrip(" ") == "{" and len(bare) <= _DEEPEST:
                held, end = [(number, line)], bare[:-1] + "}"
            else:
                yield number, line
            continue
        held.append((number, line))
        if bare in (end, f"{end},"):
            text = "".join(part.strip() for _, part in held).removesuffix(",")
            if json_object(text) is None:
                yield from held
            else:
                yield held[0][0], text
            held = []
        elif len(held) >= _MOST_LINES:
            yield from held
            held = []
    yield from held


def torn(text: str) -> str:
    """Why a text that should be one JSON document is none; empty when it is one, or was never meant to be."""
    begin = text.lstrip("\ufeff \t\r\n")
    if not begin.startswith(("{", "[")) or not may_be(begin):
        return ""
    try:
        json.loads(begin)
    except RecursionError:
        return "it is nested too deeply"
    except ValueError as error:
        return str(error)
    return ""


def records_of(value: Any) -> list[Mapping[str, Any]]:
    """The records that a JSON value holds: an array, or an object of one of the shapes above."""
    return list(_records(value, 0))


def _of_json(text: str) -> list[LogLine] | TextDocument | None:
    first = text.lstrip("\ufeff \t\r\n").partition("\n")[0].rstrip()
    if first.startswith("{") and first.endswith("}") and len(first) < len(text.strip()):
        return None  # JSON lines
    try:
        value = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict):
        file = value.get("LogFileData")
        if isinstance(file, str):
            return TextDocument(file)
    records = records_of(value)
    held = isinstance(value, list) or (
        _RECORD.isdisjoint(value) and any(isinstance(value.get(n), (list, dict)) for n in _HOLDERS)
    )
    if not held:
        return None  # one record, which is a line as well
    return [
        LogLine(number, json.dumps(record, default=str), fields=record)
        for number, record in enumerate(records, 1)
    ]


def _records(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > 4:
        return
    if isinstance(value, list):
        for item in value:
            if isinstance(item, Mapping):
                yield from _records(item, depth + 1) if _is_holder(item) else (item,)
            elif isinstance(item, list):  # CloudWatch Insights: a row is a list of field and value
                row = {
                    c["field"]: c.get("value")
                    for c in item
                    if isinstance(c, Mapping) and "field" in c
                }
                if row:
                    yield row
    elif isinstance(value, Mapping):
        if isinstance(value.get("columns"), list) and isinstance(value.get("rows"), list):
            yield from _table(value["columns"], value["rows"])
            return
        if isinstance(value.get("values"), list) and isinstance(value.get("stream"), Mapping):
            for pair in value["values"]:  # Loki: nanoseconds and line
                if isinstance(pair, list) and len(pair) >= 2:
                    yield {**value["stream"], "timestamp": pair[0], "line": pair[1]}
            return
        for name in _HOLDERS:
            yield from _records(value.get(name), depth + 1)


def _is_holder(item: Mapping[str, Any]) -> bool:
    table = isinstance(item.get("columns"), list) and isinstance(item.get("rows"), list)
    return table or (
        isinstance(item.get("values"), list) and isinstance(item.get("stream"), Mapping)
    )


def _table(columns: Iterable[Any], rows: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    names = [str(c.get("name")) if isinstance(c, Mapping) else str(c) for c in columns]
    for row in rows:
        if isinstance(row, list):
            yield dict(zip(names, row, strict=False))


def _columns(text: str) -> list[str] | None:
    """The columns of a table that holds a log; None for any other text."""
    header = text.lstrip("\ufeff").partition("\n")[0].rstrip("\r")
    if len(header) > _LONGEST_HEADER or "," not in header:
        return None
    try:
        names = [name.strip() for name in next(csv.reader([header]), [])]
    except csv.Error:
        return None
    if not all(_COLUMN.fullmatch(name) for name in names):
        return None
    return names if _MESSAGES.intersection(name.lower() for name in names) else None


def _of_csv(text: str) -> list[LogLine] | None:
    names = _columns(text)
    if names is None:
        return None
    lines: list[LogLine] = []
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return lines
        except csv.Error:
            continue  # a field that is too long, or a torn line
        if reader.line_num > 1 and row:
            record = dict(zip(names, row, strict=False))
            lines.append(LogLine(reader.line_num, json.dumps(record), fields=record))
