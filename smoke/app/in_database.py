"""What the database behind the deployment says of a finding's error, asked once for each of a run."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.app.refused import TOO_MANY, no_room, refusal
from smoke.app.under_way import under_way
from smoke.classify import fingerprint
from smoke.diagnostic import SmokeError
from smoke.logs.given import SAFE
from smoke.model.dberror import DatabaseError
from smoke.model.exchange import Delivery
from smoke.model.finding import (
    IN_CATALOGUE,
    POSSIBLE_CAUSE,
    Finding,
    Known,
    Possible,
    Severity,
    Source,
)
from smoke.model.run import OrderState
from smoke.redact import mask_text

if TYPE_CHECKING:
    from smoke.app.asking import Asking
    from smoke.app.counting import Counting
    from smoke.database.enrich import Enrichment
    from smoke.database.session import Database
    from smoke.engine.control import Control
    from smoke.model.finding import Statement
    from smoke.model.run import Attempt, PlacedOrder, ScenarioResult, StepResult
    from smoke.redact import Secrets

    Orders = tuple[PlacedOrder, ...]

_UNNAMED = frozenset({"error-hidden", "database-unreachable"})
"""Codes of findings that have an error behind them which nobody names."""
_NOTHING = Known()
MOST = 5
"""Different errors of a run that the database is asked about."""
_REFUSES = frozenset({TOO_MANY, "57P03"})
"""With what a server refuses everybody's connection, ours as the shop's."""
_MOST_POSSIBLE = 3
"""Possible errors of a finding that the database is asked about."""
_PATIENCE = 20.0
"""Seconds for the questions about one error; with less left, the server's other databases are not asked."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the database said of one error; `enriched` is None where it could not be asked."""

    lines: tuple[str, ...] = ()
    remedies: tuple[Statement, ...] = ()
    known: Known = _NOTHING
    possible: tuple[Possible, ...] = ()
    enriched: Enrichment | None = None


class InDatabase:
    """Asks one database about the errors of findings. Safe to share between workers.

    `secrets` gives what has to be masked in its words; `show_values` shows values of its rows, not only keys.
    Not `at_once`, the findings are of a run that is over: what stands out in the database now says nothing of them.
    `counting` has what it counted while orders were placed.
    """

    def __init__(
        self,
        asking: Asking,
        secrets: Callable[[], Secrets],
        *,
        show_values: bool = False,
        at_once: bool = True,
        counting: Counting | None = None,
    ) -> None:
        self._asking = asking
        self._counting = counting
        self._secrets = secrets
        self._show_values = show_values
        self._at_once = at_once
        self._name: str | None = None
        self._answers: dict[tuple[DatabaseError, str, str], _Answer] = {}
        self._lock = threading.Lock()

    def enriched(
        self, finding: Finding, scenario: ScenarioResult, orders: Orders, control: Control
    ) -> Finding:
        """The finding with what the database says of its error; as it is where it has none, or nobody is to be asked."""
        finding = self._proven(finding, scenario, orders, control)
        error = finding.database_error
        if error is None and self._at_once and finding.code in _UNNAMED:
            error = DatabaseError()  # what stands out in the database now
        if error is None or not self._asking.available:
            return finding
        if control.over:
            return _saying(finding, f"database not asked: {control.why_over()}")
        told = self._answer(finding, error, scenario, orders, control)
        if told is None:
            return _saying(finding, f"database not asked: it was about {MOST} other errors already")
        secrets = self._secrets()
        if told.enriched is not None and told.enriched.completed is not None:
            finding = self._completed(finding, told.enriched, told.enriched.completed, scenario)
        definition = mask_text(told.known.definition, secrets)
        return dataclasses.replace(
            finding,
            database=tuple(mask_text(line, secrets) for line in told.lines),
            remedies=tuple(_masked(remedy, secrets) for remedy in told.remedies),
            known=dataclasses.replace(told.known, definition=definition),
            possible=finding.possible if finding.database_error else self._with(told, finding),
        )

    def unveiled(
        self,
        scenario: ScenarioResult,
        step: StepResult,
        attempt: Attempt,
        orders: Orders,
        control: Control,
    ) -> Finding | None:
        """A finding where neither the answer nor a log shows an error: of what stands out in the database now.

        None where nothing does, or where there was nothing to be written.
        """
        exchange = attempt.exchanges[-1] if attempt.exchanges else None
        if exchange is None or not self._asking.available or control.over or not self._at_once:
            return None
        sent = exchange.error is None or exchange.error.delivery is not Delivery.NOT_SENT
        if not sent or (exchange.response is not None and _reads(attempt)):
            return None
        blank = Finding(
            code=POSSIBLE_CAUSE,
            title="the database shows something that may be behind this failure",
            severity=Severity.NOTE,
            scenario=scenario.name,
            step=step.id,
            attempt=attempt.number,
            exchange_id=exchange.id,
        )
        told = self._answer(blank, DatabaseError(), scenario, orders, control)
        if told is None or not (told.possible or (told.enriched and told.enriched.stands_out)):
            return None
        secrets = self._secrets()
        found = dataclasses.replace(
            blank,
            database=tuple(mask_text(line, secrets) for line in told.lines),
            possible=self._with(told, blank),
        )
        return dataclasses.replace(found, fingerprint=fingerprint(found, step.name))

    def _answer(
        self,
        finding: Finding,
        error: DatabaseError,
        scenario: ScenarioResult,
        orders: Orders,
        control: Control,
    ) -> _Answer | None:
        """What the database says of an error, asked once; None when it was asked about many others already."""
        named = bool(error.sqlstate or error.constraint_name or error.message_primary)
        # what stands out now is another thing for each request
        key = (
            dataclasses.replace(error, citations=()),
            scenario.fix,
            "" if named else finding.exchange_id,
        )
        with control.waiting(), self._lock:
            alike = sum(bool(known[2]) is not named for known in self._answers)
            if key not in self._answers and alike < MOST:
                self._answers[key] = self._ask(finding, scenario, orders, self._asking, control)
            return self._answers.get(key)

    def _proven(
        self, finding: Finding, scenario: ScenarioResult, orders: Orders, control: Control
    ) -> Finding:
        """The finding, with one of its possible errors as the cause where the database knows that it is this order's.

        The time alone proves nothing; the row that it collides with does, where an order of this scenario made it, and
        so does a limit of connections that is reached, where nothing else was logged of that moment.
        """
        nothing = not finding.possible or finding.database_error is not None
        if nothing or not self._asking.available or control.over:
            return finding
        from smoke.logs.explained import proven

        ours = []
        for possible in finding.possible[:_MOST_POSSIBLE]:
            if not possible.error.message_detail:
                continue
            asked = dataclasses.replace(finding, database_error=possible.error)
            told = self._answer(asked, possible.error, scenario, orders, control)
            collision = told.enriched.collision if told is not None and told.enriched else None
            if collision is not None and collision.orders:
                ours.append((possible, collision.orders))
        alone = [possible for possible in finding.possible if possible.alone]
        if not ours and len(alone) == 1 and (by := self._no_room(alone[0], control)):
            return proven(finding, alone[0], by, _step_name(finding, scenario))
        if len(ours) != 1:
            return finding
        ((possible, made),) = ours
        source = self._asking.source
        by = f"the row that it collides with was made by {', '.join(made)} (asked through {source})"
        return proven(finding, possible, by, _step_name(finding, scenario))

    def _with(self, told: _Answer, finding: Finding) -> tuple[Possible, ...]:
        """What is possible of a finding without an error, by a log or by the state of the database."""
        from smoke.app.in_log import masked_error

        secrets = self._secrets()
        states = {possible.error.sqlstate for possible in finding.possible}
        found = [
            Possible(
                masked_error(each.error, lambda text: mask_text(text, secrets)),
                mask_text(each.reason, secrets),
            )
            for each in told.possible
            if each.error.sqlstate not in states
        ]
        return (*finding.possible, *found)

    def _no_room(self, alone: Possible, control: Control) -> str:
        """What shows that a refused connection is the order's error; empty where nothing does.

        `alone` is the only one of that moment: whatever else was logged then was logged just before or after, too.
        """
        if alone.error.sqlstate != TOO_MANY or not self._at_once:
            return ""
        with control.waiting(), self._lock:
            within = min(control.remaining(), _PATIENCE)
            by = no_room(self._asking, alone.error.message_primary or "", within)
        if not by:
            return ""
        return f"the log has nothing else of that moment that was not there before or after it too; {by}"

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

        secrets = self._secrets()
        how = mask_text(f"inferred: {enriched.inferred_by}", secrets)
        sources = [Source(field, IN_CATALOGUE, how) for field in enriched.inferred]
        step = _step_name(finding, scenario)
        error = masked_error(completed, lambda text: mask_text(text, secrets))
        return with_fields(finding, error, sources, step)

    def name(self) -> str:
        """The name of the database that the DSN leads to, by its own word: a pooler may call it otherwise."""
        with self._lock:
            if self._name is None:
                self._name = self._asked_name()
            return self._name

    def _asked_name(self) -> str:
        if not self._asking.available:
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
        control: Control,
    ) -> _Answer:
        """What the database says, in lines and as values, and what could be done there."""
        within = min(control.remaining(), _PATIENCE)
        fix = Path(scenario.fix) if scenario.fix else None
        counting, compared = self._counting, None
        if counting is not None and finding.database_error is None:
            compared = counting.compared(finding, scenario, orders)

        def asked(database: Database) -> Enrichment:
            from smoke.database.enrich import enrich

            return enrich(
                database,
                finding,
                fix=fix,
                orders=_placed(orders),
                show_values=self._show_values,
                elsewhere=within == _PATIENCE,
                request=under_way(finding, scenario) if self._at_once else None,
                compared=compared,
            )

        try:
            told = asking.ask(asked, within)
            if told.waits and counting is not None and compared is not None:
                compared = counting.settled(compared, control)
                told = told if compared is None else asking.ask(asked, within)
        except SmokeError as error:
            line = f"the database could not be asked ({asking.source}): {error}"
            return _Answer((line,), possible=_met(error, asking) if self._at_once else ())
        lines = (
            *told.lines()[:-1],
            *(_elsewhere(asking, fix, told) if within == _PATIENCE else ()),
            f"asked through {asking.source}: {told.database.line()}",
        )
        return _Answer(lines, told.remedies, told.known, told.possible, told)


def _placed(orders: Orders) -> dict[str, str]:
    """The ids of orders that the shop has, by their keys."""
    return {
        order.key: order.order_id
        for order in orders
        if order.state is OrderState.PLACED and order.order_id
    }


def _met(error: SmokeError, asking: Asking) -> tuple[Possible, ...]:
    """The error with which the server refused our own connection: possible for whoever connects now."""
    told = refusal(error)
    if told is None or told.sqlstate not in _REFUSES:
        return ()
    reason = (
        f"smoke's own connection was refused with it right after the answer ({asking.source}); that is so now, and whether"
        " the shop met it is not told"
    )
    return (Possible(dataclasses.replace(told, citations=()), reason),)


def _reads(attempt: Attempt) -> bool:
    return all(exchange.request.method in SAFE for exchange in attempt.exchanges)


def _elsewhere(asking: Asking, fix: Path | None, told: Enrichment) -> list[str]:
    """Whether a fix that is missing here went to another database of the server."""
    from smoke.database.elsewhere import applied_in, databases_beside
    from smoke.database.migration.verdict import Verdict

    if fix is None or told.fix is None or asking.dsn is None:
        return []
    if told.fix.overall not in (Verdict.NOT_APPLIED, Verdict.PARTLY):
        return []
    try:
        names = applied_in(asking.dsn, asking.ask(databases_beside), fix, told.fix.statements)
    except SmokeError:
        return []  # a role that may not look elsewhere is no fault of this database
    return [
        f"the fix is applied in database {name} of the same server: was it run there by mistake?"
        for name in names
    ]


def _masked(statement: Statement, secrets: Secrets) -> Statement:
    """A rule's definition is the database's text, and is in the SQL that widens it."""
    return dataclasses.replace(statement, sql=mask_text(statement.sql, secrets))


def _step_name(finding: Finding, scenario: ScenarioResult) -> str:
    return next((step.name for step in scenario.steps if step.id == finding.step), "")


def _saying(finding: Finding, line: str) -> Finding:
    return dataclasses.replace(finding, database=(*finding.database, line))
