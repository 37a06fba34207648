"""What becomes of scenarios whose worker did not come to their end: errored, their orders listed, and removed from here."""

from __future__ import annotations

from msgspec.structs import replace

from smoke.app.carrier import RunJob
from smoke.app.dask_tasks import DaskTask
from smoke.app.late_teardown import clean_up
from smoke.model.events import ScenarioFinished, StepFinished
from smoke.model.run import Outcome


def skip(job: RunJob, task: DaskTask, why: str, outcome: Outcome = Outcome.ERRORED) -> None:
    """Tell of each scenario of a task that has not begun that it was not carried out, and why."""
    for item, name in zip(task.loaded, task.names, strict=True):
        if job.journal.scenario(name)[0] is None:
            overrides = {
                key: value
                for key, value in job.outside.overrides.items()
                if key in item.scenario.variables
            }
            job.wiring.scenario_run(item, name, overrides, job.started).skip(why, outcome)


def tell_lost(job: RunJob, task: DaskTask, why: str) -> None:
    """Tell of each scenario of a task that its end is not known; steps that had begun are errored, too.

    Where all had their ends, it is a problem of the run: what else there was to tell did not come.
    """
    ends = [job.journal.scenario(name)[0] for name in task.names]
    if all(each is not None and each.outcome is not Outcome.UNFINISHED for each in ends):
        job.journal.noticed(f"{why} when its scenarios had ended: it may have had more to tell")
    for name in task.names:
        result, _ = job.journal.scenario(name)
        if result is None or result.outcome is not Outcome.UNFINISHED:
            continue
        at = job.wiring.services.at()
        for step in result.steps:
            if step.outcome is Outcome.UNFINISHED:
                told = replace(step, outcome=Outcome.ERRORED, message=why, attempts=())
                job.journal.append(StepFinished(at, name, told))
        told_of = replace(result, outcome=Outcome.ERRORED, message=why, steps=())
        job.journal.append(ScenarioFinished(at, told_of), sync=True)
    skip(job, task, f"not started: {why}")


def remove_orders(job: RunJob, task: DaskTask) -> None:
    """Carry out from here the teardown of scenarios that left orders, as `smoke teardown` does."""
    for item, name in zip(task.loaded, task.names, strict=True):
        result, orders = job.journal.scenario(name)
        left = [order for order in orders if order.left_behind]
        if result is not None and left and item.scenario.teardown:
            control = job.plan.teardown.narrower(_SECONDS)
            clean_up(job.wiring, control, result, item, left, job.outside.overrides, job.started)


_SECONDS = 60.0
"""As long as a teardown in its place may take."""
