"""The page: head, verdict, causes, what did not pass, what did, and which run it was."""

from __future__ import annotations

from collections.abc import Iterator

from smoke.facts.evidence import Evidence, duration
from smoke.facts.fingerprints import Cause, causes_of
from smoke.facts.orders import left_orders
from smoke.model.run import Outcome, Run
from smoke.report.html.assets import script
from smoke.report.html.cards import cards
from smoke.report.html.elements import Markup, el, joined
from smoke.report.html.exchange import exchange_markup
from smoke.report.html.head import head_of
from smoke.report.html.left import left_markup
from smoke.report.html.page_state import AT_ONCE, PageLimits, PageState
from smoke.report.html.parts import badge
from smoke.report.html.steps import passed_line, scenario_markup
from smoke.report.html.top import about, top
from smoke.text import plural

_MOST_OPEN = 5
"""Steps that are open at first, one for each cause: what is open, a browser lays out before it shows anything."""


def page(run: Run, evidence: Evidence, limits: PageLimits = AT_ONCE) -> Iterator[str]:
    """The page, piece by piece."""
    state = PageState(run, evidence, limits)
    causes = causes_of(run)
    left = left_orders(run, 500)
    yield f'<!doctype html>\n<html lang="en">{head_of(f"smoke: {run.outcome.value}: {run.target.url}")}<body>'
    yield top(state, causes, left)
    yield '<main class="wide">'
    if causes:
        yield el("section", *cards(state, causes), cls="causes", aria_label="Causes")
    if left.orders:
        yield left_markup(left)
    yield from _scenarios(state, causes)
    if state.full:
        text = "Steps for which the page had no room hold the command that shows them; --report html-whole has all."
        yield el("p", text, cls="notice")
    if run.readiness_exchange is not None:
        yield el("h2", "Readiness")
        yield el("h3", run.readiness)
        yield exchange_markup(state, run.readiness_exchange, None, opened=not run.scenarios)
    yield el("h2", "About this run")
    yield about(run)
    yield "</main>"
    yield el(
        "footer",
        f"smoke {run.smoke_version} · run {run.id} · format schema {run.schema}",
        cls="wide",
    )
    yield el("script", Markup(script()))
    yield "</body></html>"


def _scenarios(state: PageState, causes: tuple[Cause, ...]) -> Iterator[Markup]:
    """Those that did not pass, each with its steps; then the others, in a line."""
    run = state.run
    opened = frozenset(
        state.anchor(first.scenario, first.step)
        for cause in causes[:_MOST_OPEN]
        if (first := cause.failures[0]).step is not None
    )
    bad = [each for each in run.scenarios if each.outcome.bad]
    if bad:
        yield el("h2", "What did not pass")
    for scenario in sorted(bad, key=lambda each: -each.outcome.rank):
        yield scenario_markup(state, scenario, opened)
    for outcome, title in ((Outcome.SKIPPED, "Skipped"), (Outcome.PASSED, "What passed")):
        rest = [each for each in run.scenarios if each.outcome is outcome]
        if rest:
            yield el("h2", title)
            steps = sum(len(each.steps) for each in rest)
            seconds = sum(each.seconds for each in rest)
            line = joined(
                badge(outcome),
                f" {plural(len(rest), 'scenario')}, {plural(steps, 'step')}",
                el("span", f" · {duration(seconds)}", cls="dim") if seconds else "",
            )
            lines = [passed_line(state, each) for each in rest]
            alone = not bad and len(rest) == 1
            yield el(
                "details",
                el("summary", line),
                el("div", *lines, cls="inside"),
                cls="all-passed",
                open=alone,
            )
