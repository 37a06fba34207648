"""Dates and times as templates know them: texts of RFC 3339, read and written here. Pure.

A time is one with its distance from UTC (`2026-11-29T03:10:00Z`, `…+01:00`); a date is a day of the calendar. What is read
besides: PostgreSQL's spelling (a space, `+00`), and the date of HTTP's headers (RFC 9110, 5.6.7).
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TypeAlias

from smoke.diagnostic import nearest
from smoke.model.run import JsonValue
from smoke.scenario.filtering import FilterError, kind

Moment: TypeAlias = "date | datetime"
"""A datetime is one in the calendar of a place, or, without a zone, of no place that is known."""

_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HTTP = re.compile(
    r"[A-Z][a-z]{2}, ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)
_SHORT_MONTHS = tuple(name[:3] for name in _MONTHS)
_STEP = re.compile(r"([0-9]{1,7}) ?([a-z]{1,10})")
_UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
_OF_A_DAY = ("second", "minute", "hour")
_RANGE = "leads out of the years 1 to 9999"

Step: TypeAlias = "tuple[int, str]"


def read(value: JsonValue) -> Moment:
    """The date or time that a text says. Raises FilterError."""
    if not isinstance(value, str):
        raise FilterError(f"takes a date or a time, not {kind(value)}")
    text = value.strip()
    try:
        if (match := _ISO.fullmatch(text)) is not None:
            return _of_iso(match)
        if (match := _HTTP.fullmatch(text)) is not None and match[2] in _SHORT_MONTHS:
            day, year, hour, minute, second = (int(match[at]) for at in (1, 3, 4, 5, 6))
            month = _SHORT_MONTHS.index(match[2]) + 1
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise FilterError(f"takes a date or a time that there is: {error}") from error
    raise FilterError("takes a date or a time such as 2026-11-29 or 2026-11-29T03:10:00Z")


def _of_iso(match: re.Match[str]) -> Moment:
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if match[4] is None:
        return date(year, month, day)
    micros = int((match[7] or "0")[:6].ljust(6, "0"))
    clock = (int(match[4]), int(match[5]), int(match[6] or 0), micros)
    return datetime(year, month, day, *clock, tzinfo=_offset(match[8]))


def _offset(written: str | None) -> timezone | None:
    if written is None:
        return None
    if written in "Zz":
        return UTC
    digits = written[1:].replace(":", "").ljust(4, "0")
    away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-away if written[0] == "-" else away)


def write(moment: Moment) -> str:
    """A date or time as RFC 3339 has it, UTC as `Z`; fractions of a second only where there are any."""
    if not isinstance(moment, datetime):
        return moment.isoformat()
    text = moment.replace(tzinfo=None).isoformat()
    if moment.microsecond:
        text = text.rstrip("0")
    return text + _away(moment, ":")


def _away(moment: datetime, colon: str) -> str:
    """How far its place is from UTC."""
    away = moment.utcoffset()
    if away is None:
        return ""
    if not away and colon:
        return "Z"
    minutes = abs(away) // timedelta(minutes=1)
    return f"{'-' if away < timedelta(0) else '+'}{minutes // 60:02}{colon}{minutes % 60:02}"


def steps(text: str) -> tuple[Step, ...]:
    """The numbers and units of `3 days` or `1 day 2 hours`. Raises FilterError."""
    found: list[Step] = []
    at = 0
    written = text.strip().lower()
    while at < len(written):
        match = _STEP.match(written, at)
        if match is None:
            raise FilterError(
                f"takes a time such as '3 days' or '1 hour 30 minutes', {_UNITS_WORDS}"
            )
        unit = match[2].removesuffix("s")
        if unit not in _UNITS:
            near = nearest(unit, _UNITS)
            hint = f"did you mean '{match[1]} {near}s'?" if near else _UNITS_WORDS
            raise FilterError(f"there is no unit of time '{match[2]}'; {hint}")
        found.append((int(match[1]), unit))
        at = match.end()
        at += len(written[at:]) - len(written[at:].lstrip(" "))
    if not found:
        raise FilterError(f"takes a time such as '3 days', {_UNITS_WORDS}")
    return tuple(found)


_UNITS_WORDS = f"in {', '.join(f'{unit}s' for unit in _UNITS[:-1])} or years"


def shifted(value: JsonValue, text: str, sign: int) -> JsonValue:
    """A date or time later (`sign` 1) or earlier (-1). A month later is the same day, or the month's last."""
    moment = read(value)
    for count, unit in steps(text):
        if unit in _OF_A_DAY and not isinstance(moment, datetime):
            raise FilterError(f"a date has no {unit}s: it takes days, weeks, months or years")
        try:
            moment = _moved(moment, sign * count, unit)
        except (OverflowError, ValueError) as error:
            raise FilterError(_RANGE) from error
    return write(moment)


def _moved(moment: Moment, count: int, unit: str) -> Moment:
    if unit in ("month", "year"):
        months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "year" else 1)
        year, month = months // 12, months % 12 + 1
        last = calendar.monthrange(year, month)[1]
        return moment.replace(year=year, month=month, day=min(moment.day, last))
    return moment + timedelta(**{f"{unit}s": count})


def in_zone(value: JsonValue, name: JsonValue) -> JsonValue:
    """The same moment as the clocks of a zone say it. Raises FilterError."""
    moment = read(value)
    if problem := zone_problem(name):
        raise FilterError(problem)
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise FilterError("takes a time with its distance from UTC, such as 2026-11-29T03:10:00Z")
    from zoneinfo import ZoneInfo

    try:
        return write(moment.astimezone(ZoneInfo(str(name))))
    except OverflowError as error:
        raise FilterError(_RANGE) from error


def zone_problem(name: JsonValue) -> str:
    """What is wrong with the name of a time zone; empty when nothing is."""
    from zoneinfo import ZoneInfo, available_timezones

    if not isinstance(name, str) or not name:
        return "takes the name of a time zone, such as 'Europe/Berlin' or 'UTC'"
    try:
        ZoneInfo(name)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError; a folder is an OSError
        pass
    except KeyError:
        if not (known := available_timezones()):
            return (
                "needs the time zones of the system, which has none: python3 -m pip install tzdata"
            )
        near = nearest(name, known)
        return f"there is no time zone '{name}'" + (f"; did you mean '{near}'?" if near else "")
    else:
        return ""
    return f"there is no time zone '{name}'"


_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
_OF_DATES = "AaBbYymdj%"
_DIRECTIVES = "AaBbYymdjHIMSfpz%"


def format_problem(pattern: JsonValue) -> str:
    """What is wrong with a format; empty when nothing is."""
    if not isinstance(pattern, str) or not pattern:
        return "takes a format such as '%Y-%m-%d'"
    for match in _DIRECTIVE.finditer(pattern):
        if not match[1] or match[1] not in _DIRECTIVES:
            known = " ".join(f"%{letter}" for letter in _DIRECTIVES)
            other = match[1].swapcase()
            hint = (
                f"did you mean '%{other}'?"
                if other and other in _DIRECTIVES
                else f"there are {known}"
            )
            return f"there is no '{match[0]}' in a format; {hint}"
    return ""


def formatted(value: JsonValue, pattern: JsonValue) -> JsonValue:
    """A date or time by the letters of strftime (ISO C, 7.27.3.5), its names in English wherever smoke runs."""
    moment = read(value)
    if problem := format_problem(pattern):
        raise FilterError(problem)

    def part(match: re.Match[str]) -> str:
        if match[1] not in _OF_DATES and not isinstance(moment, datetime):
            raise FilterError(f"a date has no '{match[0]}'")
        return _part(moment, match[1])

    return _DIRECTIVE.sub(part, str(pattern))


def _part(moment: Moment, letter: str) -> str:
    days, months = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    of_date = {
        "%": "%",
        "A": days,
        "a": days[:3],
        "B": months,
        "b": months[:3],
        "Y": f"{moment.year:04}",
        "y": f"{moment.year % 100:02}",
        "m": f"{moment.month:02}",
        "d": f"{moment.day:02}",
        "j": f"{moment.timetuple().tm_yday:03}",
    }
    if letter in of_date or not isinstance(moment, datetime):
        return of_date[letter]
    return {
        "H": f"{moment.hour:02}",
        "I": f"{moment.hour % 12 or 12:02}",
        "M": f"{moment.minute:02}",
        "S": f"{moment.second:02}",
        "f": f"{moment.microsecond:06}",
        "p": "AM" if moment.hour < 12 else "PM",
        "z": _away(moment, ""),
    }[letter]


def unix(value: JsonValue) -> JsonValue:
    """Whole seconds since 1970. Raises FilterError."""
    moment = read(value)
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise FilterError("takes a time with its distance from UTC, such as 2026-11-29T03:10:00Z")
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


def from_unix(value: JsonValue) -> JsonValue:
    """The time, in UTC, of seconds since 1970, as a number or in digits. Raises FilterError."""
    text = (
        str(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else ""
    )
    match = re.fullmatch(r"(-?[0-9]{1,15})(?:\.[0-9]{1,9})?", text.strip())
    if match is None:
        raise FilterError("takes seconds since 1970, as a number")
    try:
        return write(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(match[1])))
    except OverflowError as error:
        raise FilterError(
            f"{_RANGE}: are these milliseconds? divided_by(1000) makes seconds"
        ) from error
