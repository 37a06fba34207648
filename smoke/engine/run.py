"""A whole run: readiness, then the scenarios, one after the other or side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from smoke.engine.control import Control
from smoke.engine.scenario import ScenarioRun
from smoke.model.run import Outcome


class Plan(Struct, frozen=True):
    """How the scenarios of a run are carried out.

    `control` ends the steps, `teardown` the clean-up: it has later deadlines and survives the first interruption.
    """

    control: Control
    teardown: Control
    workers: int = 1
    fail_fast: bool = False


def run_scenarios(scenarios: Sequence[ScenarioRun], plan: Plan) -> Outcome:
    """Carry them out; the worst outcome. With fail_fast none is started after one that did not pass."""
    if plan.workers <= 1 or len(scenarios) <= 1:
        return _in_turn(scenarios, plan)
    return _side_by_side(scenarios, plan)


def _in_turn(scenarios: Sequence[ScenarioRun], plan: Plan) -> Outcome:
    outcomes: list[Outcome] = []
    for scenario in scenarios:
        if _stop(outcomes, plan):
            outcomes.append(_skip(scenario, plan))
        else:
            outcomes.append(scenario.run(plan.control, plan.teardown))
    return _worst(outcomes)


def _side_by_side(scenarios: Sequence[ScenarioRun], plan: Plan) -> Outcome:
    from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

    outcomes: list[Outcome] = []

    def guarded(scenario: ScenarioRun) -> Callable[[], Outcome]:
        def carry_out() -> Outcome:
            if _stop(outcomes, plan):
                return _skip(scenario, plan)
            outcome = scenario.run(plan.control, plan.teardown)
            outcomes.append(outcome)
            return outcome

        return carry_out

    with ThreadPoolExecutor(max_workers=plan.workers) as pool:
        waiting: set[Future[Outcome]] = {pool.submit(guarded(scenario)) for scenario in scenarios}
        done: list[Outcome] = []
        while waiting:
            # short waits: the main thread runs the signal handlers
            finished, waiting = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
            done += [future.result() for future in finished]
    return _worst(done)


def _stop(outcomes: Sequence[Outcome], plan: Plan) -> bool:
    failed = any(outcome in (Outcome.FAILED, Outcome.ERRORED) for outcome in outcomes)
    return plan.control.over or (plan.fail_fast and failed)


def _skip(scenario: ScenarioRun, plan: Plan) -> Outcome:
    if plan.control.over:  # the time is up or somebody stopped it: no verdict, and so not green
        return scenario.skip(plan.control.why_over(), Outcome.ERRORED)
    return scenario.skip("an earlier scenario did not pass (--fail-fast)")


def _worst(outcomes: Sequence[Outcome]) -> Outcome:
    return max(outcomes, key=lambda outcome: outcome.rank, default=Outcome.SKIPPED)
