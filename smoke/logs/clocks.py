"""Times of entries whose zone is doubtful, read by the run's own requests, or by the clock. Pure.

A name that several zones have (IST), or no name at all, leaves a few offsets, or every quarter of an hour. The right one
puts the entries that name this order into the time of its request; it holds for every entry of that zone. Of a log that
is being written the last entry is as old as the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from smoke.logs.entry import LogEntry
from smoke.logs.wanted import Wanted
from smoke.logs.zones import NO_YEAR, candidates, written

_SHORTEST = 6
_AS_OLD = timedelta(seconds=3)
"""By how much an entry may be older than the file that it ends."""


def settled(
    entries: Sequence[LogEntry], wanted: Wanted, written_at: datetime | None = None
) -> tuple[list[LogEntry], str]:
    """The entries with the times that can be told, and what was read into them; empty when nothing was.

    `written_at` is when the log's last line was written, where that is known.
    """
    doubtful = [entry for entry in entries if entry.at is None and entry.local is not None]
    notes: list[str] = []
    offsets: dict[str, timedelta] = {}
    for zone in dict.fromkeys(entry.zone for entry in doubtful):
        ours = [e for e in doubtful if e.zone == zone and _mentions(e, wanted)]
        offset, by = _offset(ours, zone, wanted), "by this run's own requests"
        if offset is None and written_at is not None and not ours:
            offset, by = _by_clock(doubtful[-1], zone, wanted, written_at), "by when it was written"
        if offset is not None:
            offsets[zone] = offset
            notes.append(f"its times{f' in {zone}' if zone else ''} read as {written(offset)} {by}")  # fmt: skip
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


def _by_clock(last: LogEntry, zone: str, wanted: Wanted, written_at: datetime) -> timedelta | None:
    """The offset under which the last entry was written when the log was written last."""
    if last.zone != zone:
        return None
    fit = [o for o in candidates(zone) if abs(_utc(last, o, wanted) - written_at) <= _AS_OLD]
    return fit[0] if len(fit) == 1 else None


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
