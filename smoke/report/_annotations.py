"""Annotations of GitHub Actions: what went wrong, on the line of the scenario that says what was expected."""

from collections.abc import Iterator

from smoke.advice import advise_in
from smoke.advice.leftovers import heading, next_commands
from smoke.facts.finding import cause
from smoke.facts.step import headline, last_attempt, mismatch_text, serious
from smoke.facts.typed import typed
from smoke.model.run import Run, ScenarioResult, StepResult
from smoke.report._commands import command
from smoke.text import plural

MOST = 10
"""GitHub takes ten errors of a step and drops the rest in silence."""


def annotations(run: Run) -> list[str]:
    """At most ten workflow commands, the most telling first; the last says how many are left out."""
    found = [
        *_findings(run),
        *_mismatches(run),
        *_rest(run),
    ]
    if len(found) <= MOST:
        return found
    left = len(found) - MOST + 1
    note = command(
        "error",
        f"{plural(left, 'more problem')}: see the job summary and the evidence",
        {"title": "smoke"},
    )
    return [*found[: MOST - 1], note]


def broken_steps(run: Run) -> Iterator[tuple[ScenarioResult, StepResult]]:
    """Every step that failed or has no verdict, with its scenario."""
    for scenario in run.scenarios:
        for step in scenario.steps:
            if step.outcome.stops:
                yield scenario, step


def _at(source: str, line: int, column: int = 0) -> dict[str, str | int]:
    """Where in the repository; nothing for a file that is not in it (a scenario that ships with smoke)."""
    if not source or source.startswith(("/", "\\")) or ":" in source[:3]:
        return {}
    return {"file": source.removeprefix("./"), "line": line, "col": column}


def _findings(run: Run) -> Iterator[str]:
    """Steps with a database error, then those whose error is hidden."""
    told: set[str] = set()
    for named in (True, False):
        for scenario, step in broken_steps(run):
            attempt = last_attempt(step)
            for finding in attempt.findings if attempt is not None else ():
                if (
                    finding.database_error is not None
                ) is not named or finding.severity.value != "error":
                    continue
                key = cause(finding)
                if key in told:
                    continue
                told.add(key)
                advice = advise_in(run, finding, typed(run))
                yield command(
                    "error",
                    "\n".join([finding.title, advice.explanation, *advice.next]),
                    {**_at(step.source, step.line), "title": f"{scenario.name}: {step.called}"},
                )


def _mismatches(run: Run) -> Iterator[str]:
    """Steps that failed without a finding, on the line of the first expectation that was not met."""
    for scenario, step in broken_steps(run):
        attempt = last_attempt(step)
        if attempt is None or serious(attempt) or not attempt.mismatches:
            continue
        first = attempt.mismatches[0]
        more = len(attempt.mismatches) - 1
        text = mismatch_text(first) + (
            f"\nand {plural(more, 'more expectation')} not met" if more else ""
        )
        yield command(
            "error",
            text,
            {
                **_at(first.source, first.line, first.column),
                "title": f"{scenario.name}: {step.called}",
            },
        )


def _rest(run: Run) -> Iterator[str]:
    """What broke without an answer, what went wrong with the run itself, and orders left behind."""
    for scenario, step in broken_steps(run):
        attempt = last_attempt(step)
        if attempt is None or not (serious(attempt) or attempt.mismatches):
            yield command(
                "error",
                headline(step),
                {**_at(step.source, step.line), "title": f"{scenario.name}: {step.called}"},
            )
    for problem in run.problems:
        yield command("error", problem, {"title": "smoke"})
    if not run.scenarios:
        yield command("error", run.readiness or "nothing was run", {"title": "smoke: no verdict"})
    if run.interrupted_by:
        yield command(
            "error", f"interrupted by {run.interrupted_by}", {"title": "smoke: no verdict"}
        )
    for scenario in run.scenarios:
        for step in scenario.steps:
            if step.flaky:
                yield command(
                    "warning",
                    f"passed, but took {len(step.attempts)} attempts",
                    {
                        **_at(step.source, step.line),
                        "title": f"{scenario.name}: {step.called} is flaky",
                    },
                )
    left = run.orders_left_behind
    if left:
        names = ", ".join(
            order.order_id or f"id unknown ({order.placed_by})" for order in left[:10]
        )
        yield command(
            "warning",
            "\n".join([names, *next_commands(typed(run))]),
            {"title": f"smoke: {heading(left)}"},
        )
