"""Entries of a log as a server writes it to stderr, under any log_line_prefix and in any language. Pure.

Format: PostgreSQL manual, 19.8.3 (log_line_prefix, log_error_verbosity).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from smoke.logs.entry import FAILED, Kind, LogEntry, english, moment
from smoke.logs.line import Line

_TAG = re.compile(
    r"(ERROR|FATAL|PANIC|LOG|WARNING|NOTICE|INFO|DEBUG[1-5]?|DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION|"
    r"BACKTRACE|SCHEMA NAME|TABLE NAME|COLUMN NAME|DATATYPE NAME|CONSTRAINT NAME):  ?"
)
_FOREIGN_TAG = re.compile(r"(?:^|(?<=[\s:\]]))([^\s:\[\]]{2,40}) ?:  ")
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
_OTHERS = frozenset({"QUERY", "LOCATION", "BACKTRACE"})
_STATE = re.compile(r"([0-9A-Z]{5}): ")
_PID = re.compile(r"\[(\d{1,10})\]")
_STAMP = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[A-Z]{2,5}|[+-]\d\d(?::?\d\d)?))?"
)
_EXCEPTION = re.compile(r"::[A-Z]|(?:Error|Exception|Violation)\b|SQLSTATE\[|psql:")
"""What an application or a client writes before a server's error that it quotes."""
_HEAD = 4096
"""Characters of a line in which its label is looked for."""


class Stderr:
    """Reads what a server writes to stderr: a label, and its prefix before it."""

    name = "PostgreSQL's log"
    kind = Kind.POSTGRES

    def begins(self, line: Line) -> bool:
        if line.fields is not None:
            return False
        tagged = _tagged(line.text)
        if tagged is None or _EXCEPTION.search(line.text, 0, tagged[1]) is not None:
            return False
        prefix = line.text[: tagged[1]]
        stamped = _STAMP.search(prefix) is not None or _PID.search(prefix) is not None
        if tagged[0] in FAILED and not prefix.strip():
            return True
        return stamped

    def goes_on(self, line: Line) -> bool:
        return line.fields is None and (
            line.text.startswith("\t") or _tagged(line.text) is not None
        )

    def entries(self, lines: Iterable[Line]) -> Iterator[LogEntry]:
        """The entries. Those of several sessions may be interleaved: a process id ties their lines together."""
        open_entries: dict[str, LogEntry] = {}
        last: tuple[str, str] | None = None
        more: list[str] = []
        for line in lines:
            first, *rest = line.text.split("\n")
            if first.startswith("\t") and last is not None:  # the server indents what goes on
                more += [first[1:], *(text.removeprefix("\t") for text in rest)]
                continue
            _go_on(open_entries, last, more)
            more = [text.removeprefix("\t") for text in rest]
            last = None
            tagged = _tagged(first)
            if tagged is None:
                continue
            tag, start, end = tagged
            prefix = first[:start]
            found = _PID.search(prefix)
            pid = found[1] if found else ""
            if tag in _FIELDS:
                if pid in open_entries:
                    last = (pid, _FIELDS[tag])
                    open_entries[pid] = _with(open_entries[pid], _FIELDS[tag], first[end:])
            elif tag not in _OTHERS:
                if pid in open_entries:
                    yield open_entries.pop(pid)
                open_entries[pid] = _opened(tag, prefix, first[end:], pid, line)
                last = (pid, "message")
        _go_on(open_entries, last, more)
        yield from open_entries.values()


def _go_on(
    open_entries: dict[str, LogEntry], last: tuple[str, str] | None, more: list[str]
) -> None:
    """Put the lines that go on behind the text that they belong to."""
    if last is None or not more:
        return
    pid, field = last
    entry = open_entries[pid]
    open_entries[pid] = _with(entry, field, "\n".join([getattr(entry, field), *more]))


def _tagged(line: str) -> tuple[str, int, int] | None:
    """A line's label in English, and where it begins and its text begins."""
    head = line[:_HEAD]
    tag = _TAG.search(head)
    if tag is not None:
        return tag[1], tag.start(), tag.end()
    for tag in _FOREIGN_TAG.finditer(head):
        word = english(tag[1])
        if word != tag[1]:
            return word, tag.start(), tag.end()
    return None


def _with(entry: LogEntry, field: str, text: str) -> LogEntry:
    changed: dict[str, Any] = {field: text}
    return replace(entry, **changed)


def _opened(severity: str, prefix: str, rest: str, pid: str, line: Line) -> LogEntry:
    state = _STATE.match(rest)
    # the last stamp is the server's own: one of Docker's stands before it
    stamps = [moment(found[0]) for found in _STAMP.finditer(prefix)]
    return LogEntry(
        at=next((at for at in reversed(stamps) if at is not None), line.at),
        severity=severity,
        sqlstate=state[1] if state else "",
        message=rest[state.end() :] if state else rest,
        session=pid,
        prefix=prefix,
        line=line.number,
    )
