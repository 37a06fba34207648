"""Who carries out the scenarios of a run: this process, or workers somewhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from smoke.app.given_values import GivenValues
from smoke.app.journal import RunJournal
from smoke.app.sharding import Chosen
from smoke.app.target import ResolvedTarget
from smoke.app.wiring import Wiring
from smoke.engine.run import Plan, run_scenarios
from smoke.model.run import Outcome
from smoke.store import RunFolder


class RunJob(Struct, frozen=True):
    """The scenarios of a run whose target is ready, and what the run works with."""

    chosen: Chosen
    where: ResolvedTarget
    outside: GivenValues
    wiring: Wiring
    folder: RunFolder
    journal: RunJournal
    plan: Plan
    started: str
    trace_id: str


Carrier: TypeAlias = Callable[[RunJob], Outcome]


def carried_out_here(job: RunJob) -> Outcome:
    """The worst outcome of the scenarios, carried out in this process."""
    runs = job.wiring.scenario_runs(
        job.chosen.loaded, job.chosen.names, job.outside.overrides, job.started
    )
    # a part of a small selection may be empty: it does all that it has to
    return run_scenarios(runs, job.plan) if runs else Outcome.PASSED
