"""From the request to the migration, drawn: boxes in a row, on a phone one below the other."""

from __future__ import annotations

from smoke.facts.chain import chain_of
from smoke.model.run import Run, ScenarioResult, StepResult
from smoke.report.html.elements import Markup, el, joined


def chain(run: Run, scenario: ScenarioResult, step: StepResult) -> Markup:
    """The picture; nothing where there is nothing to draw."""
    links = chain_of(run, scenario, step)
    boxes = [
        el(
            "li",
            el(
                "div",
                el("b", link.name),
                el("p", link.by, cls="by") if link.by else "",
                el("p", link.title, cls="title"),
                *(el("p", line) for line in link.lines),
                cls="box" if link.known else "box unknown",
            ),
        )
        for link in links
    ]
    return (
        el("ol", *boxes, cls="chain", aria_label="How the cause was found") if boxes else joined()
    )
