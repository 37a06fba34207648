"""Reads the log of an application, whatever wrote it: JSON lines, `key=value` lines and plain text, mixed as they come.

An entry is a line with those that go on with it, of the same source: a stack trace that a container's stream or a platform
cuts into records of one line each is one entry again. Its `message` is all of its text, to be classified as a response's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from smoke.logs.application import continuing, names
from smoke.logs.application.facts import Facts, facts_of
from smoke.logs.application.text import facts_of_text
from smoke.logs.carriers import forms
from smoke.logs.entry import FAILED, LogEntry, LogKind
from smoke.logs.line import LogLine

_MOST_TEXT = 64 * 1024
"""Characters of an entry that are kept: a stack trace is not the cause."""
_MOST_LINES = 1000
_APART = timedelta(seconds=5)
"""No entry is written for so long; what comes then goes on with nothing."""
_LAMBDA = re.compile(r"(START|END) RequestId: ([0-9a-f-]{36})")
_KNOWN = frozenset(
    (*names.TIMES, *names.LEVELS, *names.MESSAGES, "err", "error", "exception", "stack", "thrown", "@x", "outcome")
)  # fmt: skip


@dataclass(slots=True)
class _Open:
    """An entry whose end has not been seen."""

    line: LogLine
    facts: Facts
    texts: list[str]
    whole: str = ""
    """The record that it is, while nothing goes on with it."""
    size: int = 0
    in_traceback: bool = False
    last_at: datetime | None = None
    blank: int = 0

    def add(self, text: str) -> None:
        if not text.strip():
            self.blank += 1
            return
        if self.size < _MOST_TEXT and len(self.texts) < _MOST_LINES:
            self.texts += [""] * min(self.blank, 2)
            self.texts.append(text[:_MOST_TEXT])
            self.size += len(text)
        self.blank = 0
        self.whole = ""


@dataclass(slots=True)
class _Source:
    """A stream of lines: of one container, service or instance."""

    open: _Open | None = None
    stamped: bool = False
    bare: bool = False
    """Whether there are lines without a time of their own: one with a time is the first of an entry then."""
    request: tuple[str, ...] = field(default=())


class Application:
    """Reads what applications and their platforms write."""

    name = "application's log"
    kind = LogKind.APPLICATION

    def begins(self, line: LogLine) -> bool:
        """Any line that cannot be the rest of another entry; PostgreSQL's readers were asked before."""
        if line.fields is None:
            return not continuing.goes_on(line.text)
        if _KNOWN.isdisjoint(line.fields):
            return False
        inner = _inner(line.fields)
        return not inner or not continuing.goes_on(inner)

    def goes_on(self, line: LogLine) -> bool:
        return line.fields is None or not _KNOWN.isdisjoint(line.fields)

    def entries(self, lines: Iterable[LogLine]) -> Iterator[LogEntry]:
        """The entries, each when its end is known: another begins in its source, or the lines end."""
        sources: dict[str, _Source] = {}
        for given in lines:
            # a stream within records has the name that its carrier gave it
            line = given
            if given.fields is not None:
                within = forms(given)[-1]
                line = replace(given, at=within.at, source=within.source)
            source = sources.setdefault(line.source, _Source())
            source.bare = source.bare or line.at is None
            inner = _inner(line.fields) if line.fields is not None else line.text
            if source.open is not None and _belongs(source, line, inner):
                _go_on(source.open, line, inner)
                continue
            if source.open is not None:
                yield _entry(source.open)
                source.open = None
            if inner.strip() or line.fields is not None:
                source.open = _opened(source, line, inner)
        for source in sources.values():
            if source.open is not None:
                yield _entry(source.open)


def _inner(fields: Mapping[str, object]) -> str:
    """The text that a record carries."""
    for name in names.MESSAGES:
        value = fields.get(name)
        if isinstance(value, str) and value:
            return value.rstrip("\r\n")
    return ""


def _tells(fields: Mapping[str, object]) -> bool:
    """Whether a record holds an error of its own, so that it is more than a line of a stream."""
    return any(names.plain(name) in names.ERRORS and fields[name] for name in fields)


def _belongs(source: _Source, line: LogLine, inner: str) -> bool:
    """Whether a line goes on with the entry that is open in its source."""
    entry = source.open
    if entry is None:
        return False
    if line.at is not None and entry.last_at is not None and line.at - entry.last_at > _APART:
        return False
    record = entry.line.fields is not None
    if record and (entry.facts.error or not continuing.goes_on(inner)):
        return False  # a logger's record, beside what others print into the same stream
    if line.fields is not None and (not inner or not record or _tells(line.fields)):
        return False
    if continuing.goes_on(inner):
        return True
    if entry.in_traceback:  # its last line, the error itself, is not indented
        return not continuing.is_stamped(inner) and not inner.startswith("{")
    if continuing.begins_traceback(inner):
        return entry.facts.severity in FAILED or entry.blank > 0
    if continuing.is_stamped(inner) or (source.bare and line.at is not None):
        return False
    if not source.stamped and (line.at is not None or entry.line.at is None):
        return False
    # where each entry begins with a time or a level, a line without one goes on; but an error that somebody prints
    # beside a logger's lines is one of its own
    return entry.facts.severity in FAILED or not continuing.begins_error(inner)


def _go_on(entry: _Open, line: LogLine, inner: str) -> None:
    entry.last_at = line.at or entry.last_at
    if continuing.begins_traceback(inner):
        entry.in_traceback = True
    elif entry.in_traceback and inner.strip() and not inner.startswith((" ", "\t")):
        entry.in_traceback = False
    entry.add(inner)


def _opened(source: _Source, line: LogLine, inner: str) -> _Open:
    if line.fields is not None:
        facts = facts_of(line.fields)
        if inner and not inner.startswith("{"):
            said = facts_of_text(inner)
            facts = replace(facts.completed(said), severity=said.severity or facts.severity)
        whole = line.text if line.text.startswith("{") else json.dumps(line.fields, default=str)
        source.stamped = source.stamped or continuing.is_stamped(inner)
    else:
        facts, whole = facts_of_text(inner), ""
        source.stamped = source.stamped or continuing.is_stamped(inner)
    invoked = _LAMBDA.match(inner)
    if invoked is not None:
        source.request = (invoked[2],) if invoked[1] == "START" else ()
    elif not facts.ids:
        facts = replace(facts, ids=source.request)
    return _Open(
        line,
        facts,
        [inner[:_MOST_TEXT]],
        whole=whole,
        size=len(inner),
        in_traceback=continuing.begins_traceback(inner),
        last_at=line.at or (facts.stamp.at if facts.stamp is not None else None),
    )


def _entry(entry: _Open) -> LogEntry:
    text = entry.whole or "\n".join(entry.texts)
    facts = entry.facts
    if not entry.whole and text.startswith("{") and "\n" in text:
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError):
            fields = None
        if isinstance(fields, dict):  # printed over several lines
            facts = facts_of(fields)
    elif len(entry.texts) > 1:  # an id or a request may be named in a later line
        facts = facts.completed(replace(facts_of_text(text), stamp=None, severity=""))
    at = facts.stamp.at if facts.stamp is not None else None
    at = at or entry.line.at
    vague = facts.stamp if at is None else None
    return LogEntry(
        at=at,
        local=vague.local if vague is not None else None,
        zone=vague.zone if vague is not None else "",
        severity=facts.severity or ("ERROR" if facts.error else ""),
        message=text[: 2 * _MOST_TEXT],
        line=entry.line.number,
        kind=LogKind.APPLICATION,
        ids=facts.ids,
        method=facts.method,
        path=facts.path,
        status=facts.status,
    )


APPLICATION = Application()
