"""Scenarios and their steps: what did not pass open and first, what passed folded to a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smoke.facts.advice import step_advice
from smoke.facts.compared import compared_facts
from smoke.facts.evidence import answer, answered, duration
from smoke.facts.step import headline, last_exchange, own_facts, step_facts
from smoke.model.fact import Fact
from smoke.model.run import Attempt, Outcome, ScenarioResult, StepResult
from smoke.report.html.compare import compared
from smoke.report.html.elements import Markup, el, joined
from smoke.report.html.exchange import exchange_markup
from smoke.report.html.page_state import PageState
from smoke.report.html.parts import badge, copied, definitions, folded, link, step_badge
from smoke.text import plural

_EXCERPT = 4096
"""Bytes of a text that a step's kind tells, beside the facts of a failure; a shorter one is there whole."""


def scenario_markup(
    state: PageState, scenario: ScenarioResult, open_steps: frozenset[str]
) -> Markup:
    """A scenario that did not pass: its steps that did not first. Those whose anchor is in `open_steps` are open."""
    said = " · ".join(text for text in (scenario.summary, scenario.message) if text)
    bad = [step for step in scenario.steps if step.outcome.bad]
    rest = [step for step in scenario.steps if step.outcome is Outcome.SKIPPED]
    good = [step for step in scenario.steps if step.outcome is Outcome.PASSED]
    parts: list[str] = [
        el("h3", badge(scenario.outcome), " ", el("span", scenario.name, cls="name")),
        el("p", said, cls="dim") if said else "",
    ]
    parts += [step_markup(state, scenario, step, open_steps) for step in (*bad, *rest)]
    if good:
        names = ", ".join(step.called for step in good[:6]) + (" …" if len(good) > 6 else "")
        title = joined(
            badge(Outcome.PASSED), f" {plural(len(good), 'step')}: ", el("span", names, cls="dim")
        )
        parts.append(
            folded(
                title,
                *(step_markup(state, scenario, step, open_steps) for step in good),
                kind="folded",
            )
        )
    return el("section", *parts, cls="scenario", id=state.anchor(scenario))


def passed_line(state: PageState, scenario: ScenarioResult) -> Markup:
    """A scenario that passed or was skipped, in a line that opens."""
    said = [scenario.passed_message or scenario.summary, scenario.message]
    if scenario.outcome is not Outcome.PASSED:
        said = [scenario.summary, scenario.message]
    title = joined(
        badge(scenario.outcome),
        " ",
        el("h3", scenario.name, cls="name"),
        el("span", " · ".join(["", *(text for text in said if text)]), cls="dim"),
        _flaky(sum(step.flaky for step in scenario.steps)),
    )
    steps = [step_markup(state, scenario, step, frozenset()) for step in scenario.steps]
    return el(
        "details",
        el("summary", title),
        el("div", *steps, cls="inside"),
        cls="scenario passed-scenario",
        id=state.anchor(scenario),
    )


def _flaky(count: int) -> Markup:
    return el("span", f" · {plural(count, 'flaky step')}", cls="flaky") if count else joined()


def step_markup(
    state: PageState, scenario: ScenarioResult, step: StepResult, open_steps: frozenset[str]
) -> Markup:
    """One step: a line, and behind it all that is known, as long as the page has room."""
    anchor = state.anchor(scenario, step)
    exchange = last_exchange(step)
    said = [answer(exchange)] if exchange is not None else []
    if step.seconds:
        said.append(duration(step.seconds))
    title = el(
        "summary",
        step_badge(step),
        " ",
        el("span", step.called, cls="name"),
        el("span", " teardown", cls="tag") if step.teardown else "",
        el("span", f" {' · '.join(said)}", cls="dim") if said else "",
        el("span", f" · flaky: {len(step.attempts)} attempts", cls="flaky") if step.flaky else "",
        el("div", headline(step), cls="why") if step.outcome.bad else "",
    )
    if state.full:
        inside: list[str] = [copied([state.command(scenario, step)], "sh")]
    elif step.outcome.bad:
        inside = list(_failure(state, scenario, step))
    else:
        inside = list(_passed(state, step))
    made = el(
        "details",
        title,
        el("div", *inside, cls="inside"),
        cls="step",
        id=anchor,
        open=anchor in open_steps,
    )
    state.spent += len(made)
    return made


def _passed(state: PageState, step: StepResult) -> Iterator[Markup]:
    if step.message:
        yield el("p", step.message)
    yield from _facts(own_facts(step), own_facts(step))
    yield from _kept(step)
    for attempt in step.attempts:
        for sent in attempt.exchanges:
            yield exchange_markup(state, sent, attempt, opened=False)


def _failure(state: PageState, scenario: ScenarioResult, step: StepResult) -> Iterator[Markup]:
    run = state.run
    facts = step_facts(run, scenario, step, state.evidence, limit=_EXCERPT)
    elsewhere = set(compared_facts(run, scenario, step, state.evidence))
    expected, known = _expected([fact for fact in facts if fact not in elsewhere])
    if expected:
        rows = [el("li", fact.value) for fact in expected]
        yield joined(el("h4", "Not as expected"), el("ul", *rows, cls="expected"))
    yield from _exchanges(state, step)
    yield compared(state, scenario, step)
    yield joined(el("h4", "What is known"), *_facts(known, own_facts(step)))
    yield from advice_markup(state, scenario, step)
    yield from _kept(step)


def _expected(facts: Sequence[Fact]) -> tuple[list[Fact], list[Fact]]:
    """What was not met, and everything else; the answer's body is shown with its exchange."""
    met: list[Fact] = []
    rest: list[Fact] = []
    label = ""
    for fact in facts:
        label = fact.label or label
        if label == "expected":
            met.append(fact)
        elif not (fact.block and fact.label == "body"):
            rest.append(fact)
    return met, rest


def _exchanges(state: PageState, step: StepResult) -> Iterator[Markup]:
    """Every exchange of every attempt; the one that decided is open."""
    deciding = last_exchange(step)
    many = len([attempt for attempt in step.attempts if attempt.exchanges]) > 1
    for attempt in step.attempts:
        if many and attempt.exchanges:
            yield el("h4", f"Attempt {attempt.number}{_again(attempt)}")
        for sent in attempt.exchanges:
            yield exchange_markup(state, sent, attempt, opened=sent is deciding)


def _again(attempt: Attempt) -> str:
    return f": {attempt.decision.reason}" if attempt.decision is not None else ""


def advice_markup(
    state: PageState, scenario: ScenarioResult, step: StepResult, level: str = "h4"
) -> Iterator[Markup]:
    """What to do about a step, but for what the page told before, at the card of the cause or another step."""
    told = step_advice(state.run, scenario, step)
    for advice in told.findings:
        for meaning in state.fresh([advice.meaning] if advice.meaning else []):
            yield joined(el(level, "What it means"), el("p", meaning, cls="meaning"))
    lines = state.fresh(told.next)
    if lines:
        yield joined(el(level, "Next"), copied(lines, "sh"))
    for advice in told.findings:
        for sql in state.fresh(["\n".join(advice.verify)] if advice.verify else []):
            yield folded("Verify in the database (reads only)", copied([sql], "sql"))
        for sql in state.fresh(["\n".join(advice.remedies)] if advice.remedies else []):
            title = "SQL that could mend it (writes; read before you run it)"
            yield folded(title, copied([sql], "sql"))
    if told.left:
        yield el("p", f"and {plural(told.left, 'more finding')}")


def _kept(step: StepResult) -> Iterator[Markup]:
    if step.checked and answered(step):
        yield el("p", f"checked: {'; '.join(step.checked)}", cls="dim")
    captured = [
        (capture.name, "(secret)" if capture.secret else str(capture.value)[:1000])
        for capture in step.captures
    ]
    if captured:
        yield joined(el("h4", "Captured"), definitions(captured))


def _facts(facts: Sequence[Fact], own: Sequence[Fact]) -> Iterator[Markup]:
    """Values in a table, texts of several lines below it. What the step's kind tells is there whole."""
    rows = [(fact.label, fact.value) for fact in facts if not fact.block]
    if rows:
        yield definitions(rows)
    for fact in facts:
        if fact.block:
            whole = fact in own or len(fact.value.encode("utf-8", "surrogatepass")) < _EXCERPT
            title = f"The {fact.label}" if whole else f"First lines of the {fact.label}"
            yield joined(el("h4", title), el("pre", fact.value, tabindex="0"))


def step_link(state: PageState, scenario: ScenarioResult, step: StepResult | None) -> Markup:
    """A link to a step, by its name and that of its scenario."""
    called = f"{scenario.name}: {step.called}" if step is not None else scenario.name
    return link(f"#{state.anchor(scenario, step)}", called, kind="to")
