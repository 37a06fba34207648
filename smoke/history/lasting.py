"""Since when the failures of a run last, as the records before it tell. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smoke.facts.fingerprints import failures_of
from smoke.history.comparing import streak
from smoke.history.recording import failure_row
from smoke.history.rows import RunRecord, RunRow
from smoke.model.run import Outcome, Run
from smoke.model.since import Since


def lasting(run: Run, now: RunRow, past: Sequence[RunRecord]) -> Iterator[Since]:
    """What can be told of each failure of a run. `past`: the records of its target before it, the newest first.

    Of a step without a verdict nothing is told, nor of a failure that is new where the step did not pass before.
    """
    for scenario in run.scenarios:
        if scenario.teardown_of:
            continue
        for failure in failures_of(scenario):
            row = failure_row(failure)
            if row.outcome != Outcome.FAILED:
                continue
            first, runs, before = streak(row, past, now)
            step = failure.step.id if failure.step is not None else ""
            if runs > 1 and first is not None:
                yield _since(scenario.name, step, first, runs, begins=before is not None)
            elif before is not None and before.passed(row.scenario, row.step):
                yield _since(scenario.name, step, before.run)


def _since(scenario: str, step: str, run: RunRow, runs: int = 1, *, begins: bool = True) -> Since:
    return Since(scenario, step, run.id, run.version, run.started, runs, begins)
