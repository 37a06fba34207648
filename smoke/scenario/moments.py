"""Dates and times in matchers: before and after another, and how far from it. Pure.

Two times are compared as moments, whatever zones they are written in. Where one is only a date, days are compared, each as
it is written.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from smoke.model.run import JsonValue
from smoke.scenario.dates import Moment, read, steps
from smoke.scenario.filtering import FilterError, kind

TAKES = "a date or a time such as 2026-11-29, 2026-11-29T03:10:00Z or '{{ now }}'"
_SHORT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ?(ms|s|m|h|d)")
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LENGTHS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def moment_problem(value: JsonValue) -> str:
    """What keeps a value from being one to compare with; empty when nothing does."""
    if not isinstance(value, str):
        return f"takes {TAKES}"
    try:
        read(value)
    except FilterError as error:
        return str(error)
    return ""


def distance(value: JsonValue) -> timedelta:
    """How long `5m`, `3 days` or a number of seconds is. Raises FilterError."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _length("seconds", value)
    if not isinstance(value, str):
        raise FilterError(f"takes a length of time such as 5m or '3 days', not {kind(value)}")
    if (match := _SHORT.fullmatch(value.strip())) is not None:
        return _length(_UNITS[match[2]], float(match[1]))
    whole = timedelta()
    for count, unit in steps(value):
        if unit in ("month", "year"):
            raise FilterError(f"takes no {unit}s, which are not of one length: write days")
        whole = _length(f"{unit}s", count, whole)
    return whole


def _length(unit: str, count: float, before: timedelta = timedelta()) -> timedelta:
    """So many of a unit, and what was counted before. Raises FilterError."""
    try:
        length = before + timedelta(**{unit: count})
    except (OverflowError, ValueError) as error:
        raise FilterError("takes a length of time that is not so long") from error
    if length < timedelta():
        raise FilterError("takes a distance, which is never below zero")
    return length


def compared(word: str, actual: JsonValue, bound: JsonValue) -> str | None:
    """Whether a value is `before` or `after` another: None when it is, else how far it is off. Raises FilterError."""
    away, days = _away(*_both(word, actual, bound))
    if away < timedelta() if word == "before" else away > timedelta():
        return None
    if not away:
        return "it is the same day" if days else "it is the same moment"
    return f"it is {_told(abs(away))} {'earlier' if word == 'after' else 'later'}"


def too_far(actual: JsonValue, of: JsonValue, by: JsonValue) -> str | None:
    """Whether a value is no farther than `by` from another: None when it is not, else how far it is. Raises FilterError."""
    try:
        most = distance(by)
    except FilterError as error:
        raise FilterError(f"within {error}") from error
    away, _ = _away(*_of_a_kind(*_both("within", actual, of)))
    if abs(away) <= most:
        return None
    return f"it is {_told(abs(away))} {'later' if away > timedelta() else 'earlier'}"


def _both(word: str, actual: JsonValue, bound: JsonValue) -> tuple[Moment, Moment]:
    """The two as dates and times. Raises FilterError."""
    if not isinstance(actual, str):
        raise FilterError(f"{word} is for dates and times, this is {kind(actual)}")
    try:
        wanted = read(bound)
    except FilterError as error:
        raise FilterError(f"{word} {error}") from error
    try:
        return read(actual), wanted
    except FilterError as error:
        raise FilterError(
            f"{word} is for dates and times such as 2026-11-29T03:10:00Z, this is none"
        ) from error


def _of_a_kind(there: Moment, wanted: Moment) -> tuple[Moment, Moment]:
    """Two dates or two times. Raises FilterError."""
    if isinstance(there, datetime) is isinstance(wanted, datetime):
        return there, wanted
    raise FilterError("a date says nothing of the hour: within takes two dates or two times")


def _away(there: Moment, wanted: Moment) -> tuple[timedelta, bool]:
    """How much later the one is than the other, and whether only days were compared. Raises FilterError."""
    if not (isinstance(there, datetime) and isinstance(wanted, datetime)):
        return _day(there) - _day(wanted), True
    if (there.tzinfo is None) is not (wanted.tzinfo is None):
        which = "this" if there.tzinfo is None else "what it is compared with"
        raise FilterError(
            f"{which} has no distance from UTC (such as Z or +01:00), the other one has"
        )
    return there - wanted, False


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _told(length: timedelta) -> str:
    """A length of time in its two largest units."""
    seconds = length // timedelta(seconds=1)
    parts = []
    for name, size in _LENGTHS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count:,} {name}{'s' if count > 1 else ''}")
        elif parts:
            break
    return " ".join(parts[:2]) or "less than a second"
