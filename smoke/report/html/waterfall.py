"""Where the time of an exchange went, as bars on a common scale."""

from __future__ import annotations

from smoke.facts.evidence import duration
from smoke.facts.phases import HELD, spans
from smoke.model.exchange import Exchange
from smoke.report.html.elements import Markup, el

_LEAST = 0.4
"""Percent: a bar that is shorter could not be seen."""


def waterfall(exchange: Exchange) -> Markup:
    """A row for each phase that was reached: its name, its bar, its time."""
    before = exchange.timing.held
    total = max(before + exchange.timing.total, 1e-9)
    rows = []
    for span in spans(exchange):
        width = min(max(100 * span.seconds / total, _LEAST), 100)
        left = min(100 * (before + span.start) / total, 100 - width)
        name = "held" if span.name == HELD else span.name.lower()
        kind = f"bar {name}{' broke' if span.broke else ''}"
        rows.append(
            el(
                "tr",
                el("th", span.name, scope="row"),
                el(
                    "td",
                    el("div", cls=kind, style=f"margin-left:{left:.2f}%;width:{width:.2f}%"),
                    cls="track",
                ),
                el("td", _short(span.seconds) + (" broke here" if span.broke else ""), cls="time"),
            )
        )
    told = f"{duration(exchange.timing.total)} in all"
    if before:
        told += f", behind {duration(before)} in which smoke held it back (rate)"
    caption = el("caption", told, cls="dim")
    return el("table", caption, *rows, cls="waterfall")


def _short(seconds: float) -> str:
    """A phase for a person: most take less than a millisecond."""
    return f"{seconds * 1000:.1f} ms" if seconds < 0.00995 else duration(seconds)
