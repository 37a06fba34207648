"""Allure results: a folder of files, a test for each scenario with its steps, exchanges and bodies, as `allure generate` reads it.

Names of files follow from the run, so a report that is made again replaces itself; those of several runs in one folder are each
other's retries. Bodies are text or bytes in it, never pages: what a server sent is not rendered.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from smoke.facts.cases import ReportCase, case_lines, run_cases, scenario_cases
from smoke.facts.evidence import UNREADABLE, Evidence, answer
from smoke.facts.step import request_line
from smoke.facts.timeline import Period, period_of, timeline
from smoke.model.exchange import Body, Exchange
from smoke.model.numbers import json_text
from smoke.model.run import Attempt, Outcome, Run, ScenarioResult
from smoke.text import safe, safe_line, shorten

if TYPE_CHECKING:
    from smoke.report import ReportFiles

SUFFIX = ".allure-results"
FOLDER = True
MOST_BODY = 1024 * 1024
MOST_BODIES = 32 * 1024 * 1024
"""Bytes of bodies in all; those that do not fit are in the evidence."""
_NAMESPACE = uuid.UUID("0f0f4b83-5d3e-5f0a-8a55-5b8f5d1a2c77")
_STATUS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.ERRORED: "broken",
    Outcome.UNFINISHED: "broken",
    Outcome.SKIPPED: "skipped",
}


def write(run: Run, evidence: Evidence, out: ReportFiles) -> None:
    """Write the files."""
    _Results(run, evidence, out).write()


class _Results:
    """The files of one run, and how much room there is still for bodies."""

    def __init__(self, run: Run, evidence: Evidence, out: ReportFiles) -> None:
        self._run = run
        self._evidence = evidence
        self._out = out
        self._room = MOST_BODIES

    def write(self) -> None:
        run = self._run
        times = timeline(run)
        for number, scenario in enumerate(run.scenarios):
            self._scenario(scenario, f"{number}", times.scenarios[number], times.steps[number])
        for number, case in enumerate(run_cases(run)):
            at = {"start": times.run.start_ms, "stop": times.run.end_ms}
            self._result(f"run/{number}", case.name, case.suite, {**_judged(case), **at})
        with self._out.file("environment.properties") as file:
            file.write(_properties(run))

    def _scenario(
        self, scenario: ScenarioResult, key: str, period: Period, periods: tuple[Period, ...]
    ) -> None:
        cases = list(scenario_cases(scenario))
        worst = max(cases, key=lambda case: case.outcome.rank)
        result = _judged(worst) if scenario.outcome is not Outcome.PASSED else {}
        result |= {
            "status": _STATUS[scenario.outcome],
            "description": _line(scenario.summary),
            "start": period.start_ms,
            "stop": period.end_ms,
            "steps": [
                self._step(case, each, f"{key}/{number}")
                for number, (case, each) in enumerate(zip(cases, periods, strict=False))
            ],
        }
        if any(step.flaky for step in scenario.steps):
            result["statusDetails"] = {**result.get("statusDetails", {}), "flaky": True}
        self._result(key, scenario.name, scenario.source or scenario.name, result)

    def _result(self, key: str, name: str, source: str, more: dict[str, Any]) -> None:
        run = self._run
        own = str(uuid.uuid5(_NAMESPACE, f"{run.id}/{key}"))
        stable = hashlib.sha256(f"{source}\n{name}".encode("utf-8", "backslashreplace")).hexdigest()
        target = _line(run.target.name or run.target.url)
        labels = {"framework": "smoke", "suite": target, "host": _line(run.target.url)}
        result = {
            "uuid": own,
            "historyId": stable[:32],
            "testCaseId": stable[32:],
            "name": _line(name),
            "fullName": _line(f"{source}: {name}"),
            "stage": "finished",
            "labels": [{"name": word, "value": value} for word, value in labels.items() if value],
            "parameters": [],
            "links": [],
            "attachments": [],
            "steps": [],
            **more,
        }
        with self._out.file(f"{own}-result.json") as file:
            file.write(_json(result))

    def _step(self, case: ReportCase, period: Period, key: str) -> dict[str, Any]:
        step = case.step
        told: dict[str, Any] = {
            "name": _line(case.name),
            **_judged(case),
            "stage": "finished",
            "start": period.start_ms,
            "stop": period.end_ms,
            "attachments": [],
            "parameters": [],
        }
        lines = list(case_lines(self._run, case, self._evidence))
        if lines:
            text = safe("\n".join(lines)).encode("utf-8", "backslashreplace")
            told["attachments"] = [
                self._attachment("what failed", text, "text/plain", f"{key}/why")
            ]
        told["steps"] = [
            self._exchange(attempt, exchange, period, f"{key}/{exchange.id}")
            for attempt in (step.attempts if step is not None else ())
            for exchange in attempt.exchanges
        ]
        return told

    def _exchange(
        self, attempt: Attempt, exchange: Exchange, period: Period, key: str
    ) -> dict[str, Any]:
        at = period_of(exchange, period.start)
        judged = exchange is attempt.exchanges[-1] and bool(attempt.mismatches)
        status = "broken" if exchange.error is not None else "failed" if judged else "passed"
        bodies = [("request body", exchange.request.body)]
        if exchange.response is not None:
            bodies.append(("response body", exchange.response.body))
        return {
            "name": _line(f"{request_line(exchange)} → {answer(exchange)}"),
            "status": status,
            "stage": "finished",
            "start": at.start_ms,
            "stop": at.end_ms,
            "steps": [],
            "parameters": [{"name": "exchange", "value": exchange.id}],
            "attachments": list(self._bodies(bodies, key)),
        }

    def _bodies(self, bodies: list[tuple[str, Body]], key: str) -> Iterator[dict[str, str]]:
        for name, body in bodies:
            if not body.size or not body.file or body.size > min(MOST_BODY, self._room):
                continue
            try:
                data = self._evidence.read(body)
            except UNREADABLE:
                continue
            self._room -= len(data)
            yield self._attachment(name, data, _media_type(body, data), f"{key}/{name}")

    def _attachment(self, name: str, data: bytes, media_type: str, key: str) -> dict[str, str]:
        file = f"{uuid.uuid5(_NAMESPACE, f'{self._run.id}/{key}')}-attachment{_ENDINGS[media_type]}"
        with self._out.file(file) as out:
            out.write(data)
        return {"name": name, "source": file, "type": media_type}


_ENDINGS = {"application/json": ".json", "text/plain": ".txt", "application/octet-stream": ".bin"}


def _media_type(body: Body, data: bytes) -> str:
    """What a viewer shows as it is: JSON, text, or bytes. HTML and XML are text here."""
    kind = body.media_type.partition(";")[0].strip().lower()
    if b"\0" in data or not _is_text(data):
        return "application/octet-stream"
    return (
        "application/json" if kind == "application/json" or kind.endswith("+json") else "text/plain"
    )


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _judged(case: ReportCase) -> dict[str, Any]:
    details = {"message": shorten(safe(case.reason), 2000)} if case.reason else {}
    return {"status": _STATUS[case.outcome], "statusDetails": details}


def _properties(run: Run) -> bytes:
    """`environment.properties`, in the format of Java: ISO-8859-1 with escapes."""
    known = {
        "target": run.target.url,
        "build": run.target.version,
        "run": run.id,
        "trace": run.trace_id,
        "smoke": run.smoke_version,
    }
    lines = [f"{name} = {_escaped(value)}" for name, value in known.items() if value]
    return "\n".join([*lines, ""]).encode("ascii")


def _escaped(text: str) -> str:
    shown = safe_line(text).replace("\\", "\\\\")
    units = shown.encode("utf-16-be", "surrogatepass")
    return "".join(
        chr(unit) if 0x20 <= unit < 0x7F else f"\\u{unit:04x}"
        for unit in (units[at] << 8 | units[at + 1] for at in range(0, len(units), 2))
    )


def _json(value: object) -> bytes:
    return json_text(value, ascii_only=True, indent=1).encode("ascii") + b"\n"


def _line(text: str) -> str:
    return shorten(safe_line(text), 1000)
