"""What went wrong in a run, problem by problem, each on the line of the scenario that says what was expected.

For the CI systems that show problems beside the code. Texts in here are as they came: each system escapes them.
"""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from smoke.facts.advice import finding_advice
from smoke.facts.finding import cause
from smoke.facts.orders import UNKNOWN, left_orders
from smoke.facts.step import headline, last_attempt, mismatch_text, serious
from smoke.model.run import Run, ScenarioResult, StepResult
from smoke.text import plural

MOST = 10
"""GitHub and Azure take ten errors of a step and drop the rest in silence."""


class Issue(Struct, frozen=True):
    """One problem: its level, its text of one or more lines, its title, and where in a file it is.

    `file` is empty where no file of the repository is meant; lines and columns begin with 1, and 0 is none.
    """

    level: Literal["error", "warning", "notice"]
    message: str
    title: str = "smoke"
    file: str = ""
    line: int = 0
    column: int = 0
    end_column: int = 0


def issues(run: Run) -> list[Issue]:
    """At most ten problems of a run, the most telling first; the last says how many are left out."""
    found = [
        *_findings(run),
        *_mismatches(run),
        *_rest(run),
    ]
    if len(found) <= MOST:
        return found
    left = len(found) - MOST + 1
    text = f"{plural(left, 'more problem')}: see the job summary and the evidence"
    return [*found[: MOST - 1], Issue("error", text)]


def broken_steps(run: Run) -> Iterator[tuple[ScenarioResult, StepResult]]:
    """Every step that failed or has no verdict, with its scenario."""
    for scenario in run.scenarios:
        for step in scenario.steps:
            if step.outcome.stops:
                yield scenario, step


def _issue(
    level: Literal["error", "warning"],
    message: str,
    title: str,
    source: str,
    line: int,
    column: int = 0,
) -> Issue:
    """Without a place when the file is not in the repository: a scenario that ships with smoke."""
    path = place_in_repository(source)
    if not path:
        return Issue(level, message, title)
    return Issue(level, message, title, path, line, column)


def place_in_repository(source: str) -> str:
    """The path of a scenario as a repository has it; empty where its file is outside of where smoke was started."""
    if source.startswith(("/", "\\", "../")) or ":" in source[:3]:
        return ""
    return source.removeprefix("./")


def _findings(run: Run) -> Iterator[Issue]:
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
                advice = finding_advice(run, finding)
                yield _issue(
                    "error",
                    "\n".join([finding.title, advice.meaning, *advice.next]),
                    f"{scenario.name}: {step.called}",
                    step.source,
                    step.line,
                )


def _mismatches(run: Run) -> Iterator[Issue]:
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
        yield _issue(
            "error",
            text,
            f"{scenario.name}: {step.called}",
            first.source,
            first.line,
            first.column,
        )


def _rest(run: Run) -> Iterator[Issue]:
    """What broke without an answer, what went wrong with the run itself, and orders left behind."""
    for scenario, step in broken_steps(run):
        attempt = last_attempt(step)
        if attempt is None or not (serious(attempt) or attempt.mismatches):
            yield _issue(
                "error",
                headline(step),
                f"{scenario.name}: {step.called}",
                step.source,
                step.line,
            )
    for problem in run.problems:
        yield Issue("error", problem)
    if not run.scenarios:
        yield Issue("error", run.readiness or "nothing was run", "smoke: no verdict")
    if run.interrupted_by:
        yield Issue("error", f"interrupted by {run.interrupted_by}", "smoke: no verdict")
    for scenario in run.scenarios:
        for step in scenario.steps:
            if step.flaky:
                yield _issue(
                    "warning",
                    f"passed, but took {len(step.attempts)} attempts",
                    f"{scenario.name}: {step.called} is flaky",
                    step.source,
                    step.line,
                )
    left = left_orders(run, 10)
    if left.orders:
        names = ", ".join(
            f"{order.name} ({order.placed_by})" if order.name == UNKNOWN else order.name
            for order in left.orders
        )
        # the first command removes them where one can
        text = "\n".join([names, *left.next[:1]])
        yield Issue("warning", text, f"smoke: {left.heading}")
