"""What a response does not tell: its error from the server's log, and what the database says of it.

Done for a scenario that failed, after its steps and before its teardown: its orders are still there.
"""

from __future__ import annotations

import dataclasses
import re
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.app.server_log import LATE, ServerLog, wait_for
from smoke.classify import with_error
from smoke.diagnostic import SmokeError
from smoke.model.events import FindingsExamined
from smoke.model.run import OrderState, Outcome
from smoke.redact import mask_text

if TYPE_CHECKING:
    from smoke.app.asking import Asking
    from smoke.app.journal import Journal
    from smoke.database.enrich import Enrichment
    from smoke.database.log_match import LogAnswer, Wanted
    from smoke.engine.control import Control
    from smoke.engine.services import Services
    from smoke.model.dberror import DatabaseError
    from smoke.model.exchange import Exchange
    from smoke.model.finding import Finding, Statement
    from smoke.model.run import Attempt, PlacedOrder, ScenarioResult, StepResult

    Orders = tuple[PlacedOrder, ...]

MOST = 5
"""Different errors of a run that the database is asked about."""
_UNIQUE = re.compile(
    r"smoke\.[a-z]+\.[a-z2-9]{12}@example\.com"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
)
"""Values of a request that no other run has: made-up customers (scenario/fake.py) and UUIDs."""
_LARGEST_REQUEST = 256 * 1024
_HIDING = frozenset({"error-hidden", "server-error", "database-error"})


class Examiner:
    """Examines the findings of scenarios that failed. Safe to share between workers."""

    def __init__(
        self,
        services: Services,
        journal: Journal,
        folder: Path,
        *,
        asking: Asking | None,
        log: ServerLog | None,
        show_values: bool = False,
    ) -> None:
        self._services = services
        self._journal = journal
        self._folder = folder
        self._asking = asking
        self._log = log
        self._show_values = show_values
        self._told: dict[tuple[str | None, ...], tuple[tuple[str, ...], tuple[Statement, ...]]] = {}
        self._lock = threading.Lock()

    def after_steps(self, name: str, outcome: Outcome, control: Control) -> None:
        """Examine what was found in a scenario that failed; what comes of it is an event. Raises nothing."""
        if outcome is not Outcome.FAILED:
            return
        scenario, orders = self._journal.scenario(name)
        if scenario is None:
            return
        for step in scenario.steps:
            for attempt in step.attempts:
                if any(_matters(finding) for finding in attempt.findings):
                    self._examine(scenario, orders, step, attempt, control)

    def _examine(
        self,
        scenario: ScenarioResult,
        orders: Orders,
        step: StepResult,
        attempt: Attempt,
        control: Control,
    ) -> None:
        examined = []
        for given in attempt.findings:
            finding = given
            if _matters(finding):
                finding = self._from_log(finding, attempt, control)
                finding = self._from_database(finding, scenario, orders, control)
            examined.append(finding)
        findings = tuple(examined)
        if findings != attempt.findings:
            self._journal.append(
                FindingsExamined(
                    self._services.at(), scenario.name, step.id, attempt.number, findings
                )
            )

    # the server's log

    def _from_log(self, finding: Finding, attempt: Attempt, control: Control) -> Finding:
        log = self._log
        if log is None or finding.database_error is not None or finding.code not in _HIDING:
            return finding
        exchange = next((e for e in attempt.exchanges if e.id == finding.exchange_id), None)
        if exchange is None:
            return finding
        from smoke.database.log_match import How, find_error

        wanted = self._wanted(finding, exchange)
        answers: list[LogAnswer] = []

        def look() -> bool:
            answers[:] = [find_error(log.entries(), wanted)]
            # by its time alone an error is taken only when no surer one came within the patience
            return answers[0].how in (How.ID, How.KEY)

        try:
            wait_for(look, LATE, control.sleep)
        except SmokeError as error:
            return _noting(finding, f"the server's log: {error}")
        answer = answers[0]
        if answer.error is None:
            candidates = [f"the log may mean: {_named(error)}" for error in answer.errors[:5]]
            return _noting(finding, f"the server's log ({log.name}): {answer.reason}", *candidates)
        reason = f"{answer.reason} ({log.name}); the response does not tell it"
        if answer.how is How.TIME:
            reason += "; by its time alone: another request of that moment could have caused it"
        return with_error(finding, self._masked(answer.error), reason)

    def _wanted(self, finding: Finding, exchange: Exchange) -> Wanted:
        from smoke.database.log_match import Wanted

        started = datetime.fromisoformat(exchange.started_at)
        keys = tuple(dict.fromkeys(_UNIQUE.findall(self._request_text(exchange))))
        return Wanted(
            started=started,
            finished=started + timedelta(seconds=exchange.timing.total or 0.0),
            ids=tuple(item.value for item in finding.correlations),
            keys=keys,
        )

    def _request_text(self, exchange: Exchange) -> str:
        body = exchange.request.body
        headers = "\n".join(value.decode("latin-1") for _, value in exchange.request.headers)
        if not body.path or body.size > _LARGEST_REQUEST:
            return headers
        try:
            return f"{headers}\n{(self._folder / body.path).read_text('utf-8', 'replace')}"
        except OSError:
            return headers  # a body that could not be kept is one way less to recognise the entry

    def _masked(self, error: DatabaseError) -> DatabaseError:
        secrets = self._services.secrets.current

        def masked(text: str | None) -> str | None:
            return mask_text(text, secrets) if text else text

        return dataclasses.replace(
            error,
            message_primary=masked(error.message_primary),
            message_detail=masked(error.message_detail),
            message_hint=masked(error.message_hint),
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
        key = (
            error.sqlstate,
            error.constraint_name,
            error.table_name,
            error.message_detail,
            scenario.fix,
        )
        with self._lock:
            if key not in self._told and len(self._told) < MOST:
                with control.waiting():
                    self._told[key] = self._ask(finding, scenario, orders, asking)
            told = self._told.get(key)
        if told is None:
            return finding
        secrets = self._services.secrets.current
        lines, remedies = told
        return dataclasses.replace(
            finding,
            database=tuple(mask_text(line, secrets) for line in lines),
            remedies=remedies,
        )

    def _ask(
        self, finding: Finding, scenario: ScenarioResult, orders: Orders, asking: Asking
    ) -> tuple[tuple[str, ...], tuple[Statement, ...]]:
        """What the database says, in lines, and what could be done there."""
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
                    database, finding, fix=fix, orders=placed, show_values=self._show_values
                )
            )
        except SmokeError as error:
            return (f"the database could not be asked ({asking.source}): {error}",), ()
        lines = (
            *told.lines(),
            *_elsewhere(asking, fix, told),
            f"asked through {asking.source}",
        )
        return lines, told.remedies


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


def _matters(finding: Finding) -> bool:
    return finding.severity.value == "error"


def _noting(finding: Finding, *notes: str) -> Finding:
    return dataclasses.replace(finding, notes=(*finding.notes, *notes))


def _saying(finding: Finding, line: str) -> Finding:
    return dataclasses.replace(finding, database=(*finding.database, line))


def _named(error: DatabaseError) -> str:
    words = (error.sqlstate, error.condition_name, error.constraint_name, error.message_primary)
    return " ".join(word for word in words if word)
