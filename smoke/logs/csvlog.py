"""PostgreSQL's csvlog (manual, 19.8.4). Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

from smoke.logs.entry import LogEntry, LogKind
from smoke.logs.labelled import of_fields
from smoke.logs.line import LogLine

_COLUMNS = (
    "timestamp", "user", "dbname", "pid", "connection_from", "session_id", "line_num", "ps", "session_start", "vxid",
    "txid", "error_severity", "state_code", "message", "detail", "hint", "internal_query", "internal_position",
    "context", "statement", "cursor_position", "location", "application_name", "backend_type", "leader_pid", "query_id",
)  # fmt: skip
_FEWEST = 20
"""Columns that every version writes."""
_STARTS = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]* [\w+:-]+,")
_MOST_LINES = 20_000
"""Lines of one record; with more, its closing quote is missing."""


def is_record(line: str) -> bool:
    """Whether a record of a csvlog begins here."""
    return line.count(",") >= 10 and _STARTS.match(line) is not None


def joined(lines: Iterable[str], first: int = 1) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, and the lines of one record of a csvlog as one."""
    held: list[str] = []
    begun, open_quote = 0, False
    for number, line in enumerate(lines, first):
        if held and open_quote and len(held) < _MOST_LINES:
            held.append(line)
            open_quote ^= line.count('"') % 2 == 1
            if not open_quote:
                yield begun, "\n".join(held)
                held = []
            continue
        if held:  # a torn record: no quote closes it
            yield begun, held[0]
            held = []
        if is_record(line) and line.count('"') % 2 == 1:
            held, begun, open_quote = [line], number, True
        else:
            yield number, line
    if held:
        yield begun, "\n".join(held)


class CsvLog:
    """Reads records of a csvlog."""

    name = "PostgreSQL's log (csvlog)"
    kind = LogKind.POSTGRES

    def begins(self, line: LogLine) -> bool:
        return is_record(line.text)

    def goes_on(self, line: LogLine) -> bool:  # noqa: ARG002  (a record is one line)
        return False

    def entries(self, lines: Iterable[LogLine]) -> Iterator[LogEntry]:
        for line in lines:
            try:
                row = next(csv.reader([line.text]), [])
            except csv.Error:
                continue  # a field that is too long
            if len(row) >= _FEWEST:
                yield of_fields(dict(zip(_COLUMNS, row, strict=False)), line.number)
