"""A run as test tools count it: a case for each step, and one for whatever else kept it from passing.

Every format with tests in it (JUnit, TAP, CTRF, Allure, SARIF) is made of these, so that all of them count and say the same.
Texts in here are as they came, but for the lines of `case_lines`.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from smoke.facts.advice import step_advice
from smoke.facts.evidence import Evidence
from smoke.facts.fact import plain
from smoke.facts.fingerprints import failures_of, fingerprint
from smoke.facts.step import headline, last_attempt, last_exchange, serious, step_facts
from smoke.model.run import Outcome, Run, ScenarioResult, StepResult
from smoke.model.verdict import exit_status, meaning
from smoke.text import plural

RUN = "smoke"
"""The suite of what belongs to no scenario."""


class ReportCase(Struct, frozen=True):
    """One case: its suite (the scenario), its name, what came of it and why.

    `code` names the kind of failure for programs (`unique-violation`, `mismatch`, `timeout` …), `reason` tells it in a
    sentence, and `fingerprint` is the cause's name, the same in every run. `source` and `line` are where the scenario says what was not so. Without a `step` it is a matter of the
    scenario, and without a `scenario` of the run.
    """

    suite: str
    name: str
    outcome: Outcome
    code: str = ""
    reason: str = ""
    seconds: float = 0.0
    source: str = ""
    line: int = 0
    column: int = 0
    scenario: ScenarioResult | None = None
    step: StepResult | None = None
    fingerprint: str = ""


def cases(run: Run) -> Iterator[ReportCase]:
    """All cases of a run, in its order. One that is not green has at least one that neither passed nor was skipped."""
    for scenario in run.scenarios:
        yield from scenario_cases(scenario)
    yield from run_cases(run)


def scenario_cases(scenario: ScenarioResult) -> Iterator[ReportCase]:
    """The cases of one scenario: one that is bad without a step that is, or has no step, has a case of its own."""
    for step in scenario.steps:
        yield _of_step(scenario, step)
    if scenario.outcome.bad and not any(step.outcome.bad for step in scenario.steps):
        why = scenario.message or scenario.outcome.value
        name = "".join(failure.fingerprint for failure in failures_of(scenario))
        yield ReportCase(
            scenario.name,
            "scenario",
            Outcome.ERRORED,
            "scenario",
            why,
            scenario=scenario,
            fingerprint=name,
        )
    elif not scenario.steps:
        why = scenario.message or "not carried out"
        yield ReportCase(
            scenario.name, "scenario", Outcome.SKIPPED, "skipped", why, scenario=scenario
        )


def run_cases(run: Run) -> Iterator[ReportCase]:
    """What went wrong with the run itself and belongs to no scenario."""
    for problem in run.problems:
        yield _lone("problem", problem)
    if run.interrupted_by:
        yield _lone("interrupted", f"interrupted by {run.interrupted_by}")
    if not run.finished_at:
        yield _lone("unfinished", "the process ended before the run did")
    elif not run.scenarios and run.outcome is not Outcome.PASSED:
        yield _lone("nothing", run.readiness or meaning(exit_status(run)))


def _lone(name: str, reason: str) -> ReportCase:
    return ReportCase(RUN, name, Outcome.ERRORED, name, reason)


def _of_step(scenario: ScenarioResult, step: StepResult) -> ReportCase:
    name = f"{step.called} (teardown)" if step.teardown else step.called
    source, line, column = step.source, step.line, 0
    attempt = last_attempt(step)
    if step.outcome.stops and attempt is not None and attempt.mismatches and not serious(attempt):
        first = attempt.mismatches[0]
        if first.source:
            source, line, column = first.source, first.line, first.column
    return ReportCase(
        scenario.name,
        name,
        step.outcome,
        step_code(step),
        _reason(step),
        step.seconds,
        source,
        line,
        column,
        scenario,
        step,
        fingerprint(scenario, step),
    )


def _reason(step: StepResult) -> str:
    match step.outcome:
        case Outcome.FAILED | Outcome.ERRORED:
            return headline(step)
        case Outcome.UNFINISHED:
            return "the run ended before this step did"
        case Outcome.SKIPPED:
            return step.message or "skipped"
        case _:
            return ""


def step_code(step: StepResult) -> str:
    """The kind of a step's failure, for programs; empty where it passed."""
    weighty = serious(last_attempt(step))
    exchange = last_exchange(step)
    match step.outcome:
        case Outcome.PASSED:
            return ""
        case Outcome.SKIPPED | Outcome.UNFINISHED:
            return step.outcome.value
        case _ if weighty:
            return weighty[0].code
        case Outcome.ERRORED:
            error = exchange.error if exchange is not None else None
            return error.kind.value if error is not None else "no-verdict"
        case _:
            return "mismatch"


def case_lines(run: Run, case: ReportCase, evidence: Evidence) -> Iterator[str]:
    """All that is told of a case that is bad, line by line, safe to print: facts, meaning, SQL, commands."""
    if case.scenario is None or case.step is None or not case.outcome.stops:
        return
    for fact in step_facts(run, case.scenario, case.step, evidence):
        yield from plain(fact).split("\n")
    told = step_advice(run, case.scenario, case.step)
    for advice in told.findings:
        yield from ("", advice.meaning, *advice.verify)
        if advice.remedies:
            yield from ("SQL that could mend it (writes; smoke never runs it):", *advice.remedies)
    if told.left:
        yield f"and {plural(told.left, 'more finding')}"
    yield from (f"next: {command}" for command in told.next)
