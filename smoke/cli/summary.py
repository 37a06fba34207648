"""A finished run as text for a person: what passed, what did not and why, how to verify it, what to do next."""

from __future__ import annotations

from smoke.cli.layout import Sheet
from smoke.cli.summary_end import tell_end
from smoke.cli.summary_failure import BODY_ROWS, WHOLE, WHOLE_ROWS, tell_failure
from smoke.facts.causes import Same
from smoke.facts.evidence import Evidence, answer, duration
from smoke.facts.fingerprints import causes_of
from smoke.facts.part import nothing_to_do, part_facts
from smoke.facts.since import cause_since
from smoke.facts.step import (
    error_facts,
    evidence_facts,
    headline,
    name_facts,
    own_facts,
    request_facts,
    request_line,
)
from smoke.model.run import (
    Outcome,
    Run,
    ScenarioResult,
    StepResult,
)
from smoke.text import plural

_WORDS = {
    Outcome.PASSED: "SUCCESS",
    Outcome.FAILED: "FAILED",
    Outcome.ERRORED: "NO VERDICT",
    Outcome.SKIPPED: "SKIPPED",
    Outcome.UNFINISHED: "UNFINISHED",
}
_VERDICTS = {
    Outcome.PASSED: "VALIDATION PASSED",
    Outcome.FAILED: "VALIDATION FAILED",
    Outcome.ERRORED: "NO VERDICT",
    Outcome.SKIPPED: "NOT RUN",
    Outcome.UNFINISHED: "UNFINISHED",
}

_MOST_CAUSES = 5
"""Causes that are told before everything else: the rest is below."""


def render_run(
    run: Run,
    evidence: Evidence,
    *,
    width: int,
    color: bool,
    unicode: bool,
    verbose: bool = False,
    quiet: bool = False,
) -> str:
    """The summary of a run. `quiet` tells each cause once and leaves out what passed; `verbose` tells every step and exchange."""
    sheet = Sheet(width=width, color=color, unicode=unicode)
    _first_line(sheet, run)
    _cause_first(sheet, run)
    same = Same.of(run)
    shown = [s for s in run.scenarios if not quiet or (s.outcome.bad and not _told(s, same))]
    # what failed is read first; by one cause it is told at the first of them, so their order stays
    shown.sort(key=lambda scenario: not scenario.outcome.bad)
    for scenario in shown:
        sheet.blank()
        if len(run.scenarios) > 1:
            sheet.line(f"{scenario.name}  {scenario.summary}", "bold")
        _scenario(sheet, run, scenario, evidence, same, verbose=verbose)
    if not run.scenarios:
        _nothing_run(sheet, run, evidence)
    sheet.blank()
    tell_end(sheet, run, quiet=quiet)
    return sheet.render()


def _told(scenario: ScenarioResult, same: Same) -> bool:
    """Whether another scenario's block tells all that is wrong with this one, which is named there."""
    bad = [step for step in scenario.steps if step.outcome.bad]
    return bool(bad) and all(same.told_before(step) is not None for step in bad)


def _first_line(sheet: Sheet, run: Run) -> None:
    """Which deployment this is about: before anything else."""
    target = run.target
    named = f" ({target.name})" if target.name else ""
    build = f", build {target.version}" if target.version else ""
    sheet.line(f"target {target.url}{named}{build}", "bold")
    if target.insecure:
        sheet.paragraph("certificates were NOT checked (--insecure)", style="bold yellow")
    if target.proxy:
        sheet.field("proxy", target.proxy)
    if target.client_cert:
        sheet.field("client", f"shows the certificate in {target.client_cert}")
    for detour in target.detours:
        sheet.field("connected", detour)
    for label, text in part_facts(run):
        sheet.field(label, text)
    if run.readiness and run.scenarios:
        sheet.field("readiness", run.readiness)


def _cause_first(sheet: Sheet, run: Run) -> None:
    """Of several scenarios: the verdict and each cause in a sentence, with what it struck, before anything else is told."""
    causes = causes_of(run)
    if len(run.scenarios) < 2 or not causes:
        return
    sheet.blank()
    for number, cause in enumerate(causes[:_MOST_CAUSES]):
        word = f"{_VERDICTS[run.outcome]} -" if not number else "and -"
        names = list(cause.scenarios)
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        sheet.marked(run.outcome, word, f"{cause.title} (in {', '.join(names[:3])}{more})")
        if since := cause_since(run, cause):
            sheet.field("since", since.removeprefix("since "))
    if len(causes) > _MOST_CAUSES:
        sheet.field("and", plural(len(causes) - _MOST_CAUSES, "more cause"))


def _nothing_run(sheet: Sheet, run: Run, evidence: Evidence) -> None:
    """Why no scenario was started: usually a target that did not become ready, with its last answer."""
    sheet.blank()
    if why := nothing_to_do(run):
        sheet.marked(run.outcome, "NOTHING TO DO -", why)
        return
    why = run.readiness or run.interrupted_by or "no scenario was started"
    sheet.marked(run.outcome, f"{_VERDICTS[run.outcome]} -", why)
    exchange = run.readiness_exchange
    if exchange is None:
        return
    facts = (
        *request_facts(exchange, run.folder),
        *error_facts(exchange, orders=False),
        *name_facts((exchange,)),
        *evidence_facts(run, exchange, evidence, 4096),
    )
    for fact in facts:
        if fact.block:
            small = len(fact.value) <= WHOLE
            sheet.block(fact.label, fact.value, most=WHOLE_ROWS if small else BODY_ROWS)
        else:
            sheet.field(fact.label, fact.value)


def _scenario(
    sheet: Sheet,
    run: Run,
    scenario: ScenarioResult,
    evidence: Evidence,
    same: Same,
    *,
    verbose: bool,
) -> None:
    for step in scenario.steps:
        if step.teardown and not step.outcome.bad and not verbose:
            continue
        _step(sheet, step)
        if step.outcome.stops:
            tell_failure(sheet, run, scenario, step, evidence, same, verbose=verbose)
            sheet.blank()
        elif verbose:
            _details(sheet, step)
    if scenario.teardown_of:  # of a later `smoke teardown`: it says nothing about the shop
        done = not scenario.outcome.bad
        words = "the orders of" if done else "not all orders of"
        sheet.marked(scenario.outcome, "TEARDOWN -", f"{words} {scenario.teardown_of} were removed")
        return
    verdict = _VERDICTS[scenario.outcome]
    if scenario.outcome is Outcome.PASSED:
        sheet.marked(scenario.outcome, f"{verdict} - {scenario.passed_message or scenario.name}")
    else:
        sheet.marked(scenario.outcome, f"{verdict} -", f"{scenario.name}: {_why(scenario)}")


def _step(sheet: Sheet, step: StepResult) -> None:
    name = f"{step.called} (teardown)" if step.teardown else step.called
    word = _WORDS[step.outcome]
    if step.is_note:
        sheet.noted(name, f"- {step.message}")
    elif step.outcome is Outcome.PASSED and not step.flaky:
        edited = "but it was edited by hand" if step.by_hand is not None else ""
        sheet.marked(step.outcome, f"{name} {word}", edited)
    elif step.outcome is Outcome.PASSED:
        sheet.marked(
            step.outcome,
            f"{name} {word}",
            f"but FLAKY: it took {len(step.attempts)} attempts, all answers are kept",
        )
        for attempt in step.attempts:
            if attempt.exchanges:
                last = attempt.exchanges[-1]
                reason = attempt.decision.reason if attempt.decision is not None else ""
                sheet.field(f"attempt {attempt.number}", f"{answer(last)}: {reason}")
    elif step.outcome is Outcome.UNFINISHED:
        sheet.marked(step.outcome, f"{name} {word}", "- the run ended before this step did")
    else:
        sheet.marked(step.outcome, f"{name} {word}", f"- {headline(step)}")


def _details(sheet: Sheet, step: StepResult) -> None:
    for attempt in step.attempts:
        for exchange in attempt.exchanges:
            sheet.field("request", request_line(exchange))
            sheet.field("answer", f"{answer(exchange)} in {duration(exchange.timing.total)}")
    for fact in own_facts(step):
        sheet.fact(fact, most=WHOLE_ROWS)
    if step.checked:
        sheet.field("checked", "; ".join(step.checked))
    for capture in step.captures:
        value = "(secret)" if capture.secret else str(capture.value)[:200]
        sheet.field("captured", f"{capture.name} = {value}")
    if step.message and not step.attempts:
        sheet.field("note", step.message)


def _why(scenario: ScenarioResult) -> str:
    """Why a scenario did not pass, in one sentence."""
    if scenario.message:
        return scenario.message
    worst = max(scenario.steps, key=lambda step: step.outcome.rank, default=None)
    if worst is None:
        return "nothing was carried out"
    if worst.outcome is Outcome.UNFINISHED:
        return f"the run ended during '{worst.called}'"
    return f"{worst.called}: {headline(worst)}"
