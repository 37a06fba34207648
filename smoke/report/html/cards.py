"""A card for each cause: what it is, what it struck, how it was found, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from smoke.facts.fingerprints import Cause
from smoke.facts.since import cause_since
from smoke.report.html.chain import chain
from smoke.report.html.elements import Markup, el, joined
from smoke.report.html.page_state import PageState
from smoke.report.html.parts import folded
from smoke.report.html.steps import advice_markup, step_link
from smoke.text import plural

_SHOWN = 12
"""Steps that are named on a card; more are folded."""
_ALONE = "The cause"


def cards(state: PageState, causes: tuple[Cause, ...]) -> Iterator[Markup]:
    """The cards, in the order in which the run met the causes."""
    for number, cause in enumerate(causes, start=1):
        yield _card(
            state, cause, f"Cause {number} of {len(causes)}" if len(causes) > 1 else "The cause"
        )


def _card(state: PageState, cause: Cause, label: str) -> Markup:
    first = cause.failures[0]
    advice: list[str] = []
    drawn = joined()
    if first.step is not None and not state.full:
        drawn = chain(state.run, first.scenario, first.step)
        advice = list(advice_markup(state, first.scenario, first.step, "h3"))
    since = cause_since(state.run, cause)
    alone = len(cause.failures) == 1 and label == _ALONE
    made = el(
        "article",
        el(
            "p",
            label,
            " · ",
            el("code", cause.fingerprint, title="the cause's fingerprint"),
            cls="label",
        ),
        # alone, it is the title of the page
        el("h2", "How it was found" if label == _ALONE else cause.title),
        joined() if alone else _struck(state, cause),
        el("p", since, cls="dim") if since and label != _ALONE else joined(),
        drawn,
        *advice,
        cls="card",
        id=f"cause-{cause.fingerprint}",
    )
    state.spent += len(made)
    return made


def _struck(state: PageState, cause: Cause) -> Markup:
    links = [step_link(state, failure.scenario, failure.step) for failure in cause.failures]
    scenarios = len({id(failure.scenario) for failure in cause.failures})
    steps = plural(len(links), "step")
    among = f" in {plural(scenarios, 'scenario')}" if scenarios > 1 else ""
    shown = el(
        "p",
        el("span", f"Struck {steps}{among}: ", cls="dim"),
        *_spaced(links[:_SHOWN]),
        cls="struck",
    )
    if len(links) <= _SHOWN:
        return shown
    more = folded(f"and {plural(len(links) - _SHOWN, 'more step')}", *_spaced(links[_SHOWN:]))
    return joined(shown, more)


def _spaced(links: list[Markup]) -> Iterator[str]:
    for each in links:
        yield each
        yield " "
