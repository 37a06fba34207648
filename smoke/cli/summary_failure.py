"""One step that did not pass, told so that somebody can act on it without asking back."""

from __future__ import annotations

from smoke.advice import advise_in
from smoke.cli.layout import Sheet
from smoke.model.finding import Finding
from smoke.model.run import Run, ScenarioResult, StepResult
from smoke.report._evidence import Evidence
from smoke.report._facts import commented, last_attempt, step_facts
from smoke.report._finding_facts import cause
from smoke.report._typed import typed

BODY_ROWS = 4
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
    limit = 64 * 1024 if verbose else 4096
    for fact in step_facts(run, scenario, step, evidence, limit=limit, brief=not verbose):
        if fact.block:
            sheet.block(fact.label, fact.value, most=200 if verbose else BODY_ROWS)
        else:
            sheet.field(fact.label, fact.value)
    attempt = last_attempt(step)
    for finding in attempt.findings if attempt is not None else ():
        key = cause(finding)
        if key in told:
            sheet.field("see", f"the same cause as in '{told[key]}' above")
            continue
        told[key] = step.called
        _advise(sheet, finding, run, verbose=verbose)


def _advise(sheet: Sheet, finding: Finding, run: Run, *, verbose: bool) -> None:
    advice = advise_in(run, finding, typed(run))
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
    if advice.remedies and (verbose or finding.remedies):
        sheet.blank()
        sheet.field("remedies", "these write; smoke never runs them. Read them before you do:")
        for statement in advice.remedies:
            sheet.verbatim(commented(statement))
    elif advice.remedies:
        sheet.field("remedies", "--verbose shows SQL that could mend it; verify first")
    if advice.next:
        sheet.blank()
        sheet.commands("next", advice.next)
