"""The order that failed beside the one that worked: value by value what differs and what is equal."""

from __future__ import annotations

from collections.abc import Iterator

from smoke.advice.orders import Comparison
from smoke.facts.compared import compared_facts, comparison_of, order_before
from smoke.facts.evidence import answer
from smoke.facts.key_values import key_of, key_sentence
from smoke.facts.step import last_attempt, last_exchange, serious
from smoke.model.run import ScenarioResult, StepResult
from smoke.report.html.elements import Markup, el, joined
from smoke.report.html.page_state import PageState
from smoke.report.html.parts import folded
from smoke.text import plural, shorten

_MOST = 200
_MANY = 12
"""Equal values that are shown at once; more are folded."""


def compared(state: PageState, scenario: ScenarioResult, step: StepResult) -> Markup:
    """The section; nothing where no order passed before."""
    comparison = comparison_of(state.run, scenario, step, state.evidence)
    before = order_before(state.run, scenario, step)
    if comparison is None or before is None:
        return joined()
    lead, *rest = compared_facts(state.run, scenario, step, state.evidence)
    sentences = [
        sentence
        for finding in serious(last_attempt(step))[:1]
        if (sentence := key_sentence(state.run, scenario, before, finding, comparison))
    ]
    keys = {
        value
        for finding in serious(last_attempt(step))[:1]
        if finding.database_error is not None
        for value in key_of(finding.database_error).values()
    }
    table = _table(comparison, before, step, keys)
    unknown = [fact.value for fact in rest if fact.value.startswith(("not compared", "the bodies"))]
    return el(
        "section",
        el("h4", f"{comparison.first} beside {comparison.second}"),
        *(el("p", sentence, cls="because") for sentence in sentences),
        el("p", lead.value, cls="dim"),
        table,
        *(el("p", line, cls="dim") for line in unknown),
        cls="compared",
    )


def _table(comparison: Comparison, before: StepResult, step: StepResult, keys: set[str]) -> Markup:
    head = el(
        "tr",
        el("th", "value", scope="col"),
        el("th", comparison.first, scope="col"),
        el("th", comparison.second, scope="col"),
    )
    answers = [_answered(before), _answered(step)]
    rows = [
        _row("answer", answers[0], answers[1], "differs"),
        *(
            _row(
                item.path,
                "masked" if item.masked else item.first,
                "masked, another" if item.masked else item.second,
                "differs",
            )
            for item in comparison.differences[:_MOST]
        ),
    ]
    equal = list(_equal(comparison, keys))
    shown, more = (equal, []) if len(equal) <= _MANY else (equal[:_MANY], equal[_MANY:])
    left = max(0, len(comparison.differences) - _MOST)
    parts: list[str] = [_frame(head, *rows, *shown)]
    if left:
        parts.append(el("p", f"and {plural(left, 'more value differs', 'more values differ')}"))
    if more:
        parts.append(
            folded(f"{plural(len(more), 'more equal value')}", _frame(head, *more[:_MOST]))
        )
    return joined(*parts)


def _frame(*rows: str) -> Markup:
    return el("div", el("table", *rows, cls="values"), cls="scroll", tabindex="0")


def _equal(comparison: Comparison, keys: set[str]) -> Iterator[Markup]:
    """Values of the body before those of the head; those that the rule's key holds are marked."""
    for path, value in sorted(comparison.shared, key=lambda item: not item[0].startswith("$")):
        yield _row(path, value, value, "equal key" if value in keys and len(value) > 2 else "equal")


def _row(path: str, first: str | None, second: str | None, kind: str) -> Markup:
    if kind.startswith("equal"):
        value = el(
            "td", el("code", _value(first)), el("span", " equal in both", cls="same"), colspan="2"
        )
        return el("tr", el("th", path, scope="row"), value, cls=kind)
    return el(
        "tr",
        el("th", path, scope="row"),
        el("td", el("code", _value(first))),
        el("td", el("code", _value(second))),
        cls=kind,
    )


def _value(text: str | None) -> str:
    return "nothing" if text is None else shorten(text, 300)


def _answered(step: StepResult) -> str:
    exchange = last_exchange(step)
    return answer(exchange) if exchange is not None else "nothing was sent"
