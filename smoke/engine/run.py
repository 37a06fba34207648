"""A whole run: readiness, then the scenarios, one after the other or side by side."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import nullcontext

from msgspec import Struct

from smoke.engine.control import Control
from smoke.engine.scenario import ScenarioRun
from smoke.engine.turn import Turn
from smoke.model.run import Outcome


class Plan(Struct, frozen=True):
    """How the scenarios of a run are carried out.

    `control` ends the steps, `teardown` the clean-up: it has later deadlines and survives the first interruption.
    `turn` passes around among the workers; without one they compete.
    """

    control: Control
    teardown: Control
    workers: int = 1
    fail_fast: bool = False
    turn: Turn | None = None


def run_scenarios(scenarios: Sequence[ScenarioRun], plan: Plan) -> Outcome:
    """Carry them out; the worst outcome. With fail_fast none is started after one that did not pass.

    None is started either after one that met a wall before the deployment: it would answer them all.
    """
    if plan.workers <= 1 or len(scenarios) <= 1:
        return _in_turn(scenarios, plan)
    return _side_by_side(scenarios, plan)


def _in_turn(scenarios: Sequence[ScenarioRun], plan: Plan) -> Outcome:
    outcomes: list[Outcome] = []
    for scenario in scenarios:
        wall = _wall(scenarios)
        if wall:
            outcomes.append(scenario.skip(f"not started: {wall}", Outcome.ERRORED))
        elif _stop(outcomes, plan):
            outcomes.append(_skip(scenario, plan))
        else:
            outcomes.append(scenario.run(plan.control, plan.teardown))
    return _worst(outcomes)


def _side_by_side(scenarios: Sequence[ScenarioRun], plan: Plan) -> Outcome:
    from concurrent.futures import ThreadPoolExecutor, wait

    outcomes: list[Outcome] = []
    todo = iter(scenarios)
    guard = threading.Lock()

    def work() -> None:
        with plan.turn or nullcontext():
            while True:
                with guard:
                    scenario = next(todo, None)
                if scenario is None:
                    return
                wall = _wall(scenarios)
                if wall:
                    outcome = scenario.skip(f"not started: {wall}", Outcome.ERRORED)
                elif _stop(outcomes, plan):
                    outcome = _skip(scenario, plan)
                else:
                    outcome = scenario.run(plan.control, plan.teardown)
                outcomes.append(outcome)

    count = min(plan.workers, len(scenarios))
    with ThreadPoolExecutor(max_workers=count) as pool:
        workers = [pool.submit(work) for _ in range(count)]
        while wait(workers, timeout=0.2).not_done:
            pass  # short waits: the main thread runs the signal handlers
        for worker in workers:
            worker.result()
    return _worst(outcomes)


def _wall(scenarios: Sequence[ScenarioRun]) -> str:
    """Which wall before the deployment one of them met; empty when none did."""
    return next((scenario.wall for scenario in scenarios if scenario.wall), "")


def _stop(outcomes: Sequence[Outcome], plan: Plan) -> bool:
    failed = any(outcome.stops for outcome in outcomes)
    return plan.control.over or (plan.fail_fast and failed)


def _skip(scenario: ScenarioRun, plan: Plan) -> Outcome:
    if plan.control.over:  # the time is up or somebody stopped it: no verdict, and so not green
        return scenario.skip(plan.control.why_over(), Outcome.ERRORED)
    return scenario.skip("an earlier scenario did not pass (--fail-fast)")


def _worst(outcomes: Sequence[Outcome]) -> Outcome:
    return max(outcomes, key=lambda outcome: outcome.rank, default=Outcome.SKIPPED)
