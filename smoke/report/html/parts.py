"""Small pieces that several parts of the page are made of."""

from __future__ import annotations

from collections.abc import Iterable

from smoke.model.run import NOTE, Outcome, StepResult
from smoke.report.html.elements import Markup, el, joined

WORDS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.ERRORED: "no verdict",
    Outcome.SKIPPED: "skipped",
    Outcome.UNFINISHED: "unfinished",
}
SIGNS = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✗",
    Outcome.ERRORED: "!",
    Outcome.SKIPPED: "–",
    Outcome.UNFINISHED: "!",
}


def badge(outcome: Outcome) -> Markup:
    """An outcome by sign and word: its colour alone tells nobody."""
    return _badge(SIGNS[outcome], WORDS[outcome], outcome.value)


def step_badge(step: StepResult) -> Markup:
    """What came of a step; of a note that it is one."""
    return _badge("i", step.word, NOTE) if step.is_note else badge(step.outcome)


def _badge(sign: str, word: str, kind: str) -> Markup:
    return el("span", el("span", sign, cls="sign"), f" {word}", cls=f"badge {kind}")


def definitions(rows: Iterable[tuple[str, str]], kind: str = "rows") -> Markup:
    """Labels and values; a row without a label goes on from the one before."""
    return el(
        "dl",
        *(part for label, value in rows for part in (el("dt", label), el("dd", value))),
        cls=kind,
    )


def copied(lines: Iterable[str], what: str) -> Markup:
    """Lines to be pasted somewhere; with a script, there is a button that copies them."""
    return el("pre", "\n".join(lines), cls=f"copy {what}", tabindex="0")


def folded(title: str | Markup, *inside: str, kind: str = "fold", opened: bool = False) -> Markup:
    """A part that is closed at first."""
    return el(
        "details", el("summary", title), el("div", *inside, cls="inside"), cls=kind, open=opened
    )


def link(target: str, *children: str, kind: str = "to") -> Markup:
    """A link to a place on the page, or to a file beside it."""
    return el("a", *children, cls=kind, href=target)


def lines_of(*parts: str) -> Markup:
    """Parts, each on a line of its own."""
    return joined(*(el("div", part) for part in parts if part))
