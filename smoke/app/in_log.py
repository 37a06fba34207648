"""A finding whose response hides the error, with the error that the server's log tells instead."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.app.server_log import Log, wait_for
from smoke.classify import with_error
from smoke.diagnostic import SmokeError
from smoke.model import made_up
from smoke.model.correlation import sent_with, trace_and_span, trace_ids
from smoke.redact import Secrets, mask_text

if TYPE_CHECKING:
    from smoke.logs.match import LogAnswer, Wanted
    from smoke.model.dberror import DatabaseError
    from smoke.model.exchange import Exchange
    from smoke.model.finding import Finding
    from smoke.model.run import Attempt

HIDING = frozenset({"error-hidden", "server-error", "database-error"})
"""Codes of findings that have an error behind them which they do not name."""
_LARGEST_REQUEST = 256 * 1024
_MOST_CANDIDATES = 5


class InLog:
    """Looks errors up in one server's log. Safe to share between workers.

    `folder` is the run's, `secrets` gives what has to be masked in a text of the log. `also` are values by which
    every request of the run is known, such as its id.
    """

    def __init__(
        self,
        log: Log,
        folder: Path,
        secrets: Callable[[], Secrets],
        also: tuple[str, ...] = (),
    ) -> None:
        self._log = log
        self._folder = folder
        self._secrets = secrets
        self._also = also

    def looked_up(
        self, finding: Finding, attempt: Attempt, patience: float, sleep: Callable[[float], bool]
    ) -> Finding:
        """The finding, with its error when the log has just one, else with a note that says why not.

        Waits up to `patience` seconds for an entry; `sleep` is False when the wait is cut short.
        """
        if finding.database_error is not None or finding.code not in HIDING:
            return finding
        exchange = next((e for e in attempt.exchanges if e.id == finding.exchange_id), None)
        if exchange is None:
            return finding
        from smoke.logs.match import How, find_error

        wanted = self._wanted(finding, exchange)
        answers: list[LogAnswer] = []

        def look() -> bool:
            answers[:] = [find_error(self._log.entries(wanted), wanted)]
            # by its time alone an error is taken only when no surer one came within the patience
            return answers[0].how in (How.ID, How.KEY)

        try:
            wait_for(look, patience, sleep)
        except SmokeError as error:
            return _noting(finding, f"the server's log: {error}")
        return self._told(finding, answers[0])

    def _told(self, finding: Finding, answer: LogAnswer) -> Finding:
        from smoke.classify.hiding import tells_another
        from smoke.logs.match import How

        errors = [self._masked(error) for error in answer.errors[:_MOST_CANDIDATES]]
        by_time = answer.how is How.TIME
        if answer.error is not None and not (by_time and tells_another(finding)):
            reason = f"{answer.reason} ({self._log.name}); the response does not tell it"
            if by_time:
                reason += "; by its time alone: another request of that moment could have caused it"
            return with_error(finding, errors[0], reason)
        reason = answer.reason
        if answer.error is not None:
            reason = "it has an error of that time, but the response tells of another one"
        hints = (self._log.hint,) if self._log.hint and not errors else ()
        return dataclasses.replace(
            _noting(finding, f"the server's log ({self._log.name}): {reason}", *hints),
            ambiguous=(*finding.ambiguous, *errors),
        )

    def _wanted(self, finding: Finding, exchange: Exchange) -> Wanted:
        from smoke.logs.match import Wanted

        started = datetime.fromisoformat(exchange.started_at)
        headers = [
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in exchange.request.headers
        ]
        sent = [item.value for item in sent_with(exchange.request.headers)]
        told = [item.value for item in finding.correlations if not item.sent]
        # the trace is that of the whole run: it is a key, where a log's other spans of it are no other request's
        ids = [value for value in (*told, *sent) if trace_and_span(value) is None]
        ids += [pair[1] for value in sent if (pair := trace_and_span(value)) is not None]
        ids += trace_ids(value for value in told if value not in sent)
        keys = [*self._also, *(value for name, value in headers if name == "idempotency-key")]
        keys += trace_ids(sent)
        keys += made_up.found_in(self._request_text(exchange))
        return Wanted(
            started=started,
            finished=started + timedelta(seconds=exchange.timing.total or 0.0),
            ids=tuple(dict.fromkeys(ids)),
            keys=tuple(dict.fromkeys(keys)),
        )

    def _request_text(self, exchange: Exchange) -> str:
        """The URL and the body, as they are kept."""
        url, body = exchange.request.url, exchange.request.body
        if not body.path or body.size > _LARGEST_REQUEST:
            return url
        try:
            return f"{url}\n{(self._folder / body.path).read_text('utf-8', 'replace')}"
        except OSError:
            return url  # a body that could not be kept is one way less to recognise the entry

    def _masked(self, error: DatabaseError) -> DatabaseError:
        secrets = self._secrets()
        texts: dict[str, str | tuple[str, ...]] = {
            field.name: mask_text(value, secrets)
            for field in dataclasses.fields(error)
            if type(value := getattr(error, field.name)) is str and field.name != "dialect"
        }
        # the columns are read from the detail: whoever made that text could put anything there
        texts["columns"] = tuple(mask_text(column, secrets) for column in error.columns)
        changed = {name: text for name, text in texts.items() if text != getattr(error, name)}
        return dataclasses.replace(error, **changed) if changed else error  # type: ignore[arg-type]  # names are the fields'


def _noting(finding: Finding, *notes: str) -> Finding:
    return dataclasses.replace(finding, notes=(*finding.notes, *notes))
