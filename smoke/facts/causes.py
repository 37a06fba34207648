"""Which steps of a run failed by one cause, so that it is explained once and the others point to it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from smoke.facts.advice import whole_advice
from smoke.facts.finding import cause
from smoke.facts.step import last_attempt, last_exchange
from smoke.model.finding import POSSIBLE_CAUSE
from smoke.model.run import Run, ScenarioResult, StepResult


class Same(Struct):
    """Where each cause is told, and every step that it stopped, in the order of the run."""

    steps: dict[str, list[tuple[ScenarioResult, StepResult]]]

    @classmethod
    def of(cls, run: Run) -> Same:
        found: dict[str, list[tuple[ScenarioResult, StepResult]]] = {}
        for scenario in run.scenarios:
            for step in scenario.steps:
                if step.outcome.stops:
                    for key in causes(step):
                        found.setdefault(key, []).append((scenario, step))
        return cls(found)

    def told_before(self, step: StepResult) -> tuple[ScenarioResult, StepResult] | None:
        """The step that tells all that stopped this one, when that is another before it."""
        keys = causes(step)
        first = [self.steps[key][0] for key in keys if key in self.steps]
        if not keys or len(first) < len(keys) or any(other is step for _, other in first):
            return None
        return first[0]

    def also_in(self, scenario: ScenarioResult, step: StepResult) -> list[str]:
        """The other steps that are told with this one, by their names."""
        found: list[str] = []
        for key in causes(step):
            first, *others = self.steps.get(key, [(scenario, step)])
            if first[1] is not step:
                continue
            found += [
                f"'{other.called}'" if its is scenario else f"{its.name} ('{other.called}')"
                for its, other in others
                if self.told_before(other) is not None
            ]
        return list(dict.fromkeys(found))


def causes(step: StepResult) -> tuple[str, ...]:
    """Keys that two steps share when they failed by one cause: its findings', or the way the connection broke."""
    attempt = last_attempt(step)
    findings = attempt.findings if attempt is not None else ()
    keys = [cause(finding) for finding in findings if finding.code != POSSIBLE_CAUSE]
    exchange = last_exchange(step)
    if not keys and exchange is not None and exchange.error is not None:
        error = exchange.error
        keys = [f"{error.kind.value}\n{error.phase.value}\n{error.message}"]
    return tuple(keys)


def differing(run: Run, step: StepResult, before: StepResult) -> Iterator[str]:
    """The meaning of a step's findings where the run saw something else than at `before`, the first of the cause."""
    attempt, first = last_attempt(step), last_attempt(before)
    others = first.findings if first is not None else ()
    for finding in attempt.findings if attempt is not None else ():
        told = [
            whole_advice(run, other).explanation
            for other in others
            if cause(other) == cause(finding)
        ]
        here = whole_advice(run, finding).explanation
        if told and here not in told:
            yield here
