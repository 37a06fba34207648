"""HAR 1.2: every exchange for tools that read HTTP archives (browsers' network panels, proxies, importers).

Headers keep order, case and repeats; a body that is not text is base64; one above MOST_BODY is named by its file
and digest instead. What HAR has no field for is in fields with an underscore, as its specification asks:
`_smoke` (scenario, step, attempt, exchange id, request, trace and span id, completeness) and `_error`. Cookies are empty: their values are masked.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlsplit

from smoke.facts.evidence import UNREADABLE, Evidence, gap, place
from smoke.model.correlation import sent_with, trace_and_span
from smoke.model.exchange import Body, Exchange, Headers, Response
from smoke.model.run import Attempt, Run, ScenarioResult, StepResult

SUFFIX = ".har"
MOST_BODY = 1024 * 1024


def write(run: Run, evidence: Evidence, out: BinaryIO) -> None:
    """Write the archive, one entry at a time: a run may have many."""
    log = {
        "version": "1.2",
        "creator": {"name": "smoke", "version": run.smoke_version},
        "comment": f"run {run.id} at {run.target.url}",
        "pages": [_page(run, number, scenario) for number, scenario in enumerate(run.scenarios)],
    }
    out.write(b'{"log":' + _json(log)[:-1] + b',"entries":[')
    first = True
    for entry in _entries(run, evidence):
        out.write((b"\n" if first else b",\n") + _json(entry))
        first = False
    out.write(b"\n]}}\n")


def _json(value: object) -> bytes:
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode("ascii")


def _page(run: Run, number: int, scenario: ScenarioResult) -> dict[str, Any]:
    return {
        "startedDateTime": run.started_at,
        "id": f"page_{number}",
        "title": scenario.name,
        "pageTimings": {"onContentLoad": -1, "onLoad": -1},
        "comment": scenario.outcome.value,
    }


def _entries(run: Run, evidence: Evidence) -> Iterator[dict[str, Any]]:
    if run.readiness_exchange is not None:
        yield _entry(run, run.readiness_exchange, evidence)
    for number, scenario in enumerate(run.scenarios):
        for step in scenario.steps:
            for attempt in step.attempts:
                for exchange in attempt.exchanges:
                    entry = _entry(run, exchange, evidence)
                    entry["pageref"] = f"page_{number}"
                    entry["_smoke"].update(_belongs(scenario, step, attempt))
                    yield entry


def _belongs(scenario: ScenarioResult, step: StepResult, attempt: Attempt) -> dict[str, Any]:
    return {
        "scenario": scenario.name,
        "step": step.called,
        "attempt": attempt.number,
        "outcome": step.outcome.value,
        "findings": [finding.code for finding in attempt.findings],
    }


def _entry(run: Run, exchange: Exchange, evidence: Evidence) -> dict[str, Any]:
    timings = _timings(exchange)
    entry: dict[str, Any] = {
        "startedDateTime": _started(exchange) or run.started_at,
        "time": round(sum(timings[name] for name in _PARTS if timings[name] > 0), 3),
        "request": _request(run, exchange, evidence),
        "response": _response(run, exchange, evidence),
        "cache": {},
        "timings": timings,
        "_smoke": {"exchange": exchange.id, **_names(exchange)},
    }
    if exchange.peer:
        entry["serverIPAddress"] = exchange.peer.rpartition(":")[0].strip("[]") or exchange.peer
    if exchange.error is not None:
        error = exchange.error
        entry["_error"] = {
            "kind": error.kind.value,
            "phase": error.phase.value,
            "delivery": error.delivery.value,
            "message": error.message,
        }
    return entry


def _names(exchange: Exchange) -> dict[str, str]:
    """Under which names the request is found in a log; the headers have them too."""
    sent = sent_with(exchange.request.headers)
    found: dict[str, str] = {}
    for item in sent:
        pair = trace_and_span(item.value)
        if pair is not None:
            found.setdefault("trace_id", pair[0])
            found.setdefault("span_id", pair[1])
        else:
            found.setdefault("request_id", item.value)
    return found


def _request(run: Run, exchange: Exchange, evidence: Evidence) -> dict[str, Any]:
    request = exchange.request
    body = request.body
    made: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "httpVersion": exchange.response.http_version if exchange.response else "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(request.headers),
        "queryString": _query(request.url),
        "headersSize": -1,
        "bodySize": body.size,
    }
    if body.size:
        media_type = body.media_type or _header(request.headers, b"content-type")
        content = _content(run, body, evidence)
        post = {"mimeType": media_type, "text": content.get("text", "")}
        if content.get("encoding"):  # postData has no encoding in HAR 1.2
            post["_encoding"] = content["encoding"]
        if content.get("comment"):
            post["comment"] = content["comment"]
        made["postData"] = post
    return made


def _query(url: str) -> list[dict[str, str]]:
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        return []
    return [{"name": name, "value": value} for name, value in pairs]


def _response(run: Run, exchange: Exchange, evidence: Evidence) -> dict[str, Any]:
    """The response; for an exchange without one status 0, as browsers write it."""
    response = exchange.response or Response(status=0, http_version="")
    content = {
        "size": response.body.size,
        "mimeType": response.body.media_type
        or _header(response.headers, b"content-type")
        or "x-unknown",
        **(_content(run, response.body, evidence) if response.body.size else {}),
    }
    made: dict[str, Any] = {
        "status": response.status,
        "statusText": response.reason.decode("latin-1"),
        "httpVersion": response.http_version,
        "cookies": [],
        "headers": _pairs(response.headers),
        "content": content,
        "redirectURL": _header(response.headers, b"location"),
        "headersSize": -1,
        "bodySize": response.body.wire_size if exchange.response is not None else -1,
        "_completeness": response.completeness.value if exchange.response is not None else "none",
    }
    if response.trailers:
        made["_trailers"] = _pairs(response.trailers)
    if response.interim:
        made["_interim"] = [
            {"status": status, "headers": _pairs(headers)} for status, headers in response.interim
        ]
    return made


def _content(run: Run, body: Body, evidence: Evidence) -> dict[str, str]:
    """`text` (and `encoding`) of a body, or a comment that says where it is."""
    where = f"{place(run, body.file)}, {body.size} bytes, sha256 {body.sha256}"
    if lost := gap(run.folder, body):
        where = f"{where}; {lost}" if body.path else lost
    if not body.file:
        return {"comment": where}
    if body.size > MOST_BODY:
        return {"comment": f"not in this file: {where}"}
    try:
        data = evidence.read(body)
    except UNREADABLE as error:
        return {"comment": f"cannot be read ({type(error).__name__}): {where}"}
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if data and (not text or "\0" in text):
        return {
            "text": base64.b64encode(data).decode("ascii"),
            "encoding": "base64",
            "comment": where,
        }
    return {"text": text, "comment": where}


def _pairs(headers: Headers) -> list[dict[str, str]]:
    return [
        {"name": name.decode("latin-1"), "value": value.decode("latin-1")}
        for name, value in headers
    ]


def _header(headers: Headers, wanted: bytes) -> str:
    for name, value in headers:
        if name.lower() == wanted:
            return value.decode("latin-1")
    return ""


def _started(exchange: Exchange) -> str:
    """When it began to wait: what HAR calls `blocked` is a part of an entry."""
    if not exchange.timing.held or not exchange.started_at:
        return exchange.started_at
    began = datetime.fromisoformat(exchange.started_at) - timedelta(seconds=exchange.timing.held)
    return began.isoformat(timespec="milliseconds")


_PARTS = ("blocked", "dns", "connect", "send", "wait", "receive")
"""The parts that add up to an entry's time; `ssl` is a part of `connect`."""


def _timings(exchange: Exchange) -> dict[str, float]:
    """Milliseconds of each phase; -1 where HAR allows it and the phase was not reached."""
    timing = exchange.timing
    connected = timing.tls if timing.tls is not None else timing.connect
    sent = timing.sent if timing.sent is not None else connected
    end = timing.total
    first = timing.first_byte if timing.first_byte is not None else end

    def between(start: float | None, stop: float | None, absent: float) -> float:
        if stop is None:
            return absent
        return round(max(0.0, stop - (start or 0.0)) * 1000, 3)

    return {
        "blocked": round(timing.held * 1000, 3) if timing.held else -1,
        "dns": between(0.0, timing.resolve, -1),
        "connect": between(timing.resolve, connected, -1),
        "ssl": between(timing.connect, timing.tls, -1),
        "send": between(connected, timing.sent, 0),
        "wait": between(sent, first, 0),
        "receive": between(first, end, 0),
    }
