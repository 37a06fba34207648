"""When the next round is, and the times of the week in which there is none."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from smoke.diagnostic import nearest

MOST_BACKOFF = 8
"""Times the interval: how seldom a shop is asked that has been failing for long. It places real orders there."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(
    r"(?:([A-Za-z]{2,9})(?:-([A-Za-z]{2,9}))? )?([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})(?: (\S{1,64}))?"
)
_DAY_MINUTES = 24 * 60


class WindowError(ValueError):
    """A text that means no window; the message says what is wrong with it."""


class MaintenanceWindow(Struct, frozen=True):
    """A time of the day in which nothing is run: minutes from midnight, on the days that it begins on, in a zone."""

    days: frozenset[int]
    begins: int
    minutes: int
    zone: str

    def ends(self, now: datetime) -> datetime | None:
        """When it is over, if `now` (with a zone) is within it; by the clock on the wall there."""
        local = now.astimezone(ZoneInfo(self.zone))
        for back in (0, 1):
            day = (local - timedelta(days=back)).date()
            if day.weekday() not in self.days:
                continue
            # the wall's clock: on a day with a change of time a window is as long as its two times say
            midnight = datetime(day.year, day.month, day.day, tzinfo=local.tzinfo)
            begin = midnight + timedelta(minutes=self.begins)
            end = begin + timedelta(minutes=self.minutes)
            if begin <= local < end:
                return end
        return None


def window_of(text: str) -> MaintenanceWindow:
    """`Sun 02:00-04:00 Europe/Berlin`, `Mon-Fri 23:30-00:30`, `03:00-03:30`; UTC where no zone is said. Raises WindowError."""
    match = _WINDOW.fullmatch(" ".join(text.split()))
    if match is None:
        raise WindowError(
            f"a window such as 'Sun 02:00-04:00 Europe/Berlin' is expected, not '{text}'"
        )
    first, last, *times, zone = match.groups()
    hours = [int(each) for each in times]
    if hours[0] > 23 or hours[2] > 24 or hours[1] > 59 or hours[3] > 59:
        raise WindowError(f"there is no such time: '{text}'")
    begins, ends = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    minutes = ends - begins if ends > begins else ends - begins + _DAY_MINUTES
    zone = zone or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WindowError(f"there is no time zone '{zone}'") from error
    return MaintenanceWindow(_days(first, last), begins, minutes, zone)


def _days(first: str | None, last: str | None) -> frozenset[int]:
    if first is None:
        return frozenset(range(7))
    begin = _day(first)
    end = _day(last) if last else begin
    return frozenset((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _day(word: str) -> int:
    found = word[:3].lower()
    if found in _DAYS:
        return _DAYS.index(found)
    near = nearest(word.lower(), _DAYS)
    hint = f"; did you mean '{near.title()}'?" if near else ""
    raise WindowError(f"'{word}' is no day of the week (Mon, Tue … Sun){hint}")


def pause(every: float, jitter: float, bad: int, luck: float) -> float:
    """Seconds until the next round of a target; `bad` rounds in a row did not pass, `luck` is from 0 to 1.

    A shop that goes on failing is asked more seldom, up to MOST_BACKOFF times the interval.
    """
    times: int = min(2 ** max(0, min(bad, 10) - 1), MOST_BACKOFF)
    return max(0.0, every * times + jitter * (2 * luck - 1))
