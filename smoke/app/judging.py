"""`smoke judge`: a stored run evaluated again, with today's rules, and with logs and a database if they are at hand.

Nothing is sent, and the stored run is not changed.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from smoke.app.in_database import InDatabase
from smoke.app.log_later import logs_of, looked_up
from smoke.app.options import DEFAULT_OUT
from smoke.app.rejudged import again, weighed
from smoke.app.stored import open_run
from smoke.classify import classify, fingerprint
from smoke.diagnostic import SmokeError
from smoke.engine.control import Control, SystemClock
from smoke.model.events import AttemptFinished
from smoke.model.exchange import Exchange
from smoke.model.finding import Finding, Severity
from smoke.model.run import Attempt, Run, ScenarioResult, StepResult
from smoke.redact import Secrets
from smoke.store import RunFolder
from smoke.store.runs import LATEST

if TYPE_CHECKING:
    from smoke.app.asking import Asking
    from smoke.model.dberror import DatabaseError

_OWN_VARIABLE = "SMOKE_DSN"

Key = tuple[str, str, int]
"""A scenario, a step's id and an attempt's number."""


class Change(Struct, frozen=True):
    """An attempt whose findings are others now."""

    scenario: str
    step: str
    called: str
    attempt: int
    then: tuple[Finding, ...]
    now: tuple[Finding, ...]


class Judged(Struct, frozen=True):
    """A stored run as it is judged now, beside what it was judged to be then."""

    run: Run
    then: Run
    changes: tuple[Change, ...] = ()


def judge(
    run: str | os.PathLike[str] = LATEST,
    *,
    out: str | os.PathLike[str] = DEFAULT_OUT,
    logs: Sequence[str] = (),
    log_token_env: str = "",
    dsn_env: str = "",
    show_values: bool = False,
    environ: Mapping[str, str] | None = None,
) -> Judged:
    """Evaluate a stored run again: an id (or its beginning) below `out`, `latest`, or the path of its folder.

    `logs` are those of its time, `dsn_env` names the variable with the DSN of the shop's database (else the run's own,
    SMOKE_DSN or DATABASE_URL, where they are set). Raises SmokeError.
    """
    folder = open_run(run, out=out)
    logs = (logs,) if isinstance(logs, str) else tuple(logs)
    environ = os.environ if environ is None else environ
    then = folder.run()
    asked_then = then.asked.dsn_env if then.asked is not None else ""
    asking = _database(environ, dsn_env, asked_then if environ.get(asked_then, "").strip() else "")
    with asking or nullcontext():
        now, problems = _classified(folder, then, fresh=bool(logs))
        in_database = None
        if asking is not None:
            in_database = InDatabase(asking, _no_secrets, show_values=show_values, at_once=False)
            now = replace(
                now, asked=replace(now.asked, database=True) if now.asked is not None else None
            )
        if logs:
            name = str if in_database is None else in_database.name
            in_log = logs_of(now, folder, logs, environ, log_token_env, database=name)
            now = now if in_log is None else looked_up(now, in_log)
        if in_database is not None:
            now = _asked(now, in_database)
    if problems:
        now = replace(now, problems=(*now.problems, *problems))
    return Judged(now, then, tuple(changes(then, now)))


def _database(environ: Mapping[str, str], named: str, then: str) -> Asking | None:
    """The database to ask; None where none is named. Raises SmokeError for one that is named and cannot be."""
    from smoke.app.asking import Asking, dsn_of

    try:
        dsn = dsn_of(environ, named, then)
    except SmokeError:
        if named or then or environ.get(_OWN_VARIABLE, "").strip():
            raise
        return (
            None  # DATABASE_URL is many tools' word: it may name a database that is not PostgreSQL
        )
    return None if dsn is None else Asking(dsn)


def _no_secrets() -> Secrets:
    """What the run kept secret is not known any more; what looks like a secret is masked all the same."""
    return Secrets.of({})


def _asked(run: Run, database: InDatabase) -> Run:
    """The run with what the database says of the errors of steps that did not pass."""
    control = Control(SystemClock())

    def told(scenario: ScenarioResult, step: StepResult, attempt: Attempt) -> tuple[Finding, ...]:
        if not step.outcome.bad:
            return attempt.findings
        orders = tuple(order for order in run.orders if order.scenario == scenario.name)
        return tuple(
            database.enriched(finding, scenario, orders, control)
            if finding.severity is Severity.ERROR
            else finding
            for finding in attempt.findings
        )

    return again(run, told)


def _classified(folder: RunFolder, then: Run, *, fresh: bool) -> tuple[Run, list[str]]:
    """The run with the findings that its stored answers give today, and what could not be judged again.

    An answer that is not there any more, or was changed, keeps its findings. `fresh`: logs are asked again, so what
    they told then counts for nothing.
    """
    first = {
        (event.scenario, event.step, event.attempt.number): event.attempt.findings
        for event in folder.events()
        if isinstance(event, AttemptFinished)
    }
    judge = _Judge(folder, then, first, fresh=fresh)
    return again(then, judge.findings), judge.problems


def changes(then: Run, now: Run) -> Iterator[Change]:
    """Every attempt whose findings say something else now than they did then."""
    for before, after in zip(then.scenarios, now.scenarios, strict=True):
        for old, new in zip(before.steps, after.steps, strict=True):
            for was, is_ in zip(old.attempts, new.attempts, strict=True):
                if not alike(was.findings, is_.findings):
                    yield Change(
                        after.name, new.id, new.called, is_.number, was.findings, is_.findings
                    )


def alike(first: Iterable[Finding], second: Iterable[Finding]) -> bool:
    """Whether findings say the same of what went wrong, whoever added to them."""
    return [_said(finding) for finding in first] == [_said(finding) for finding in second]


def _said(finding: Finding) -> tuple[object, ...]:
    """What a reader is told of a finding's error; where it stands in the answer may be told otherwise."""
    return (
        finding.code,
        finding.title,
        finding.severity,
        finding.hiding,
        finding.database_error and named(finding.database_error),
        tuple(named(possible.error) for possible in finding.possible),
    )


def named(error: DatabaseError) -> tuple[str, ...]:
    """The names by which an error is told from others: its code, its rule, its table and columns."""
    columns = error.columns or ((error.column_name,) if error.column_name else ())
    found = (error.sqlstate, error.condition_name, error.constraint_name, error.table_name)
    return (*(name for name in found if name), *columns)


class _Judge:
    """Classifies stored exchanges again. `first` are the findings of each attempt before anything was looked up."""

    def __init__(
        self,
        folder: RunFolder,
        run: Run,
        first: Mapping[Key, tuple[Finding, ...]],
        *,
        fresh: bool,
    ) -> None:
        self._folder = folder
        self._fresh = fresh
        self._first = first
        self._orders = {(order.scenario, order.step) for order in run.orders}
        self._changed = {
            differs.exchange_id: f"{differs.path}: {differs.problem}"
            for differs in folder.verify()
            if differs.problem != "incomplete"
        }
        self.problems: list[str] = []

    def findings(
        self, scenario: ScenarioResult, step: StepResult, attempt: Attempt
    ) -> tuple[Finding, ...]:
        found: list[Finding] = []
        for exchange in attempt.exchanges:
            was = [each for each in attempt.findings if each.exchange_id == exchange.id]
            first = [
                each
                for each in self._first.get((scenario.name, step.id, attempt.number), ())
                if each.exchange_id == exchange.id
            ]
            now = self._of(exchange, scenario, step, attempt)
            if now is None:
                found += was
            else:
                found += now if self._fresh else _looked_up_then(now, first, was)
        return tuple(found)

    def _of(
        self, exchange: Exchange, scenario: ScenarioResult, step: StepResult, attempt: Attempt
    ) -> list[Finding] | None:
        """What an exchange shows; None where its evidence is not what it was."""
        if exchange.response is None or exchange.received:  # an answer of smoke's own shows nothing
            return []
        problem = self._changed.get(exchange.id, "")
        if not problem:
            try:
                window = self._folder.window(exchange.response.body)
            except SmokeError as error:
                problem = str(error)
        if problem:
            self.problems.append(
                f"{scenario.name}: {step.called} is not judged again, its evidence was changed ({problem})"
            )
            return None
        orders = (scenario.name, step.id) in self._orders
        found = []
        for given in classify(exchange, window, self.problems.append):
            finding = weighed(given, exchange, attempt, step, orders=orders)
            found.append(
                dataclasses.replace(
                    finding,
                    scenario=scenario.name,
                    step=step.id,
                    attempt=attempt.number,
                    exchange_id=exchange.id,
                    fingerprint=fingerprint(finding, step.name),
                )
            )
        return found


def _looked_up_then(now: list[Finding], first: list[Finding], was: list[Finding]) -> list[Finding]:
    """The findings of now with what a log and the database told then, where that belongs to the same error."""
    if alike(now, first):
        return was  # today's rules see nothing else: what was looked up then is as true as it was
    looked_up = {_rule(finding): finding for finding in was}
    kept = []
    for finding in now:
        old = looked_up.get(_rule(finding))
        if old is not None and finding.database_error is not None:
            kept.append(
                dataclasses.replace(
                    finding, database=old.database, remedies=old.remedies, known=old.known
                )
            )
        else:
            kept.append(finding)
    if (
        len(now) == len(was) == 1
        and now[0].database_error is None
        and was[0].found_in != "response"
    ):
        return was  # the answer still hides what a log told
    return kept


def _rule(finding: Finding) -> tuple[object, ...]:
    error = finding.database_error
    if error is None:
        return (finding.code,)
    return (error.sqlstate, error.constraint_name, error.table_name)
