"""One step that did not pass, told so that somebody can act on it without asking back.

The first ten lines say what failed, why, where the answer is kept and what to type; what proves and explains it is
below, in short. `--verbose` and `smoke show` tell all of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from smoke.cli.layout import Sheet
from smoke.facts.advice import FindingAdvice, look, step_advice
from smoke.facts.causes import Same, differing
from smoke.facts.evidence import Evidence
from smoke.facts.step import step_facts
from smoke.model.fact import Fact
from smoke.model.run import Run, ScenarioResult, StepResult
from smoke.text import plural

WHOLE = 1024
"""Characters of a body that the summary shows whole."""
WHOLE_ROWS = 40
BODY_ROWS = 4
"""Rows of a larger one; with --verbose more."""

_FIRST = ("request", "answer", "expected", "broke", "delivery", "evidence", "reason", "since")
_KEPT = ("body file", "kept in")


def tell_failure(
    sheet: Sheet,
    run: Run,
    scenario: ScenarioResult,
    step: StepResult,
    evidence: Evidence,
    same: Same,
    *,
    verbose: bool,
) -> None:
    """The facts of a step, what differs from the order that worked, and what to do.

    `same` tells which steps share a cause: it is explained at the first of them.
    """
    limit = 64 * 1024 if verbose else 4096
    facts = step_facts(run, scenario, step, evidence, limit=limit, brief=not verbose)
    first, kept, rest = _parted(facts)
    before = None if verbose else same.told_before(step)
    _fields(sheet, [*first, *kept[:1]])
    if before is not None:
        where = "" if before[0] is scenario else f" of {before[0].name}"
        sheet.field("see", f"the same cause as in '{before[1].called}'{where} above")
        sheet.commands("next", [look(run, scenario, step)])
        for words in differing(run, step, before[1]):
            sheet.field("but here", words)
        return
    told = step_advice(run, scenario, step, brief=not verbose)
    sheet.commands("next", told.next)
    if also := same.also_in(scenario, step):
        sheet.field("also in", ", ".join(also[:20]) + ("…" if len(also) > 20 else ""))
    sheet.blank()
    size = [Fact("size", fact.value) for fact in kept[1:2]]
    for fact in rest:
        if fact.block:
            _fields(sheet, size)
            size = []
            small = len(fact.value) <= WHOLE and not verbose
            rows = 200 if verbose else (WHOLE_ROWS if small else BODY_ROWS)
            sheet.block(fact.label, fact.value, most=rows)
        else:
            sheet.field(fact.label, fact.value)
    _fields(sheet, size)
    for advice in told.findings:
        _advise(sheet, advice, told.show)
    if told.left:
        sheet.field("and", plural(told.left, "more finding"))


def _parted(facts: Iterable[Fact]) -> tuple[list[Fact], list[Fact], list[Fact]]:
    """What failed and why; where it is kept; all else. A fact without a label goes with the one before it."""
    first: list[Fact] = []
    kept: list[Fact] = []
    rest: list[Fact] = []
    into = rest
    seen: set[str] = set()
    for fact in facts:
        if fact.label:
            once = fact.label in _FIRST and (fact.label == "expected" or fact.label not in seen)
            into = first if once else kept if fact.label in _KEPT else rest
            seen.add(fact.label)
        into.append(fact)
    return first, kept, rest


def _fields(sheet: Sheet, facts: Iterable[Fact]) -> None:
    for fact in facts:
        sheet.field(fact.label, fact.value)


def _advise(sheet: Sheet, advice: FindingAdvice, show: str) -> None:
    """What a finding means and the SQL that goes with it; `show` is the command that tells all."""
    if advice.meaning:
        sheet.blank()
        sheet.field("meaning", advice.meaning)
    if advice.verify:
        sheet.blank()
        sheet.field("verify", "reads only; paste it into psql on the database that the shop uses:")
        sheet.verbatim(advice.verify)
    if advice.remedies:
        sheet.blank()
        sheet.field("remedies", "smoke never runs them; those that write are yours to judge:")
        sheet.verbatim(advice.remedies)
    if advice.more:
        sheet.field("more", f"{advice.more}, as SQL, with --verbose or:")
        sheet.commands("", [show])
