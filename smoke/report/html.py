"""One self-contained HTML page for people: opens without a network, runs nothing, asks for nothing.

A content security policy in the page forbids everything but its own style sheet; what came from a server is text in
it, bodies are shown as source. Steps fold with `<details>`, so no script is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from smoke.facts.advice import step_advice
from smoke.facts.evidence import Evidence, answer, answered, duration
from smoke.facts.orders import LeftOrders, left_orders
from smoke.facts.step import headline, last_exchange, own_facts, step_facts
from smoke.model.fact import Fact
from smoke.model.run import Outcome, Run, ScenarioResult, StepResult
from smoke.model.verdict import exit_status, meaning_of
from smoke.report._elements import Markup, el, joined
from smoke.report._exchange_html import Room, exchange_html
from smoke.report._style import STYLE
from smoke.text import plural

SUFFIX = ".html"

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
MOST_BODIES = 8_000_000
MOST_BODY = 64_000
_EXCERPT = 4096
"""Bytes of a body beside the facts of a failure; a shorter one is there whole."""


def write(run: Run, evidence: Evidence, out: BinaryIO) -> None:
    """Write the page, section by section."""
    out.write(b"<!doctype html>\n")
    out.write(f'<html lang="en">{_head(run)}<body>'.encode())
    for part in _sections(run, evidence):
        out.write(part.encode("utf-8", "backslashreplace"))
        out.write(b"\n")
    out.write(b"</body></html>\n")


def _head(run: Run) -> Markup:
    return el(
        "head",
        el("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", f"smoke: {run.outcome.value}: {run.target.url}"),
        el("style", Markup(STYLE)),
    )


def _sections(run: Run, evidence: Evidence) -> Iterator[Markup]:
    yield _verdict(run)
    yield from _notices(run)
    room = Room(MOST_BODIES, MOST_BODY)
    for scenario in run.scenarios:
        yield el(
            "h2",
            el("span", _WORDS[scenario.outcome], cls=f"badge {scenario.outcome.value}"),
            scenario.name,
        )
        said = [scenario.summary, scenario.message]
        if scenario.outcome is Outcome.PASSED:
            said.append(scenario.passed_message)
        yield el("p", " · ".join(text for text in said if text), cls="dim")
        for step in scenario.steps:
            yield _step(run, scenario, step, evidence, room)
    if run.readiness_exchange is not None:
        yield el("h2", "Readiness")
        yield el("p", run.readiness)
        yield exchange_html(run, run.readiness_exchange, evidence, room)
    yield el("footer", f"smoke {run.smoke_version} · run {run.id} · format schema {run.schema}")


_WORDS = {
    Outcome.PASSED: "✓ passed",
    Outcome.FAILED: "✗ failed",
    Outcome.ERRORED: "! no verdict",
    Outcome.SKIPPED: "– skipped",
    Outcome.UNFINISHED: "! unfinished",
}


def _verdict(run: Run) -> Markup:
    status = exit_status(run)
    target = run.target
    rows = [
        ("target", target.url + (f" ({target.name})" if target.name else "")),
        ("build", target.version),
        ("run", run.id),
        ("started", run.started_at),
        ("took", duration(run.seconds)),
        ("exit status", f"{status.value}: {meaning_of(run)}"),
        ("evidence", run.folder),
        ("readiness", run.readiness),
        ("proxy", target.proxy),
    ]
    return joined(
        el("h1", el("span", _WORDS[run.outcome], cls=run.outcome.value), f" {target.url}"),
        _definitions((label, value) for label, value in rows if value),
    )


def _notices(run: Run) -> Iterator[Markup]:
    if run.target.insecure:
        yield el("div", "Certificates were not checked (--insecure).", cls="notice")
    for problem in run.problems:
        yield el("div", problem, cls="notice")
    if run.interrupted_by:
        yield el("div", f"Interrupted by {run.interrupted_by}: no verdict.", cls="notice")
    if not run.finished_at:
        yield el("div", "The process ended before the run did.", cls="notice")
    left = left_orders(run, 500)
    if left.orders:
        yield _left(left)


def _left(left: LeftOrders) -> Markup:
    rows = [
        el(
            "tr",
            el("td", order.name),
            el("td", order.state, cls="short"),
            el("td", f"{order.scenario}: {order.placed_by}"),
            el("td", order.why),
            el("td", el("code", order.to_do)),
        )
        for order in left.orders
    ]
    head = el("tr", *(el("th", word) for word in ("order", "state", "step", "why", "remove")))
    parts: list[str] = [
        el("h3", left.heading),
        el("table", head, *rows),
        el("p", f"and {left.more} more, which the last command lists") if left.more else joined(),
        el("pre", "\n".join(left.next)),
    ]
    if left.needs:
        parts.append(el("p", f"needs too: {left.needs}"))
    if left.when_done:
        parts += [el("p", "When done:"), el("pre", "\n".join(left.when_done))]
    return el("div", *parts, cls="notice")


def _step(
    run: Run, scenario: ScenarioResult, step: StepResult, evidence: Evidence, room: Room
) -> Markup:
    bad = step.outcome.bad
    exchange = last_exchange(step)
    said = [f"{step.called} (teardown)" if step.teardown else step.called]
    if exchange is not None:
        said.append(answer(exchange))
    if step.seconds:
        said.append(duration(step.seconds))
    title = el(
        "summary",
        el("span", _WORDS[step.outcome], cls=f"badge {step.outcome.value}"),
        " · ".join(said),
        el("span", f" · flaky: {len(step.attempts)} attempts", cls="flaky") if step.flaky else "",
        joined(el("br"), headline(step)) if bad else "",
    )
    inside: list[str] = []
    if bad:
        inside += _failure(run, scenario, step, evidence)
    else:
        inside += [el("p", step.message)] if step.message else []
        inside += _facts(step, own_facts(step))
    if step.checked and answered(step):
        inside.append(el("p", f"checked: {'; '.join(step.checked)}", cls="dim"))
    captured = [
        (capture.name, "(secret)" if capture.secret else str(capture.value)[:1000])
        for capture in step.captures
    ]
    if captured:
        inside += [el("h3", "Captured"), _definitions(captured)]
    inside += [
        exchange_html(run, sent, evidence, room)
        for attempt in step.attempts
        for sent in attempt.exchanges
    ]
    return el("details", title, el("div", *inside, cls="inside"), open=bad)


def _failure(
    run: Run, scenario: ScenarioResult, step: StepResult, evidence: Evidence
) -> Iterator[Markup]:
    facts = step_facts(run, scenario, step, evidence, limit=_EXCERPT)
    yield from _facts(step, facts)
    told = step_advice(run, scenario, step)
    for advice in told.findings:
        if advice.meaning:
            yield joined(el("h3", "What it means"), el("p", advice.meaning))
        if advice.verify:
            yield joined(el("h3", "Verify (reads only)"), _sql(advice.verify))
        if advice.remedies:
            yield el(
                "details",
                el("summary", "SQL that could mend it (writes; read before you run it)"),
                el("div", _sql(advice.remedies), cls="inside"),
            )
    if told.left:
        yield el("p", f"and {plural(told.left, 'more finding')}")
    if told.next:
        yield joined(el("h3", "Next"), el("pre", "\n".join(told.next)))


def _facts(step: StepResult, facts: Sequence[Fact]) -> Iterator[Markup]:
    """Values in a table, texts of several lines below it. What the step's kind tells is there whole."""
    own = own_facts(step)
    rows = [(fact.label, fact.value) for fact in facts if not fact.block]
    if rows:
        yield _definitions(rows)
    for fact in facts:
        if fact.block:
            whole = fact in own or len(fact.value.encode("utf-8", "surrogatepass")) < _EXCERPT
            title = f"The {fact.label}" if whole else f"First lines of the {fact.label}"
            yield joined(el("h3", title), el("pre", fact.value))


def _sql(lines: Iterable[str]) -> Markup:
    return el("pre", "\n".join(lines), cls="sql")


def _definitions(rows: Iterable[tuple[str, str]]) -> Markup:
    return el("dl", *(part for label, value in rows for part in (el("dt", label), el("dd", value))))
