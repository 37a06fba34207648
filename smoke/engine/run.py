"""A whole run: readiness, then the scenarios, one after the other or side by side."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import nullcontext

from msgspec import Struct

from smoke.engine.control import Control
from smoke.engine.needed import NeededRun
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


def run_scenarios(scenarios: Sequence[ScenarioRun | NeededRun], plan: Plan) -> Outcome:
    """Carry them out; the worst outcome. With fail_fast none is started after one that did not pass.

    None is started either after one that met a wall before the deployment: it would answer them all.
    """
    try:
        if plan.workers <= 1 or len(scenarios) <= 1:
            worst = _in_turn(scenarios, plan)
        else:
            worst = _side_by_side(scenarios, plan)
    finally:
        for scenario in scenarios:  # after a fault of ours what is needed has its teardown still
            scenario.close()
    # what others need ends behind its own turn in the list
    return max((worst, *(each.outcome for each in scenarios)), key=lambda each: each.rank)


class _Progress:
    """Carries out scenarios, and knows what the run came to so far. Threads may share it.

    What a scenario costs does not grow with their number: of the others only those under way are asked.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._guard = threading.Lock()
        self._under_way: list[ScenarioRun | NeededRun] = []
        self._wall = ""
        self._stopped = False
        self.worst = Outcome.SKIPPED

    def carry_out(self, scenario: ScenarioRun | NeededRun) -> None:
        """Run the scenario, or tell why it is not started."""
        plan = self._plan
        with self._guard:
            wall = self._met()
            stopped = self._stopped
            self._under_way.append(scenario)
        if wall:
            outcome = scenario.skip(f"not started: {wall}", Outcome.ERRORED)
        elif (
            plan.control.over
        ):  # the time is up or somebody stopped it: no verdict, and so not green
            outcome = scenario.skip(plan.control.why_over(), Outcome.ERRORED)
        elif plan.fail_fast and stopped:
            outcome = scenario.skip("an earlier scenario did not pass (--fail-fast)")
        else:
            outcome = scenario.run(plan.control, plan.teardown)
        with self._guard:
            self._wall = self._met()
            self._under_way.remove(scenario)
            self._stopped = self._stopped or (outcome.stops and not scenario.cut_short)
            self.worst = max(self.worst, outcome, key=lambda each: each.rank)

    def _met(self) -> str:
        """Which wall before the deployment one of them met, also one that has not ended; empty when none did."""
        return self._wall or next((each.wall for each in self._under_way if each.wall), "")


def _in_turn(scenarios: Sequence[ScenarioRun | NeededRun], plan: Plan) -> Outcome:
    progress = _Progress(plan)
    for scenario in scenarios:
        progress.carry_out(scenario)
    return progress.worst


def _side_by_side(scenarios: Sequence[ScenarioRun | NeededRun], plan: Plan) -> Outcome:
    from concurrent.futures import ThreadPoolExecutor, wait

    progress = _Progress(plan)
    todo = iter(scenarios)
    guard = threading.Lock()

    def work() -> None:
        with plan.turn or nullcontext():
            while True:
                with guard:
                    scenario = next(todo, None)
                if scenario is None:
                    return
                progress.carry_out(scenario)

    count = min(plan.workers, len(scenarios))
    with ThreadPoolExecutor(max_workers=count) as pool:
        workers = [pool.submit(work) for _ in range(count)]
        while wait(workers, timeout=0.2).not_done:
            pass  # short waits: the main thread runs the signal handlers
        for worker in workers:
            worker.result()
    return progress.worst
