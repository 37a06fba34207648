"""One step that did not pass, told so that somebody can act on it without asking back."""

from __future__ import annotations

from smoke.advice import advise
from smoke.advice.orders import LARGEST, Comparison, compare_orders
from smoke.cli.layout import Sheet
from smoke.model.finding import Finding
from smoke.model.run import Outcome, Run, ScenarioResult, StepResult
from smoke.report._evidence import Evidence
from smoke.report._facts import commented, last_attempt, last_exchange, step_facts
from smoke.text import shorten

BODY_ROWS = 5
"""Rows of a body that the summary shows; with --verbose more."""


def tell_failure(
    sheet: Sheet,
    run: Run,
    scenario: ScenarioResult,
    step: StepResult,
    evidence: Evidence,
    told: dict[str, str],
    *,
    verbose: bool,
) -> None:
    """The facts of a step, what differs from the order that worked, and what to do.

    `told` holds the fingerprints that were explained already (and by which step): the same cause is explained once.
    """
    orders = {order.step for order in run.orders if order.scenario == scenario.name}
    limit = 64 * 1024 if verbose else 4096
    for fact in step_facts(run, scenario.name, step, evidence, limit=limit, brief=not verbose):
        if fact.block:
            sheet.block(fact.label, fact.value, most=200 if verbose else BODY_ROWS)
        else:
            sheet.field(fact.label, fact.value)
    before = order_before(scenario, step, orders)
    if before is not None:
        _compare(sheet, before, step, evidence)
    attempt = last_attempt(step)
    for finding in attempt.findings if attempt is not None else ():
        key = finding.fingerprint or finding.title
        if key in told:
            sheet.field("see", f"the same cause as in '{told[key]}' above")
            continue
        told[key] = step.name
        _advise(sheet, finding, run, scenario, verbose=verbose)


def order_before(scenario: ScenarioResult, step: StepResult, orders: set[str]) -> StepResult | None:
    """The last step before this one that placed an order and passed; None when this one places none."""
    if step.id not in orders:
        return None
    found = None
    for other in scenario.steps:
        if other.id == step.id:
            return found
        if other.id in orders and other.outcome is Outcome.PASSED:
            found = other
    return found


def _compare(sheet: Sheet, before: StepResult, step: StepResult, evidence: Evidence) -> None:
    comparison = compare_orders(before, step, _body(before, evidence), _body(step, evidence))
    if comparison is None:
        return
    for label, text in comparison_lines(comparison):
        sheet.field(label, text)


def comparison_lines(comparison: Comparison) -> tuple[tuple[str, str], ...]:
    """The comparison in words: label and text."""
    if comparison.identical:
        same = f": {', '.join(comparison.same[:4])} …" if comparison.same else ""
        text = (
            f"the request was the same as that of '{comparison.first}', which worked ({len(comparison.same)} "
            f"equal values{same}). What differs is what the shop had stored by then."
        )
        return (("compared", text),)
    count = len(comparison.differences)
    lines = [("compared", f"with '{comparison.first}', which worked, {count} values differ:")]
    lines += [
        ("", f"{item.path}: {_value(item.first)} there, {_value(item.second)} here")
        for item in comparison.differences[:8]
    ]
    if len(comparison.differences) > 8:
        lines.append(("", f"and {len(comparison.differences) - 8} more"))
    if not comparison.bodies_compared:
        lines.append(("", "the bodies are too large to be compared value by value"))
    return tuple(lines)


def _value(text: str | None) -> str:
    return "nothing" if text is None else f"'{shorten(text, 80)}'"


def _body(step: StepResult, evidence: Evidence) -> bytes:
    exchange = last_exchange(step)
    if exchange is None or not exchange.request.body.path:
        return b""
    try:
        return evidence.read(exchange.request.body, 0, LARGEST + 1)
    except (OSError, KeyError, ValueError):
        return b""


def _advise(
    sheet: Sheet, finding: Finding, run: Run, scenario: ScenarioResult, *, verbose: bool
) -> None:
    advice = advise(finding, run_id=run.id, fix=scenario.fix)
    if advice.explanation:
        sheet.blank()
        sheet.field("meaning", advice.explanation)
    if advice.verify:
        sheet.blank()
        sheet.field("verify", "reads only; paste it into psql on the database that the shop uses:")
        sheet.verbatim(["BEGIN READ ONLY;"])
        for statement in advice.verify:
            sheet.verbatim(commented(statement))
        sheet.verbatim(["ROLLBACK;"])
    if advice.remedies and verbose:
        sheet.blank()
        sheet.field("remedies", "these write; smoke never runs them. Read them before you do:")
        for statement in advice.remedies:
            sheet.verbatim(commented(statement))
    elif advice.remedies:
        sheet.field("remedies", "--verbose shows SQL that could mend it; verify first")
    if advice.next:
        sheet.blank()
        sheet.commands("next", advice.next)
