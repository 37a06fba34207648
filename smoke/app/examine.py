"""What a response does not tell: its error from the server's log, and what the database says of it.

Done for a scenario that failed, after its steps and before its teardown: its orders are still there. What fails in the
teardown itself is examined after it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from smoke.app.in_database import InDatabase
from smoke.app.in_log import failed_attempts
from smoke.app.server_log import LATE
from smoke.logs.belonging import attempts, window
from smoke.model.events import FindingsExamined
from smoke.model.run import Outcome

if TYPE_CHECKING:
    from smoke.app.asking import Asking
    from smoke.app.counting import Counting
    from smoke.app.in_log import InLog
    from smoke.app.journal import RunJournal
    from smoke.app.server_log import Log
    from smoke.engine.control import Control
    from smoke.engine.services import Services
    from smoke.logs.belonging import Belongings
    from smoke.model.finding import Finding
    from smoke.model.run import Attempt, PlacedOrder, ScenarioResult, StepResult

    Orders = tuple[PlacedOrder, ...]


class Examiner:
    """Examines the findings of scenarios that failed. Safe to share between workers."""

    def __init__(
        self,
        services: Services,
        journal: RunJournal,
        folder: Path,
        *,
        asking: Asking | None,
        log: Log | None,
        show_values: bool = False,
        counting: Counting | None = None,
    ) -> None:
        self._services = services
        self._journal = journal
        self._in_database = (
            None
            if asking is None
            else InDatabase(
                asking,
                lambda: services.secrets.current,
                show_values=show_values,
                counting=counting,
            )
        )
        self._in_log = None if log is None else self._opened(log, folder)

    def after_steps(self, name: str, outcome: Outcome, control: Control) -> None:
        """Examine what failed in a scenario's steps; what comes of it is an event. Raises nothing.

        Every attempt that something speaks against is looked up, whatever its status. Of a scenario that passed, only
        what a step answered before it was tried again.
        """
        self._examine(name, outcome, control, teardown=False)

    def after_teardown(self, name: str, outcome: Outcome, control: Control) -> None:
        """As `after_steps`, of what failed in the teardown."""
        self._examine(name, outcome, control, teardown=True)

    def _examine(self, name: str, outcome: Outcome, control: Control, *, teardown: bool) -> None:
        passed = not outcome.bad
        if passed and self._in_log is None:
            return
        scenario, orders = self._journal.scenario(name)
        if scenario is None:
            return
        belongings: Belongings | None = None
        failed = {
            (step.id, attempt.number): step
            for step in scenario.steps
            if step.teardown is teardown
            if step.flaky or (not passed and step.outcome.stops)
            for attempt in failed_attempts(step)
        }
        for place, step, attempt in attempts(scenario):
            if (step.id, attempt.number) not in failed:
                continue
            findings = attempt.findings
            if self._in_log is not None:
                if belongings is None:
                    belongings = self._in_log.belongings(
                        scenario, orders, self._journal.run().scenarios
                    )
                findings = self._from_log(belongings, place, scenario, step, attempt, control)
            if self._in_database is not None and step.outcome is not Outcome.PASSED:
                findings = tuple(
                    self._in_database.enriched(finding, scenario, orders, control)
                    if _matters(finding) or finding.possible
                    else finding
                    for finding in findings
                )
                last = step.attempts[-1].number == attempt.number
                if last and not any(_matters(finding) or finding.possible for finding in findings):
                    found = self._in_database.unveiled(scenario, step, attempt, orders, control)
                    findings = findings if found is None else (*findings, found)
            if findings != attempt.findings:
                self._journal.append(
                    FindingsExamined(
                        self._services.at(), scenario.name, step.id, attempt.number, findings
                    )
                )

    # the logs

    def _from_log(
        self,
        belongings: Belongings,
        place: int,
        scenario: ScenarioResult,
        step: StepResult,
        attempt: Attempt,
        control: Control,
    ) -> tuple[Finding, ...]:
        if self._in_log is None or not attempt.exchanges:
            return attempt.findings
        # a failure of some time ago has been written by now
        gone = (self._services.clock.now() - window(attempt)[1]).total_seconds()
        patience = max(0.0, LATE - gone)
        return self._in_log.looked_up(
            belongings, place, step, attempt, scenario.name, patience, control.sleep
        )

    def _opened(self, log: Log, folder: Path) -> InLog:
        from smoke.app.in_log import InLog

        services = self._services
        return InLog(
            log,
            folder,
            lambda: services.secrets.current,
            also=(services.run_id,),
            database=str if self._in_database is None else self._in_database.name,
            repeated=services.seed != services.run_id,
        )


def _matters(finding: Finding) -> bool:
    return finding.severity.value == "error"
