"""What one look must tell: the verdict, the cause in a sentence, where, since when, and what was left behind."""

from __future__ import annotations

from collections.abc import Iterator

from smoke.facts.advice import step_advice
from smoke.facts.evidence import answer, duration
from smoke.facts.fingerprints import Cause
from smoke.facts.orders import LeftOrders
from smoke.facts.part import part_facts
from smoke.facts.since import cause_since
from smoke.facts.step import last_exchange, request_line, where
from smoke.model.run import Outcome, Run, StepResult
from smoke.model.verdict import exit_status, meaning_of
from smoke.report.html.elements import Markup, el, joined
from smoke.report.html.page_state import PageState
from smoke.report.html.parts import WORDS, badge, definitions, link
from smoke.report.html.steps import step_link
from smoke.text import plural, shorten

_LONGEST = 300
_SHORT = 120
"""Characters of a text in the head: one that is longer than anybody reads stands below, whole."""


def top(state: PageState, causes: tuple[Cause, ...], left: LeftOrders) -> Markup:
    """The head of the page."""
    run = state.run
    said = [
        run.target.url,
        run.target.name,
        f"build {run.target.version}" if run.target.version else "",
    ]
    return el(
        "header",
        el(
            "div",
            el(
                "p",
                badge(run.outcome),
                *(el("span", shorten(text, _SHORT), cls="about") for text in said if text),
                cls="verdict",
            ),
            el("h1", shorten(_cause(run, causes), _LONGEST)),
            _lead(state, causes),
            *_notices(run),
            _facts(state, causes, left),
            _tally(run),
            cls="wide",
        ),
        cls=f"top {run.outcome.value}",
    )


def _cause(run: Run, causes: tuple[Cause, ...]) -> str:
    """The cause in one sentence, as every summary has it; of a run without one, what its end means."""
    if causes:
        return causes[0].title
    if not run.scenarios and run.readiness:
        return run.readiness
    passed = [each.passed_message for each in run.scenarios if each.passed_message]
    if run.outcome is Outcome.PASSED and len(run.scenarios) == 1 and passed:
        return passed[0]
    sentence = meaning_of(run)
    return f"{sentence[:1].upper()}{sentence[1:]}"


def _lead(state: PageState, causes: tuple[Cause, ...]) -> Markup:
    parts: list[str] = []
    first = causes[0].failures[0] if causes else None
    if first is not None and first.step is not None:
        advice = step_advice(state.run, first.scenario, first.step, brief=True).findings
        # the first sentence is what happened; what may be behind it stands on the card
        meaning = advice[0].meaning.partition(". ")[0] if advice else ""
        if meaning:
            parts.append(el("p", meaning if meaning.endswith(".") else f"{meaning}.", cls="lead"))
    if len(causes) > 1:
        others = [link(f"#cause-{cause.fingerprint}", cause.title) for cause in causes[1:4]]
        more = f" and {plural(len(causes) - 4, 'more cause')}" if len(causes) > 4 else ""
        spaced = [part for each in others for part in (each, "; ")][:-1]
        parts.append(
            el("p", el("b", f"And {plural(len(causes) - 1, 'other cause')}: "), *spaced, more)
        )
    return joined(*parts)


def _facts(state: PageState, causes: tuple[Cause, ...], left: LeftOrders) -> Markup:
    run = state.run
    rows: list[tuple[str, Markup]] = []
    first = causes[0].failures[0] if causes else None
    if first is not None:
        rows.append(
            ("where", joined(step_link(state, first.scenario, first.step), *_place(first.step)))
        )
        rows.append(("since", _since(run, causes[0])))
    else:
        rows.append(("when", joined(_moment(run.started_at), f", {duration(run.seconds)}")))
    if (
        first is not None
        and first.step is not None
        and (sent := last_exchange(first.step)) is not None
    ):
        rows.append(
            (
                "answer",
                joined(
                    el("b", shorten(answer(sent), _SHORT)),
                    el("div", shorten(request_line(sent), _LONGEST), cls="dim"),
                ),
            )
        )
    if left.orders:
        rows.append(("left behind", link("#left", left.heading, kind="to warn")))
    return el(
        "dl",
        *(el("div", el("dt", label), el("dd", value)) for label, value in rows),
        cls="facts",
    )


def _place(step: StepResult | None) -> Iterator[Markup]:
    """The line of the scenario that says what was expected."""
    if step is None:
        return
    mismatches = step.attempts[-1].mismatches if step.attempts else ()
    at = where(mismatches[0]) if mismatches else ""
    if not at and step.source:
        at = f"{step.source}:{step.line}"
    if at:
        yield el("div", at, cls="dim")


def _since(run: Run, cause: Cause) -> Markup:
    """When this run saw it first, and what the history tells: whether it was there before, no single run can tell."""
    step = cause.failures[0].step
    known = cause_since(run, cause)
    exchange = last_exchange(step) if step is not None else None
    if exchange is None or not exchange.started_at:
        return joined(el("b", known) if known else _moment(run.started_at))
    build = f", build {run.target.version}" if run.target.version else ""
    moment = _moment(exchange.started_at)
    if known:
        return joined(
            el("b", shorten(known, _LONGEST)),
            el("div", f"in this run at {moment}{build}", cls="dim"),
        )
    return joined(moment, el("div", f"first seen in this run{build}", cls="dim"))


def _moment(at: str) -> str:
    """`2026-11-23T10:15:00.000+00:00` for a person."""
    day, separator, time = at.partition("T")
    if not separator:
        return at
    zone = "UTC" if time.endswith(("+00:00", "Z")) else ""
    return f"{day} {time[:8]} {zone}".strip() if zone else at


def _notices(run: Run) -> Iterator[Markup]:
    if run.target.insecure:
        yield el("p", "Certificates were not checked (--insecure).", cls="notice")
    for problem in run.problems:
        yield el("p", problem, cls="notice")
    if run.interrupted_by:
        yield el("p", f"Interrupted by {run.interrupted_by}: no verdict.", cls="notice")
    if not run.finished_at:
        yield el("p", "The process ended before the run did.", cls="notice")


def _tally(run: Run) -> Markup:
    """How many scenarios came to what, as a bar and in words."""
    counts = [
        (outcome, sum(each.outcome is outcome for each in run.scenarios))
        for outcome in (
            Outcome.FAILED,
            Outcome.ERRORED,
            Outcome.UNFINISHED,
            Outcome.PASSED,
            Outcome.SKIPPED,
        )
    ]
    told = [(outcome, count) for outcome, count in counts if count]
    if not told:
        return joined()
    words = ", ".join(f"{count} {WORDS[outcome]}" for outcome, count in told)
    bars = [el("span", cls=outcome.value, style=f"flex-grow:{count}") for outcome, count in told]
    steps = sum(len(each.steps) for each in run.scenarios)
    text = f"{plural(len(run.scenarios), 'scenario')}: {words} · {plural(steps, 'step')}"
    return el("div", el("div", *bars, cls="tally", aria_hidden="true"), el("p", text, cls="dim"))


def about(run: Run) -> Markup:
    """Which run it was, for whoever looks it up."""
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
        ("client certificate", target.client_cert),
        ("connected", ", ".join(target.detours)),
        ("trace id", run.trace_id),
        *part_facts(run),
    ]
    return definitions((label, value) for label, value in rows if value)
