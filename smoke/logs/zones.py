"""Times as logs write them: with an offset, with a zone's name, or with none. Pure.

PostgreSQL writes a zone as the abbreviation that the IANA database has for that moment, or as a plain offset where it
has none. Abbreviations below: those of the IANA database in use; several of them mean different zones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

_ZONES: dict[str, tuple[float, ...]] = {
    "UTC": (0,), "UCT": (0,), "GMT": (0,), "Z": (0,), "WET": (0,), "WEST": (1,), "CET": (1,), "CEST": (2,), "MET": (1,),
    "MEST": (2,), "EET": (2,), "EEST": (3,), "MSK": (3,), "MSD": (4,), "CAT": (2,), "EAT": (3,), "WAT": (1,), "SAST": (2,),
    "IDT": (3,), "PKT": (5,), "WIB": (7,), "WITA": (8,), "WIT": (9,), "HKT": (8,), "SGT": (8,), "AWST": (8,), "JST": (9,),
    "KST": (9,), "ACST": (9.5,), "ACDT": (10.5,), "AEST": (10,), "AEDT": (11,), "ChST": (10,), "NZST": (12,),
    "NZDT": (13,), "NST": (-3.5,), "NDT": (-2.5,), "ADT": (-3,), "EDT": (-4,), "MDT": (-6,), "MST": (-7,), "PDT": (-7,),
    "AKST": (-9,), "AKDT": (-8,), "HST": (-10,), "HDT": (-9,), "SST": (-11,), "BRT": (-3,), "ART": (-3,), "CLT": (-4,),
    # of more than one zone
    "EST": (-5, 10), "CST": (-6, 8, -5), "CDT": (-5, -4, 9), "PST": (-8, 8), "IST": (5.5, 1, 2), "BST": (1, 6, 11),
    "AST": (-4, 3),
}  # fmt: skip
_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?"
    r"(?: ?(Z|[A-Za-z]{2,5}|[+-]\d\d(?::?\d\d)?)(?![\w]))?"
)
_SYSLOG = re.compile(r"([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?")
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
NO_YEAR = 1904
"""The year of a time that names none; it has a 29 February."""
_EPOCH = re.compile(r"\d{10}\.\d{3}")
_WIDEST = timedelta(hours=14)
_STEP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as it was written: `at` where its zone is known; else `local` without zone, and the zone's name."""

    at: datetime | None
    local: datetime
    zone: str
    exact: bool
    """Whether it has a fraction of a second."""


def stamp(text: str) -> Stamp | None:
    """The time that a text is; None when it is none. A trailing word that is no zone belongs to something else."""
    match = _STAMP.fullmatch(text.strip())
    return _of(match) if match is not None else None


def stamps(text: str) -> list[Stamp]:
    """Every time in a text, in the order in which they stand; `%n`'s seconds since 1970 too."""
    found = [(m.start(), _of(m)) for m in _STAMP.finditer(text)]
    for match in _EPOCH.finditer(text):
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        if (
            before not in (".", "-")
            and not before.isalnum()
            and not after.isalnum()
            and after != "."
        ):
            at = of_number(match[0])
            if at is not None:
                found.append((match.start(), Stamp(at, at.replace(tzinfo=None), "UTC", exact=True)))
    return [told for _, told in sorted(found, key=lambda item: item[0]) if told is not None]


def without_year(text: str) -> Stamp | None:
    """The time that syslog writes (`Nov 20 12:00:00`): its year is NO_YEAR, its zone the machine's."""
    match = _SYSLOG.fullmatch(text)
    if match is None or match[1] not in _MONTHS:
        return None
    month = _MONTHS.index(match[1]) // 3 + 1
    try:
        local = datetime.fromisoformat(f"{NO_YEAR}-{month:02}-{int(match[2]):02}T{match[3]}")
    except ValueError:
        return None
    micro = int((match[4] or "0").ljust(6, "0")[:6])
    return Stamp(None, local.replace(microsecond=micro), "", exact=match[4] is not None)


def instant(text: str) -> datetime | None:
    """The moment that a text is, where its zone is known."""
    told = stamp(text)
    return told.at if told is not None else None


def of_number(value: float | str) -> datetime | None:
    """The moment of a number of seconds since 1970, or of milli-, micro- or nanoseconds; None for any other number."""
    try:
        number = float(value)
        for unit in (1.0, 1e3, 1e6, 1e9):
            if 1e9 <= number / unit < 1e10:
                return datetime.fromtimestamp(number / unit, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def candidates(zone: str) -> tuple[timedelta, ...]:
    """The offsets from UTC that a doubtful zone may have: of its name, or every quarter of an hour."""
    known = _ZONES.get(zone)
    if known:
        return tuple(timedelta(hours=hours) for hours in known)
    count = int(_WIDEST / _STEP)
    return tuple(n * _STEP for n in range(-count, count + 1))


def written(offset: timedelta) -> str:
    """An offset as people write it: `UTC+2`, `UTC-03:30`, `UTC`."""
    minutes = int(offset.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    if not minutes:
        return "UTC"
    return f"UTC{sign}{hours:02}:{rest:02}" if rest else f"UTC{sign}{hours}"


def _of(match: re.Match[str]) -> Stamp | None:
    day, clock, fraction, zone = match.groups()
    try:
        local = datetime.fromisoformat(f"{day}T{clock}")
        local = local.replace(microsecond=int((fraction or "0").ljust(6, "0")[:6]))
        offset = _offset(zone or "")
        at = local.replace(tzinfo=timezone(offset)) if offset is not None else None
    except ValueError:
        return None
    named = zone if zone and (zone in _ZONES or not zone[0].isalpha()) else ""
    return Stamp(at, local, named, exact=fraction is not None)


def _offset(zone: str) -> timedelta | None:
    if zone[:1] in ("+", "-"):
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return -offset if zone[0] == "-" else offset
    hours = _ZONES.get(zone, ())
    return timedelta(hours=hours[0]) if len(hours) == 1 else None
