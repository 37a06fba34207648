"""Whose an entry of a log is: what it names, and when it was written. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from smoke.logs.entry import LogEntry, LogKind
from smoke.logs.wanted import Named, Wanted
from smoke.model import made_up

SHORTEST = 6
"""Characters of an id or a key: a shorter one stands in many a line by chance."""
_CLOSE = timedelta(seconds=0.5)
"""By how much clocks may differ where nothing but the time ties an entry to an exchange."""
_MOMENT = timedelta(milliseconds=50)
"""By how much two clocks differ at least, before which of two requests was first is not told by them."""
_KEPT_TIME = timedelta(seconds=5)
"""An entry that is farther from every request than this was written by a clock, or in a zone, that is another."""
_FARTHEST = timedelta(hours=15)
"""No zone is farther from another that is meant by mistake; what is farther is of another day."""
_TRACED = re.compile(r"traceparent=(?:'|%27)([^'%]{1,100})")
"""An id in a comment of a statement (sqlcommenter, OpenTelemetry)."""
_NO_ID = re.compile(r"[^0-9A-Za-z.:_-]+")
_RUN = re.compile(r"(?<![0-9A-Za-z])\d{8}-\d{6}-[0-9a-f]{6}(?![0-9A-Za-z])")
"""A run's id (app/running.py)."""


def mentions(entry: LogEntry, values: Sequence[str]) -> str:
    """The first of the values that an entry holds as a whole: `order-1` is not in `order-12`. Empty for none."""
    texts = [text for text in entry.texts() if text]
    for value in values:
        if len(value) >= SHORTEST and any(_holds(text, value) for text in texts):
            return value
    return ""


def of_customer(entry: LogEntry, keys: Sequence[str]) -> str:
    """The made-up customer of the keys whom an entry names, in whatever form."""
    return next((name for name in customers(entry) if name in keys), "")


def customers(entry: LogEntry) -> tuple[str, ...]:
    """The customers that some run of smoke made up, as they were made."""
    return tuple(
        dict.fromkeys(name for text in entry.texts() if text for name in made_up.found_in(text))
    )


def of_phone(entry: LogEntry, named: Sequence[Named]) -> str:
    """The made-up phone number of ours that an entry names, however it is written."""
    ours = {item.value for item in named if not item.names}
    if not ours:
        return ""
    texts = (text for text in entry.texts() if text)
    return next(
        (name for text in texts for name in made_up.found_in(text, unique=False) if name in ours),
        "",
    )


def tied(failed: Sequence[LogEntry], known: Iterable[LogEntry]) -> list[LogEntry]:
    """Errors of a transaction of which another line is known to be the order's; number 0 is no transaction.

    Of an application's log those of the same request: a server's own id is in both.
    """
    names: set[tuple[str, str]] = set()
    ids: set[str] = set()
    for entry in known:
        if entry.transaction and not entry.transaction.endswith("/0"):
            names.add((entry.session, entry.transaction))
        ids.update(name for name in entry.ids if len(name) >= SHORTEST)
    return [e for e in failed if (e.session, e.transaction) in names or not ids.isdisjoint(e.ids)]


def of_another(entry: LogEntry, wanted: Wanted) -> bool:
    """Whether an entry names a customer, a run or a request that is not ours."""
    named = customers(entry)
    if named and not any(name in wanted.keys for name in named):
        return True
    runs = {name for text in entry.texts() if text for name in _RUN.findall(text)}
    if runs and not any(name in wanted.keys for name in runs):
        return True
    return bool(mentions(entry, wanted.others))


def of_another_request(entry: LogEntry, ids: Sequence[str]) -> bool:
    """Whether an entry names a request by an id of the same form as one of these, and it is none of them."""
    words = {word for text in (entry.application, entry.prefix) for word in _NO_ID.split(text)}
    words.update(entry.ids)
    words.update(
        part for text in _TRACED.findall(entry.statement) for part in (text, *text.split("-")[1:3])
    )
    words -= set(ids)
    return any(
        alike(word, value) for value in ids if len(value) >= SHORTEST for word in words if word
    )


def alike(word: str, value: str) -> bool:
    """Whether two different texts are ids of one kind: the same beginning, or hexadecimal, and the same form."""
    if word == value or len(word) != len(value):
        return False
    if [c.isalnum() for c in word] != [c.isalnum() for c in value]:
        return False
    return word[:4] == value[:4] or (_is_hex(word) and _is_hex(value))


def close(entry: LogEntry, wanted: Wanted) -> bool:
    """Whether it happened while the request was answered."""
    return _distance(entry, wanted.started, wanted.finished) <= _CLOSE


def may_be_of_another(entry: LogEntry, wanted: Wanted) -> bool:
    """Whether another scenario of the run had a request under way at that time, or the log does not say when it was."""
    if entry.at is None:
        return bool(wanted.other_windows)
    here = _distance(entry, wanted.started, wanted.finished)
    return any(_distance(entry, *other) <= max(here, _MOMENT) for other in wanted.other_windows)


def within(entry: LogEntry, wanted: Wanted) -> bool:
    """Whether it happened between the request's first byte and the answer's last, by both clocks."""
    return not _distance(entry, wanted.started, wanted.finished)


def alone(found: Sequence[LogEntry], beside: Sequence[LogEntry], wanted: Wanted) -> bool:
    """Whether these were written while the request was answered, and none like them just before or after.

    What came of another request of the run, such as an earlier attempt of the same step, does not count.
    """
    ours = {id(entry) for entry in found if within(entry, wanted)}
    states = {entry.sqlstate for entry in found}
    return bool(ours) and not any(
        entry.sqlstate in states and id(entry) not in ours and not _of_busy_time(entry, wanted)
        for entry in (*found, *beside)
    )


def _of_busy_time(entry: LogEntry, wanted: Wanted) -> bool:
    return entry.moment is not None and any(not _distance(entry, *busy) for busy in wanted.busy)


def near(entry: LogEntry, wanted: Wanted) -> bool:
    """Whether it happened about that time, or nothing says when."""
    slack = timedelta(seconds=wanted.slack)
    return entry.moment is None or _distance(entry, wanted.started, wanted.finished) <= slack


def placed(
    found: Sequence[LogEntry], wanted: Wanted
) -> tuple[list[LogEntry], list[LogEntry], list[LogEntry]]:
    """Entries of the order by when they were written: for this request, at an untold or doubtful time, for another.

    What lies between two requests belongs to the nearer. A clock that is far from all requests is doubted, not the key.
    """
    ours: list[LogEntry] = []
    doubtful: list[LogEntry] = []
    theirs: list[LogEntry] = []
    for entry in found:
        if entry.at is None:
            doubtful.append(entry)
            continue
        here = _distance(entry, wanted.started, wanted.finished)
        there = min((_distance(entry, *busy) for busy in wanted.busy), default=_FARTHEST)
        if min(here, there) > _KEPT_TIME:
            far = here > _FARTHEST or (wanted.repeated and here > _KEPT_TIME)
            (theirs if far else doubtful).append(entry)
        else:
            (ours if here <= there else theirs).append(entry)
    return ours, doubtful, theirs


def is_known(entry: LogEntry, wanted: Wanted) -> bool:
    """Whether an entry of an application's log is of a request to the same place; where it does not say, it may be."""
    if entry.kind is LogKind.POSTGRES or not wanted.path:
        return True
    if entry.method and wanted.method and entry.method.upper() != wanted.method.upper():
        return False
    path = entry.path.partition("?")[0]
    return not path or path.rstrip("/") == wanted.path.rstrip("/")


def _distance(entry: LogEntry, started: datetime, finished: datetime) -> timedelta:
    """How far an entry is from a span of time; zero within it."""
    at = entry.moment
    assert at is not None
    # without a fraction of a second it may have been any time in that second
    whole = entry.at is not None and at.microsecond == 0
    first, last = at, at + timedelta(seconds=1 if whole else 0.001)
    return max(started - last, first - finished, timedelta(0))


def _holds(text: str, value: str) -> bool:
    start = text.find(value)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(value) : start + len(value) + 1]
        if not (before.isalnum() or after.isalnum()):
            return True
        start = text.find(value, start + 1)
    return False


def _is_hex(text: str) -> bool:
    digits = [c for c in text if c.isalnum()]
    return (
        len(digits) >= 16
        and all(c in "0123456789abcdefABCDEF" for c in digits)
        and not text.isdigit()
    )
