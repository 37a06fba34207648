"""What a response does not tell: its error from the server's log, and what the database says of it.

Done for a scenario that failed, after its steps and before its teardown: its orders are still there.
"""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.app.in_log import failed_attempts
from smoke.app.server_log import LATE
from smoke.diagnostic import SmokeError
from smoke.logs.belonging import attempts, window
from smoke.model.events import FindingsExamined
from smoke.model.finding import IN_CATALOGUE, Known, Source
from smoke.model.run import OrderState, Outcome
from smoke.redact import mask_text

if TYPE_CHECKING:
    from smoke.app.asking import Asking
    from smoke.app.in_log import InLog
    from smoke.app.journal import Journal
    from smoke.app.server_log import Log
    from smoke.database.enrich import Enrichment
    from smoke.engine.control import Control
    from smoke.engine.services import Services
    from smoke.logs.belonging import Belongings
    from smoke.model.dberror import DatabaseError
    from smoke.model.finding import Finding, Statement
    from smoke.model.run import Attempt, PlacedOrder, ScenarioResult, StepResult
    from smoke.redact import Secrets

    Orders = tuple[PlacedOrder, ...]
    _Told = tuple[tuple[str, ...], tuple[Statement, ...], Known, "Enrichment | None"]

MOST = 5
"""Different errors of a run that the database is asked about."""
_BAD = (Outcome.FAILED, Outcome.ERRORED)
_PATIENCE = 20.0
"""Seconds for the questions about one error; with less left, the server's other databases are not asked."""


class Examiner:
    """Examines the findings of scenarios that failed. Safe to share between workers."""

    def __init__(
        self,
        services: Services,
        journal: Journal,
        folder: Path,
        *,
        asking: Asking | None,
        log: Log | None,
        show_values: bool = False,
    ) -> None:
        self._services = services
        self._journal = journal
        self._asking = asking
        self._database: str | None = None
        self._in_log = None if log is None else self._opened(log, folder)
        self._show_values = show_values
        self._told: dict[tuple[DatabaseError, str], _Told] = {}
        self._lock = threading.Lock()

    def after_steps(self, name: str, outcome: Outcome, control: Control) -> None:
        """Examine what failed in a scenario; what comes of it is an event. Raises nothing.

        Every attempt that something speaks against is looked up, whatever its status. Of a scenario that passed, only
        what a step answered before it was tried again.
        """
        passed = outcome in (Outcome.PASSED, Outcome.SKIPPED)
        if passed and self._in_log is None:
            return
        scenario, orders = self._journal.scenario(name)
        if scenario is None:
            return
        belongings: Belongings | None = None
        failed = {
            (step.id, attempt.number): step
            for step in scenario.steps
            if step.flaky or (not passed and step.outcome in _BAD)
            for attempt in failed_attempts(step)
        }
        for place, step, attempt in attempts(scenario):
            if (step.id, attempt.number) not in failed:
                continue
            findings = attempt.findings
            if self._in_log is not None:
                if belongings is None:
                    belongings = self._in_log.belongings(scenario, orders)
                findings = self._from_log(belongings, place, scenario, step, attempt, control)
            if step.outcome is not Outcome.PASSED:
                findings = tuple(
                    self._from_database(finding, scenario, orders, control)
                    if _matters(finding)
                    else finding
                    for finding in findings
                )
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

    # the database

    def _from_database(
        self, finding: Finding, scenario: ScenarioResult, orders: Orders, control: Control
    ) -> Finding:
        error, asking = finding.database_error, self._asking
        if error is None or asking is None or not asking.available:
            return finding
        if control.over:
            return _saying(finding, f"database not asked: {control.why_over()}")
        key = (dataclasses.replace(error, citations=()), scenario.fix)
        with control.waiting(), self._lock:
            if key not in self._told and len(self._told) < MOST:
                within = min(control.remaining(), _PATIENCE)
                self._told[key] = self._ask(finding, scenario, orders, asking, within)
            told = self._told.get(key)
        if told is None:
            return _saying(finding, f"database not asked: it was about {MOST} other errors already")
        secrets = self._services.secrets.current
        lines, remedies, known, enriched = told
        if enriched is not None and enriched.completed is not None:
            finding = self._completed(finding, enriched, enriched.completed, scenario)
        return dataclasses.replace(
            finding,
            database=tuple(mask_text(line, secrets) for line in lines),
            remedies=tuple(_masked(remedy, secrets) for remedy in remedies),
            known=dataclasses.replace(known, definition=mask_text(known.definition, secrets)),
        )

    def _completed(
        self,
        finding: Finding,
        enriched: Enrichment,
        completed: DatabaseError,
        scenario: ScenarioResult,
    ) -> Finding:
        """The finding with what the catalogue fills in: each such field is said to be inferred."""
        from smoke.app.in_log import masked_error
        from smoke.logs.explained import with_fields

        secrets = self._services.secrets.current
        how = mask_text(f"inferred: {enriched.inferred_by}", secrets)
        sources = [Source(field, IN_CATALOGUE, how) for field in enriched.inferred]
        step = next((step.name for step in scenario.steps if step.id == finding.step), "")
        error = masked_error(completed, lambda text: mask_text(text, secrets))
        return with_fields(finding, error, sources, step)

    def _opened(self, log: Log, folder: Path) -> InLog:
        from smoke.app.in_log import InLog

        services = self._services
        return InLog(
            log,
            folder,
            lambda: services.secrets.current,
            also=(services.run_id,),
            database=self._name,
            repeated=services.seed != services.run_id,
        )

    def _name(self) -> str:
        """The name of the database that the DSN leads to, by its own word: a pooler may call it otherwise."""
        with self._lock:
            if self._database is None:
                self._database = self._asked_name()
            return self._database

    def _asked_name(self) -> str:
        if self._asking is None or not self._asking.available:
            return ""
        from smoke.database.identity import identify

        try:
            return self._asking.ask(lambda database: identify(database).database, _PATIENCE)
        except SmokeError:
            return ""  # told when it is asked about the error

    def _ask(
        self,
        finding: Finding,
        scenario: ScenarioResult,
        orders: Orders,
        asking: Asking,
        within: float,
    ) -> _Told:
        """What the database says, in lines and as values, and what could be done there."""
        from smoke.database.enrich import enrich

        fix = Path(scenario.fix) if scenario.fix else None
        placed = {
            order.key: order.order_id
            for order in orders
            if order.state is OrderState.PLACED and order.order_id
        }
        try:
            told = asking.ask(
                lambda database: enrich(
                    database,
                    finding,
                    fix=fix,
                    orders=placed,
                    show_values=self._show_values,
                    elsewhere=within == _PATIENCE,
                ),
                within,
            )
        except SmokeError as error:
            return (
                (f"the database could not be asked ({asking.source}): {error}",),
                (),
                Known(),
                None,
            )
        lines = (
            *told.lines()[:-1],
            *(_elsewhere(asking, fix, told) if within == _PATIENCE else ()),
            f"asked through {asking.source}: {told.database.line()}",
        )
        return lines, told.remedies, told.known, told


def _elsewhere(asking: Asking, fix: Path | None, told: Enrichment) -> list[str]:
    """Whether a fix that is missing here went to another database of the server."""
    from smoke.database.elsewhere import applied_in, databases_beside
    from smoke.database.migration.verdict import Verdict

    if fix is None or told.fix is None or asking.dsn is None:
        return []
    if told.fix.overall not in (Verdict.NOT_APPLIED, Verdict.PARTLY):
        return []
    try:
        names = applied_in(asking.dsn, asking.ask(databases_beside), fix)
    except SmokeError:
        return []  # a role that may not look elsewhere is no fault of this database
    return [
        f"the fix is applied in database {name} of the same server: was it run there by mistake?"
        for name in names
    ]


def _masked(statement: Statement, secrets: Secrets) -> Statement:
    """A rule's definition is the database's text, and is in the SQL that widens it."""
    return dataclasses.replace(statement, sql=mask_text(statement.sql, secrets))


def _matters(finding: Finding) -> bool:
    return finding.severity.value == "error"


def _saying(finding: Finding, line: str) -> Finding:
    return dataclasses.replace(finding, database=(*finding.database, line))
