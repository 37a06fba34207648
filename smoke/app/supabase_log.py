"""The PostgreSQL log of a Supabase project, through the Management API: read only, with a token from the environment.

`GET /v1/projects/REF/analytics/endpoints/logs` takes ClickHouse SQL over one table `logs`. A server that does not have it
(self-hosted, of before) answers at `…/logs.all`, in BigQuery's SQL, which Supabase itself removed in September 2026
(supabase.com/docs, Advanced Log Querying; Management API reference). It is asked second, and only what it gives counts:
that it is gone says nothing about the first answer.
Entries arrive there some seconds to a minute after they were written. An answer has 1000 rows at most and a question
24 hours (changelog 34634), so that each exchange is asked for by its own time, page by page where a page is full.
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
"""How `--log` names a project: `supabase:abcdefghijklmnopqrst`."""
TOKEN_VARIABLE = "SUPABASE_ACCESS_TOKEN"  # noqa: S105  (the name of a variable, as Supabase's own tools read it)
API = "https://api.supabase.com"
_QUERIES = {
    "logs": "select timestamp, event_message, log_attributes from logs where source = 'postgres_logs'"
    " and log_attributes['parsed.error_severity'] in ('ERROR', 'FATAL', 'PANIC') order by timestamp desc limit 1000",
    "logs.all": "select postgres_logs.timestamp, event_message, metadata from postgres_logs"
    " cross join unnest(metadata) as m cross join unnest(m.parsed) as parsed"
    " where parsed.error_severity in ('ERROR', 'FATAL', 'PANIC') order by timestamp desc limit 1000",
}
_BETWEEN = 1.0
"""Seconds between two questions: the API counts them."""
_TIMEOUT = 10.0
_FULL = 1000
"""Rows of a full page."""
_MOST_PAGES = 5
_LONGEST_WAIT = 10.0
"""Seconds that are waited when the API says that it was asked too often, once a run is over."""
_LONGEST_WORDS = 300
_AROUND = timedelta(seconds=30)
"""By how much this machine's clock may differ from theirs."""
_REFERENCE = re.compile(r"[a-z0-9]{8,40}")


class SupabaseLog:
    """Gives the errors around an exchange. `ended`: the run is over. Raises SmokeError for a name or token that is none."""

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
                "--log supabase: takes a project's reference",
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
        self._started, self._over, self._api = started, ended is not None, api
        self._lock = threading.Lock()
        self._asked = -_BETWEEN
        self._known: dict[tuple[str, str], tuple[float, list[LogEntry]]] = {}

    @property
    def name(self) -> str:
        """What to call it."""
        return f"{PREFIX}{self._project}"

    @property
    def hint(self) -> str:
        """What to try when an error is not there."""
        return f"entries arrive there late: `smoke show --log {self.name}` looks again"

    def entries(self, wanted: Wanted) -> list[LogEntry]:
        """The errors of its time that have arrived. Raises SmokeError."""
        begin = max(wanted.started - _AROUND, self._started - _AROUND)
        window = (_utc(begin), _utc(wanted.finished + _AROUND))
        with self._lock:
            asked, known = self._known.get(window, (-_BETWEEN, []))
            if time.monotonic() - asked >= _BETWEEN:
                known = self._pages(*window)
                self._known[window] = (time.monotonic(), known)
            return known

    def _pages(self, start: str, end: str) -> list[LogEntry]:
        from smoke.logs.labelled import read_supabase

        found: list[LogEntry] = []
        for _ in range(_MOST_PAGES):
            answer = self._answer(start, end)
            rows = answer.get("result")
            page = read_supabase(answer)
            found += page
            times = [entry.at for entry in page if entry.at is not None]
            if not isinstance(rows, list) or len(rows) < _FULL or not times:
                break
            # the newest came first; the second in which the page ended is asked for again
            before = _utc(min(times) + timedelta(seconds=1))
            if before >= end:
                break
            end = before
        return list(dict.fromkeys(found))

    def _answer(self, start: str, end: str) -> dict[str, Any]:
        status, answer, wait = self._asked_for("logs", start, end)
        if status == 429 and self._over:
            time.sleep(wait)
            status, answer, _ = self._asked_for("logs", start, end)
        if status == 200 and not answer.get("error"):
            return answer
        if status in (200, 400, 404):
            former, older, _ = self._asked_for("logs.all", start, end)
            if former == 200 and not older.get("error"):
                return older
        # whatever the former endpoint said, this is about the first answer
        words = _words(answer).replace(self._token, "[token]")
        hint = _HINTS.get(status, "")
        raise SmokeError.of(
            "unreadable-log",
            f"Supabase does not give the log of project {self._project}: HTTP {status}"
            + (f", {shorten(safe_line(words), _LONGEST_WORDS)}" if words else ""),
            notes=[hint] if hint else [],
        )

    def _asked_for(self, endpoint: str, start: str, end: str) -> tuple[int, dict[str, Any], float]:
        """The status, the answer, and how many seconds to wait before another question."""
        from smoke.transport import Client, Options

        left = self._asked + _BETWEEN - time.monotonic()
        if left > 0:
            time.sleep(left)
        query = {
            "sql": _QUERIES[endpoint],
            "iso_timestamp_start": start,
            "iso_timestamp_end": end,
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
        if endpoint == "logs":  # the former one is asked right behind it
            self._asked = time.monotonic()
        return _status(told, self._project), _object(told), _wait(told)


_HINTS = {
    401: "is the token right, and has it not expired?",
    403: "the token needs the right to read this project's logs (of OAuth tokens the scope analytics:read)",
    404: "is it the project's reference, in an organisation of the token's account?",
    429: "the API was asked too often: `smoke show` with the same --log asks again later",
}


def _wait(told: RawExchange) -> float:
    headers = told.response.headers if told.response is not None else ()
    given = next((value for name, value in headers if name.lower() == b"retry-after"), b"")
    return min(float(given), _LONGEST_WAIT) if given.isdigit() else 2.0


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
