"""The head that every page has: nothing is loaded, and no text of a run is markup."""

from __future__ import annotations

from smoke.report.html.assets import policy, style
from smoke.report.html.elements import Markup, el


def head_of(title: str, more_style: str = "") -> Markup:
    """The `head` element; `more_style` is ours, and stands behind the style of all pages."""
    return el(
        "head",
        el("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy()}">'),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title),
        el("style", Markup(style() + more_style)),
    )
