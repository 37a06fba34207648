"""The findings of a failed attempt, with what a log tells of them: what their response hides, or leaves out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.app.server_log import Log, wait_for
from smoke.diagnostic import SmokeError
from smoke.model.finding import Finding, Severity
from smoke.redact import Secrets, mask_text

if TYPE_CHECKING:
    from smoke.logs.belonging import Belongings
    from smoke.logs.match import LogAnswer
    from smoke.logs.wanted import Wanted
    from smoke.model.dberror import DatabaseError
    from smoke.model.exchange import Body
    from smoke.model.run import Attempt, PlacedOrder, ScenarioResult, StepResult

_LARGEST_BODY = 256 * 1024
_MOST_READ = 8 * 1024 * 1024
"""Bytes of a scenario's bodies that are read: it may have thousands of steps."""
_NOT_LOOKED_UP = frozenset({"auth-wall"})
"""Codes of findings that the shop has no part in."""
_MOST_ATTEMPTS = 10
"""Attempts of one step that are looked up: the last ones, where it asked again and again."""


class InLog:
    """Looks errors up in logs. Safe to share between workers.

    `folder` is the run's, `secrets` gives what has to be masked in a text of a log. `also` are values by which
    every request of the run is known, such as its id. `database` gives the name of the shop's database, where it is
    known; `repeated` says that other runs make the same customers (a fixed seed).
    """

    def __init__(
        self,
        log: Log,
        folder: Path,
        secrets: Callable[[], Secrets],
        also: tuple[str, ...] = (),
        *,
        database: Callable[[], str] = str,
        repeated: bool = False,
    ) -> None:
        self._log = log
        self._folder = folder
        self._secrets = secrets
        self._also = also
        self._database = database
        self._repeated = repeated

    def belongings(
        self,
        scenario: ScenarioResult,
        orders: Sequence[PlacedOrder],
        beside: Sequence[ScenarioResult],
    ) -> Belongings:
        """What belongs to the customers of a scenario so far; `beside` are all scenarios of its run."""
        from smoke.logs.belonging import belongings

        left = _MOST_READ

        def read(body: Body) -> str:
            nonlocal left
            text = self._text(body) if body.size <= left else ""
            left -= len(text)
            return text

        return belongings(scenario, orders, read, also=self._also, beside=beside)

    def looked_up(
        self,
        belongings: Belongings,
        place: int,
        step: StepResult,
        attempt: Attempt,
        scenario: str,
        patience: float,
        sleep: Callable[[float], bool],
    ) -> tuple[Finding, ...]:
        """The findings of an attempt: with their error where the log has just one, else with a note that says why not.

        An attempt that failed without one gets a finding where the log tells of its error. `place` is the attempt's
        in its scenario. Waits up to `patience` seconds for an entry; `sleep` is False when the wait is cut short.
        """
        found = attempt.findings
        if not attempt.exchanges or any(finding.code in _NOT_LOOKED_UP for finding in found):
            return found
        serious = [finding for finding in found if finding.severity is Severity.ERROR]
        if not serious:
            blank = Finding(
                code="",
                title="",
                scenario=scenario,
                step=step.id,
                attempt=attempt.number,
                exchange_id=attempt.exchanges[-1].id,
            )
            made = self._unveiled(belongings, place, attempt, blank, step.name, patience, sleep)
            return found if made is None else (*found, made)
        return tuple(
            self._explained(belongings, place, attempt, finding, step.name, patience, sleep)
            if finding.severity is Severity.ERROR and _lacks(finding)
            else finding
            for finding in found
        )

    def _explained(
        self,
        belongings: Belongings,
        place: int,
        attempt: Attempt,
        finding: Finding,
        step: str,
        patience: float,
        sleep: Callable[[float], bool],
    ) -> Finding:
        from smoke.classify import fingerprint
        from smoke.logs.explained import explained

        wanted = self._wanted(belongings, place, attempt, finding)
        try:
            answer = self._answer(wanted, patience, sleep)
        except SmokeError as error:
            if finding.database_error is not None:
                return finding
            note = f"the server's log: {mask_text(str(error), self._secrets())}"
            return dataclasses.replace(finding, notes=(*finding.notes, note))
        told = explained(finding, answer, self._log.name, hint=self._log.hint)
        if told.fingerprint == finding.fingerprint:
            return told
        return dataclasses.replace(told, fingerprint=fingerprint(told, step))

    def _unveiled(
        self,
        belongings: Belongings,
        place: int,
        attempt: Attempt,
        blank: Finding,
        step: str,
        patience: float,
        sleep: Callable[[float], bool],
    ) -> Finding | None:
        from smoke.classify import fingerprint, with_names
        from smoke.logs.explained import unveiled

        wanted = self._wanted(belongings, place, attempt, None)
        try:
            answer = self._answer(wanted, patience, sleep)
        except SmokeError:
            return None  # there is no finding that could say so; the log was readable when the run began
        told = unveiled(with_names(blank, attempt.exchanges[-1]), answer, self._log.name)
        if told is None:
            return None
        return dataclasses.replace(told, fingerprint=fingerprint(told, step))

    def _answer(self, wanted: Wanted, patience: float, sleep: Callable[[float], bool]) -> LogAnswer:
        from smoke.logs.match import How, find_error

        answers: list[LogAnswer] = []

        def look() -> bool:
            answers[:] = [find_error(self._log.entries(wanted), wanted)]
            # what is less sure counts only when nothing surer came within the patience
            return answers[0].how in (How.ID, How.KEY) and bool(answers[0].errors)

        wait_for(look, patience, sleep)
        return self._masked(answers[0])

    def _wanted(
        self, belongings: Belongings, place: int, attempt: Attempt, finding: Finding | None
    ) -> Wanted:
        response = attempt.exchanges[-1].response
        said = [] if finding is None else [finding.title]
        if response is not None:
            said.append(self._text(response.body))
        return belongings.wanted(
            place,
            attempt,
            finding,
            said="\n".join(said),
            database=self._database(),
            repeated=self._repeated,
        )

    def _text(self, body: Body) -> str:
        """A body as it is kept."""
        if body.text or not body.path or body.size > _LARGEST_BODY:
            return body.text
        try:
            return (self._folder / body.path).read_text("utf-8", "replace")
        except OSError:
            return ""  # a body that could not be kept is one way less to recognise the entry

    def _masked(self, answer: LogAnswer) -> LogAnswer:
        secrets = self._secrets()

        def mask(text: str) -> str:
            return mask_text(text, secrets)

        return dataclasses.replace(
            answer,
            errors=tuple(masked_error(error, mask) for error in answer.errors),
            logged=tuple(
                dataclasses.replace(told, error=masked_error(told.error, mask), why=mask(told.why))
                for told in answer.logged
            ),
            before=tuple(masked_error(error, mask) for error in answer.before),
            then=tuple(masked_error(error, mask) for error in answer.then),
            said=tuple(mask(text) for text in answer.said),
            reason=mask(answer.reason),
            by=mask(answer.by),
        )


def failed_attempts(step: StepResult) -> tuple[Attempt, ...]:
    """The attempts of a step that something speaks against, the last ones of many."""
    last = step.attempts[-1:] if not step.flaky else ()
    found = [
        attempt
        for attempt in step.attempts
        if attempt in last
        or any(finding.severity is Severity.ERROR for finding in attempt.findings)
        or any(
            exchange.error is not None
            or (exchange.response is not None and exchange.response.status >= 400)
            for exchange in attempt.exchanges
        )
    ]
    return tuple(found[-_MOST_ATTEMPTS:])


def _lacks(finding: Finding) -> bool:
    """Whether a log could add to what a finding tells."""
    error = finding.database_error
    if error is None:
        return True
    if not (error.sqlstate or "").startswith("23"):
        return not (error.sqlstate and error.message_primary)
    rule = error.constraint_name or error.column_name
    return not (error.sqlstate and rule and error.table_name and error.message_detail)


def masked_error(error: DatabaseError, mask: Callable[[str], str]) -> DatabaseError:
    """An error with every text of it masked."""
    texts: dict[str, str | tuple[str, ...]] = {
        field.name: mask(value)
        for field in dataclasses.fields(error)
        if type(value := getattr(error, field.name)) is str and field.name != "dialect"
    }
    # the columns are read from the detail: whoever made that text could put anything there
    texts["columns"] = tuple(mask(column) for column in error.columns)
    changed = {name: text for name, text in texts.items() if text != getattr(error, name)}
    return dataclasses.replace(error, **changed) if changed else error  # type: ignore[arg-type]  # names are the fields'
