"""The PostgreSQL log of a Supabase project, through the Management API: read only, with a token from the environment.

`GET /v1/projects/REF/analytics/endpoints/logs` takes ClickHouse SQL over one table `logs`. A server that does not have it
(self-hosted, of before) answers at `…/logs.all`, in BigQuery's SQL, which Supabase itself removed in September 2026
(supabase.com/docs, Advanced Log Querying; Management API reference). It is asked second, and only what it gives counts:
that it is gone says nothing about the first answer.
Entries arrive there some seconds to a minute after they were written.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from smoke.diagnostic import SmokeError
from smoke.model.exchange import MEMORY_LIMIT, RawExchange, Request, Window
from smoke.text import safe_line, shorten

if TYPE_CHECKING:
    from smoke.engine.ports import Spill
    from smoke.logs.entry import LogEntry
    from smoke.logs.match import Wanted

PREFIX = "supabase:"
"""How `--postgres-log` names a project: `supabase:abcdefghijklmnopqrst`."""
TOKEN_VARIABLE = "SUPABASE_ACCESS_TOKEN"  # noqa: S105  (the name of a variable, as Supabase's own tools read it)
API = "https://api.supabase.com"
_QUERIES = {
    "logs": "select timestamp, event_message, log_attributes from logs where source = 'postgres_logs'"
    " and log_attributes['parsed.error_severity'] in ('ERROR', 'FATAL', 'PANIC') order by timestamp desc limit 200",
    "logs.all": "select postgres_logs.timestamp, event_message, metadata from postgres_logs"
    " cross join unnest(metadata) as m cross join unnest(m.parsed) as parsed"
    " where parsed.error_severity in ('ERROR', 'FATAL', 'PANIC') order by timestamp desc limit 200",
}
_BETWEEN = 1.0
"""Seconds between two questions: the API counts them."""
_TIMEOUT = 10.0
_LONGEST_WORDS = 300
_AROUND = timedelta(seconds=5)
_REFERENCE = re.compile(r"[a-z0-9]{8,40}")


class SupabaseLog:
    """Gives the errors from `started` until `ended`, or until now. Raises SmokeError for a name or token that is none."""

    def __init__(
        self,
        source: str,
        environ: Mapping[str, str],
        *,
        started: datetime,
        ended: datetime | None = None,
        token_variable: str = "",
        api: str = API,
    ) -> None:
        self._project = source.removeprefix(PREFIX)
        if _REFERENCE.fullmatch(self._project) is None:
            raise SmokeError.of(
                "bad-option",
                "--postgres-log supabase: takes a project's reference",
                notes=["for example supabase:abcdefghijklmnopqrst, as in the project's URL"],
            )
        variable = token_variable or TOKEN_VARIABLE
        self._token = environ.get(variable, "").strip()
        if not self._token:
            raise SmokeError.of(
                "missing-environment",
                f"the environment has no {variable}, with which Supabase's log is read",
                notes=["make a personal access token in the account's settings, and export it"],
            )
        self._started, self._ended, self._api = started, ended, api
        self._lock = threading.Lock()
        self._asked = -_BETWEEN
        self._known: list[LogEntry] = []

    @property
    def name(self) -> str:
        """What to call it."""
        return f"{PREFIX}{self._project}"

    @property
    def hint(self) -> str:
        """What to try when an error is not there."""
        return f"entries arrive there late: `smoke show --postgres-log {self.name}` looks again"

    def entries(self, wanted: Wanted) -> list[LogEntry]:  # noqa: ARG002  (the API was asked for the run's time)
        """The errors that have arrived. Raises SmokeError."""
        from smoke.logs.labelled import read_supabase

        with self._lock:
            if time.monotonic() - self._asked >= _BETWEEN:
                answer = self._answer()
                self._asked = time.monotonic()
                self._known = read_supabase(answer)
            return self._known

    def _answer(self) -> dict[str, Any]:
        status, answer = self._ask("logs")
        if status == 200 and not answer.get("error"):
            return answer
        if status in (200, 400, 404):
            former, older = self._ask("logs.all")
            if former == 200 and not older.get("error"):
                return older
        # whatever the former endpoint said, this is about the first answer
        words = _words(answer).replace(self._token, "[token]")
        hint = "may the token read this project?" if status in (401, 403, 404) else ""
        raise SmokeError.of(
            "unreadable-log",
            f"Supabase does not give the log of project {self._project}: HTTP {status}"
            + (f", {shorten(safe_line(words), _LONGEST_WORDS)}" if words else ""),
            notes=[hint] if hint else [],
        )

    def _ask(self, endpoint: str) -> tuple[int, dict[str, Any]]:
        from smoke.transport import Client, Options

        ended = self._ended or datetime.now(UTC)
        query = {
            "sql": _QUERIES[endpoint],
            "iso_timestamp_start": _utc(self._started - _AROUND),
            "iso_timestamp_end": _utc(ended + _AROUND),
        }
        path = f"/v1/projects/{self._project}/analytics/endpoints/{endpoint}"
        request = Request(
            "GET",
            f"{self._api}{path}?{urlencode(query)}",
            headers=(
                (b"Authorization", f"Bearer {self._token}".encode()),
                (b"Accept", b"application/json"),
            ),
        )
        with Client(Options(max_body=MEMORY_LIMIT)) as client:
            told = client.send(request, exchange_id="log", timeout=_TIMEOUT, spill=_no_spill)
        return _status(told, self._project), _object(told)


def _status(told: RawExchange, project: str) -> int:
    if told.response is None or told.error is not None:
        reason = told.error.message if told.error is not None else "no answer"
        raise SmokeError.of(
            "unreadable-log", f"Supabase does not give the log of project {project}: {reason}"
        )
    return told.response.status


def _object(told: RawExchange) -> dict[str, Any]:
    try:
        window = told.response.body.window if told.response is not None else Window()
        answer = json.loads(window.head + window.tail)
    except (ValueError, RecursionError):
        return {"error": "the answer is no JSON"}
    return answer if isinstance(answer, dict) else {"error": "the answer is no JSON object"}


def _words(answer: dict[str, Any]) -> str:
    """What an answer that gives no log says: `message`, or `error` as a text or an object with one."""
    for told in (answer.get("message"), answer.get("error")):
        inner = told.get("message") if isinstance(told, dict) else told
        if isinstance(inner, str) and inner.strip():
            return inner.strip()
    return ""


def _no_spill() -> Spill:
    raise AssertionError("the body's limit is what fits into memory")


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
