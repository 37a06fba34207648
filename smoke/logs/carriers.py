"""What carries the lines of a log, taken off: containers, syslog, journals, platforms, and JSON that wraps lines. Pure.

Shapes: `docker logs -t`, `docker compose logs`, `kubectl logs --prefix --timestamps`, the container runtime's files (CRI,
whose `P` lines are parts of one), Docker's json-file (which parts lines at 16 KiB); syslog (RFC 3164 and 5424, rsyslog's
ISO times, its `#011` for a tab); `journalctl` (short, short-iso, short-full, `-o json`); `heroku logs` and its drains,
`fly logs`, `aws logs tail`; and records of fluentd, Vector, CloudWatch, Cloud Logging, Loki.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from smoke.logs.csvlog import joined
from smoke.logs.documents import TextDocument, document, objects
from smoke.logs.line import LONGEST_LINE, LogLine, json_object
from smoke.logs.zones import instant, of_number, stamp, without_year

_ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"
_ANSI = re.compile(r"\x1b\[[\d;]{0,20}m")
_COMPOSE = re.compile(r"([\w.-]{1,80}) {1,40}\| ?")
_POD = re.compile(r"\[(pod/[\w./-]{1,250})\] ")
_TIME = re.compile(rf"({_ISO})[ \t]")
_CRI = re.compile(r"(?:stdout|stderr) ([FP]) ")
_TAG = r"([A-Za-z_][\w./-]{0,79})(?:\[([\w.-]{1,40})\])?: ?"
_RFC5424 = re.compile(
    r"(?:\d{1,6} )?<\d{1,3}>1 (\S{1,40}) (\S{1,255}) (\S{1,80}) (\S{1,128}) \S{1,64} (?:-|\[\w[^\]]{0,500}=[^\]]{0,500}\])? ?"
)
_RFC3164 = re.compile(
    rf"(?:<\d{{1,3}}>)?([A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{{1,9}})?) \S{{1,255}} {_TAG}"
)
_FULL = re.compile(
    rf"[A-Z][a-z]{{2}} (\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{{1,9}})? [\w+:-]{{1,6}}) \S{{1,255}} {_TAG}"
)
_AFTER_TIME = re.compile(r"(?!\d{4}-)\S{1,255} ([A-Za-z_][\w./-]{0,79})\[(\d{1,10})\]: ?")
_HEROKU = re.compile(r"(?:app|heroku)\[([\w-]{1,40})(?:\.(\d{1,10}))?\]: ?")
_FLY = re.compile(r"(?:app|proxy|runner)\[(\w{1,40})\] \w{2,5} \[\w{1,10}\] ?")
_STREAM = re.compile(r"([\w./-]{1,200}) (?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_PART = re.compile(r" {0,2}(?:\[[A-Z_\d]{1,40}\] )?\[\d{1,12}-(\d{1,6})\] ")
_ESCAPED = re.compile(r"#0(11|12)")
_INNER = (
    "log", "message", "msg", "textPayload", "MESSAGE", "event_message", "@message", "Message", "line", "text", "body",
    "_raw", "Content", "content", "jsonPayload.message", "properties.message",
)  # fmt: skip
_TIMES = (
    "time", "timestamp", "@timestamp", "ts", "__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP", "date", "_time",
    "TimeGenerated", "Timestamp", "Date",
)  # fmt: skip
_SOURCES = (
    "container_name", "kubernetes.pod_name", "kubernetes.container_name", "_SYSTEMD_UNIT", "SYSLOG_IDENTIFIER",
    "logStreamName", "@logStream", "resource.labels.database_id",
)  # fmt: skip
_SESSIONS = ("_PID", "SYSLOG_PID")


def lines_of(text: str) -> Iterator[LogLine]:
    """The lines of a log, without what carried them; a record of a csvlog is one line, with the breaks in it.

    A text that is one JSON document, or a CSV export with a header, gives the records in it.
    """
    held = document(text)
    if isinstance(held, TextDocument):
        text, held = held.text, None
    yield from plain_lines(text) if held is None else held


def plain_lines(text: str, first: int = 1) -> Iterator[LogLine]:
    """The lines of a text that is no document, the first of which has a number in a larger one."""
    yield from _whole(
        uncarried(number, full.rstrip("\r")[:LONGEST_LINE])
        for number, full in objects(joined(text.split("\n"), first))
    )


def forms(line: LogLine) -> tuple[LogLine, ...]:
    """A line, and what it wraps when it is a JSON object that holds a line of another program."""
    if line.fields is None:
        return (line,)
    inner = next(
        (text for name in _INNER if (text := _text(_at(line.fields, name))) is not None), None
    )
    if inner is None:
        return (line,)
    within = uncarried(line.number, inner.rstrip("\r\n")[:LONGEST_LINE])
    at = within.at or _time(line.fields) or line.at
    wrapped = replace(
        within,
        at=at,
        source=within.source or _named(line.fields, _SOURCES) or line.source,
        session=within.session or _named(line.fields, _SESSIONS) or line.session,
        part=within.part or line.part,
    )
    return (line, wrapped)


def uncarried(number: int, text: str) -> LogLine:
    """A line without what carried it, as often as it was carried."""
    line = LogLine(number, _ANSI.sub("", text) if "\x1b" in text[:200] else text)
    for _ in range(5):
        peeled = _peeled(line)
        if peeled is line:
            break
        line = peeled
    return replace(line, fields=json_object(line.text)) if line.text.startswith("{") else line


def _peeled(line: LogLine) -> LogLine:
    text = line.text
    if found := _COMPOSE.match(text) or _POD.match(text):
        return replace(line, text=text[found.end() :], source=found[1])
    if found := _TIME.match(text):
        at, rest = instant(found[1]), text[found.end() :]
        if cri := _CRI.match(rest):  # part -1: the line goes on in the next one
            part = -1 if cri[1] == "P" else line.part
            return replace(line, text=rest[cri.end() :], at=at, part=part)
        if named := _HEROKU.match(rest) or _AFTER_TIME.match(rest):
            return _syslog(line, rest[named.end() :], at, named[1], named[named.re.groups] or "")
        if named := _FLY.match(rest) or _STREAM.match(rest):
            return replace(line, text=rest[named.end() :], at=at, source=named[1])
        return replace(line, text=rest, at=at)
    if found := _RFC5424.match(text):
        process = found[4].rpartition(".")[2] if found[4] != "-" else ""
        return _syslog(line, text[found.end() :], instant(found[1]), found[3], process)
    if found := _RFC3164.match(text) or _FULL.match(text):
        told = stamp(found[1]) or without_year(found[1])
        taken = _syslog(
            line, text[found.end() :], told.at if told else None, found[2], found[3] or ""
        )
        return replace(taken, stamp=told if told is not None and told.at is None else None)
    return line


def _syslog(line: LogLine, text: str, at: datetime | None, source: str, session: str) -> LogLine:
    part = _PART.match(text)
    rest = text[part.end() :] if part else text
    if "#0" in rest:
        rest = _ESCAPED.sub(lambda code: "\t" if code[1] == "11" else "\n", rest)
    return replace(
        line,
        text=rest,
        at=at or line.at,
        source=line.source or source,
        session=session,
        part=int(part[1]) if part else line.part,
    )


def _whole(lines: Iterable[LogLine]) -> Iterator[LogLine]:
    """Lines whose parts are put together: CRI's `P` lines, and those that Docker's json-file cuts at 16 KiB."""
    begun: dict[str, LogLine] = {}
    for line in lines:
        wrapped = line.fields.get("log") if line.fields is not None else None
        docker = isinstance(wrapped, str) and line.fields is not None and "stream" in line.fields
        goes_on = line.part < 0 or (docker and not str(wrapped).endswith("\n"))
        first = begun.pop(line.source, None)
        if first is not None:
            line = _appended(first, line)  # noqa: PLW2901  (it is the same line, whole)
        if goes_on and len(line.text) < LONGEST_LINE:
            begun[line.source] = line
        else:
            yield replace(line, part=max(0, line.part)) if line.part < 0 else line
    for line in begun.values():
        yield replace(line, part=max(0, line.part))


def _appended(first: LogLine, second: LogLine) -> LogLine:
    if first.fields is not None and second.fields is not None:
        both = str(first.fields.get("log", "")) + str(second.fields.get("log", ""))
        return replace(first, fields={**first.fields, "log": both})
    text = first.text + second.text
    return replace(first, text=text, part=second.part, fields=json_object(text))


def _at(fields: Mapping[str, Any], name: str) -> Any:
    if name in fields:
        return fields[name]
    value: Any = fields
    for key in name.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str | None:
    if isinstance(value, list) and value and all(type(n) is int and 0 <= n < 256 for n in value):
        return bytes(value).decode("utf-8", "replace")  # journald's form of what is not plain text
    return value if isinstance(value, str) else None


def _named(fields: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((value for n in names if isinstance(value := _at(fields, n), str) and value), "")


def _time(fields: Mapping[str, Any]) -> datetime | None:
    for name in _TIMES:
        value = fields.get(name)
        at = instant(value) if isinstance(value, str) else None
        if at is None and isinstance(value, (int, float, str)):
            at = of_number(value)
        if at is not None:
            return at
    return None
