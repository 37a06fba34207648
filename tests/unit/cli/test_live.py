"""Views of a run while it happens."""

from __future__ import annotations

import io

import pytest

from smoke.cli.live import LiveView, PlainView
from tests.support import samples
from tests.support.samples import SAMPLES, Sample
from tests.support.snapshots import check_snapshot


def plain(sample: Sample, **how: bool) -> str:
    stream = io.StringIO()
    view = PlainView(stream, **{"unicode": True, **how})
    for event in sample.events:
        view.handle(event)
    return stream.getvalue()


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_log_lines(name: str) -> None:
    check_snapshot(f"live/{name}.txt", plain(SAMPLES[name](), verbose=True))


def test_first_log_line_names_the_target() -> None:
    assert "https://shop.example" in plain(samples.passing()).splitlines()[0]


def test_quiet_says_nothing() -> None:
    assert plain(samples.failing(), quiet=True) == ""


def test_exchanges_only_where_asked() -> None:
    assert "POST" not in plain(samples.passing())
    assert plain(samples.passing(), verbose=True).count("POST") == 4


def test_why_an_attempt_is_repeated_is_said() -> None:
    assert "again in 500 ms: the request has an Idempotency-Key" in plain(samples.flaky())


@pytest.mark.parametrize("unicode", [False, True])
def test_hostile_text_stays_text(unicode: bool) -> None:
    text = plain(samples.hostile(), verbose=True, unicode=unicode)
    assert unicode or text.isascii()
    for line in text.splitlines():
        assert line.isprintable()
        assert not line.lstrip().startswith(("::", "##"))
        assert "##[" not in line


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_live_view_takes_every_event_and_cleans_up(name: str, color: bool) -> None:
    stream = io.StringIO()
    with LiveView(stream, color=color, unicode=True) as view:
        for event in SAMPLES[name]().events:
            view.handle(event)
            assert "\x1b" not in view._shown().plain
    output = stream.getvalue()
    assert "\x1b]0;" not in output
    assert output.endswith("\x1b[2K")  # the line is cleared at the end
    assert "\x1b[?25h" in output  # and the cursor is shown again


def test_live_view_shows_what_is_under_way() -> None:
    with LiveView(io.StringIO(), color=False, unicode=False) as view:
        for event in samples.unfinished().events:
            view.handle(event)
        assert view._shown().plain == "repeat-customer  Order 2 ..."
