"""When the next round is, and when there is none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smoke.watching.schedule import MOST_BACKOFF, WindowError, pause, window_of

SUNDAY = "2026-11-29"


@pytest.mark.parametrize(
    ("window", "now", "ends"),
    [
        ("Sun 02:00-04:00", f"{SUNDAY}T02:00", f"{SUNDAY}T04:00"),
        ("Sun 02:00-04:00", f"{SUNDAY}T03:59", f"{SUNDAY}T04:00"),
        ("Sun 02:00-04:00", f"{SUNDAY}T04:00", None),
        ("Sun 02:00-04:00", "2026-11-30T03:00", None),
        ("sunday 2:00-4:00", f"{SUNDAY}T03:00", f"{SUNDAY}T04:00"),
        ("Sat-Mon 23:30-00:30", f"{SUNDAY}T00:10", f"{SUNDAY}T00:30"),
        ("Sat-Mon 23:30-00:30", "2026-12-01T00:29", "2026-12-01T00:30"),
        ("Sat-Mon 23:30-00:30", "2026-12-02T00:10", None),
        ("03:00-03:30", "2026-12-02T03:10", "2026-12-02T03:30"),
        ("Sun 02:00-04:00 Europe/Berlin", f"{SUNDAY}T01:30", f"{SUNDAY}T03:00"),
        ("Sun 02:00-04:00 Europe/Berlin", f"{SUNDAY}T03:30", None),
        ("Mon 00:00-24:00", "2026-11-30T12:00", "2026-12-01T00:00"),
        # the night in which Berlin's clocks go from 03:00 back to 02:00
        ("Sun 01:00-05:00 Europe/Berlin", "2026-10-25T02:30", "2026-10-25T04:00"),
    ],
)
def test_windows(window: str, now: str, ends: str | None) -> None:
    found = window_of(window).ends(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert (found.astimezone(UTC).isoformat()[:16] if found else None) == ends


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is expected"),
        ("Sun", "is expected"),
        ("Sum 02:00-04:00", "did you mean 'Sun'"),
        ("Sun 25:00-26:00", "no such time"),
        ("Sun 02:00-04:60", "no such time"),
        ("Sun 02:00-04:00 Europe/Berln", "no time zone 'Europe/Berln'"),
        ("Sun 02:00-04:00 ../../etc/passwd", "no time zone"),
    ],
)
def test_what_means_no_window(text: str, said: str) -> None:
    with pytest.raises(WindowError, match=said):
        window_of(text)


def test_a_shop_that_goes_on_failing_is_asked_more_seldom() -> None:
    waits = [pause(300, 0, bad, 0.5) for bad in range(8)]
    assert waits == [300, 300, 600, 1200, 2400, 2400, 2400, 2400]
    assert max(waits) == 300 * MOST_BACKOFF
    assert pause(300, 30, 0, 0) == 270
    assert pause(300, 30, 0, 1) == 330
    assert pause(1, 30, 0, 0) == 0
