"""What carries the lines of a log, taken off: Docker, Compose, Kubernetes, and JSON that wraps each line. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from smoke.logs.csvlog import joined
from smoke.logs.entry import moment
from smoke.logs.line import Line

LONGEST_LINE = 256 * 1024
_SERVICE = re.compile(r"([\w.-]{1,80}) {1,40}\| ?")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d)) (?:std(?:err|out) [FP] )?")
_INNER = ("log", "message", "msg", "textPayload", "MESSAGE", "event_message")
_TIMES = ("time", "timestamp", "@timestamp")


def lines_of(text: str) -> Iterator[Line]:
    """The lines of a log, without what carried them; a record of a csvlog is one line, with the breaks in it."""
    for number, full in joined(text.split("\n")):
        yield _uncarried(number, full.rstrip("\r")[:LONGEST_LINE])


def forms(line: Line) -> tuple[Line, ...]:
    """A line, and what it wraps when it is a JSON object that holds a line of another program."""
    if line.fields is None:
        return (line,)
    inner = next(
        (line.fields[name] for name in _INNER if isinstance(line.fields.get(name), str)), None
    )
    if inner is None:
        return (line,)
    stamps = (line.fields.get(name) for name in _TIMES)
    at = next((moment(stamp) for stamp in stamps if isinstance(stamp, str)), None)
    return (line, replace(line, text=inner.rstrip("\r\n"), at=at or line.at, fields=None))


def json_object(text: str) -> Mapping[str, Any] | None:
    """The JSON object that a text is; None for a torn one, or any other text."""
    if not text.startswith("{") or not text.rstrip().endswith("}"):
        return None
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _uncarried(number: int, text: str) -> Line:
    source = ""
    service = _SERVICE.match(text)
    if service is not None:
        source, text = service[1], text[service.end() :]
    time = _TIME.match(text)
    at = None
    if time is not None and (len(text) > time.end()):
        at, text = moment(time[1]), text[time.end() :]
    return Line(number, text, at, source, json_object(text))
