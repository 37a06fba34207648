"""Times of entries whose zone is doubtful, read by the run's own requests. Pure.

A name that several zones have (IST), or no name at all, leaves a few offsets, or every quarter of an hour. The right one
puts the entries that name this order into the time of its request; it holds for every entry of that zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from smoke.logs.entry import LogEntry
from smoke.logs.wanted import Wanted
from smoke.logs.zones import NO_YEAR, candidates, written

_SHORTEST = 6


def settled(entries: Sequence[LogEntry], wanted: Wanted) -> tuple[list[LogEntry], str]:
    """The entries with the times that can be told, and what was read into them; empty when nothing was."""
    doubtful = [entry for entry in entries if entry.at is None and entry.local is not None]
    notes: list[str] = []
    offsets: dict[str, timedelta] = {}
    for zone in dict.fromkeys(entry.zone for entry in doubtful):
        ours = [e for e in doubtful if e.zone == zone and _mentions(e, wanted)]
        offset = _offset(ours, zone, wanted)
        if offset is not None:
            offsets[zone] = offset
            notes.append(f"its times{f' in {zone}' if zone else ''} read as {written(offset)} by this run's own requests")  # fmt: skip
    if not offsets:
        return list(entries), ""
    return [_placed(entry, offsets, wanted) for entry in entries], "; ".join(notes)


def _offset(ours: Sequence[LogEntry], zone: str, wanted: Wanted) -> timedelta | None:
    """The one offset under which the most entries are of the exchange's time."""
    slack = timedelta(seconds=wanted.slack)
    fits: dict[timedelta, int] = {}
    for offset in candidates(zone):
        times = (_utc(entry, offset, wanted) for entry in ours)
        count = sum(wanted.started - slack <= at <= wanted.finished + slack for at in times)
        if count:
            fits[offset] = count
    best = [offset for offset, count in fits.items() if count == max(fits.values())]
    return best[0] if len(best) == 1 else None


def _placed(entry: LogEntry, offsets: dict[str, timedelta], wanted: Wanted) -> LogEntry:
    if entry.at is not None or entry.local is None or entry.zone not in offsets:
        return entry
    return replace(entry, at=_utc(entry, offsets[entry.zone], wanted))


def _utc(entry: LogEntry, offset: timedelta, wanted: Wanted) -> datetime:
    local = entry.local or datetime(NO_YEAR, 1, 1)  # noqa: DTZ001  (it has no zone: that is the point)
    if local.year == NO_YEAR:
        local = min(
            (_in_year(local, wanted.started.year + more) for more in (-1, 0, 1)),
            key=lambda at: abs(at.replace(tzinfo=UTC) - wanted.started),
        )
    return local.replace(tzinfo=UTC) - offset


def _in_year(local: datetime, year: int) -> datetime:
    try:
        return local.replace(year=year)
    except ValueError:  # 29 February
        return local.replace(year=year, day=28)


def _mentions(entry: LogEntry, wanted: Wanted) -> bool:
    needles = [value for value in wanted.needles() if len(value) >= _SHORTEST]
    return any(value in text for text in entry.texts() for value in needles)
