"""Since when a failure lasts, in words: nothing where the history tells nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smoke.model.run import Run, ScenarioResult, StepResult
from smoke.model.since import Since
from smoke.text import plural

if TYPE_CHECKING:
    from smoke.facts.fingerprints import Cause, Failure


def since_of(run: Run, scenario: ScenarioResult, step: StepResult | None) -> Since | None:
    """What the history tells of one failure; None where it tells nothing."""
    place = (scenario.name, step.id if step is not None else "")
    return next((each for each in run.since if (each.scenario, each.step) == place), None)


def since_words(since: Since) -> str:
    """`since build v2 (3 runs, 2026-11-27 10:12 UTC)`, `new: passed on build v1 (2026-11-27 10:12 UTC)`."""
    which = f"build {since.build}" if since.build else f"run {since.run}"
    when = f"{since.started[:16].replace('T', ' ')} UTC"
    if since.new:
        return f"new: passed {'on' if since.build else 'in'} {which} ({when})"
    first = "since" if since.begins else "at least since"
    return f"{first} {which} ({plural(since.runs, 'run')}, {when})"


def cause_since(run: Run, cause: Cause) -> str:
    """What the history tells of a cause: of the failure that lasts longest, which is named where others do not last as long."""
    told = [
        (since, failure)
        for failure in cause.failures
        if (since := since_of(run, failure.scenario, failure.step)) is not None
    ]
    if not told:
        return ""
    longest, where = max(told, key=lambda each: each[0].runs)
    words = since_words(longest)
    same = len(told) == len(cause.failures) and all(since_words(each) == words for each, _ in told)
    return words if same else f"{_place(where)}: {words}"


def _place(failure: Failure) -> str:
    step = f" '{failure.step.called}'" if failure.step is not None else ""
    return f"{failure.scenario.name}{step}"
