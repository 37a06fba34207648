"""CTRF, the Common Test Report Format: JSON that reporters of many CI systems show, a test for each step.

`status` is `failed` also where no verdict was possible (`rawStatus` has smoke's own word): CTRF's `other` fails nothing.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from typing import Any, BinaryIO

from smoke.facts.cases import ReportCase, case_lines, cases
from smoke.facts.evidence import Evidence
from smoke.facts.step import last_exchange, request_line
from smoke.facts.timeline import Period, timeline
from smoke.model.numbers import json_text
from smoke.model.run import Outcome, Run
from smoke.model.verdict import exit_status, meaning_of
from smoke.text import safe, safe_line, shorten

SUFFIX = ".ctrf.json"
SPECIFICATION = "0.0.0"
LONGEST_TEXT = 16_000
_NAMESPACE = uuid.UUID("6f1d1c86-6a34-5a3a-9a2b-0a3c5d0f6b11")
_STATUS = {
    Outcome.PASSED: "passed",
    Outcome.SKIPPED: "skipped",
    Outcome.FAILED: "failed",
    Outcome.ERRORED: "failed",
    Outcome.UNFINISHED: "failed",
}


def write(run: Run, evidence: Evidence, out: BinaryIO) -> None:
    """Write the report."""
    out.write(json_text(report(run, evidence), ascii_only=True, indent=1).encode("ascii") + b"\n")


def report(run: Run, evidence: Evidence) -> dict[str, Any]:
    """The report as JSON values."""
    times = timeline(run)
    found = list(cases(run))
    periods = {
        id(step): period
        for scenario, inner in zip(run.scenarios, times.steps, strict=True)
        for step, period in zip(scenario.steps, inner, strict=True)
    }
    tests = [_test(run, case, periods.get(id(case.step)), evidence) for case in found]
    counts = Counter(test["status"] for test in tests)
    summary = {
        "tests": len(tests),
        **{word: counts[word] for word in ("passed", "failed", "skipped", "pending", "other")},
        "flaky": sum(test.get("flaky", False) for test in tests),
        "suites": len({case.suite for case in found}),
        "start": times.run.start_ms,
        "stop": times.run.end_ms,
        "duration": times.run.end_ms - times.run.start_ms,
        "extra": {"exitStatus": exit_status(run).value, "exitMeaning": meaning_of(run)},
    }
    return {
        "reportFormat": "CTRF",
        "specVersion": SPECIFICATION,
        "reportId": str(uuid.uuid5(_NAMESPACE, run.id)),
        "runId": safe_line(run.id) or "-",
        "timestamp": run.finished_at or run.started_at,
        "generatedBy": "smoke",
        "results": {
            "tool": {"name": "smoke", "version": run.smoke_version},
            "summary": summary,
            "tests": tests,
            "environment": _environment(run),
        },
    }


def _environment(run: Run) -> dict[str, Any]:
    target = run.target
    found: dict[str, Any] = {
        "appName": _line(target.name or target.url),
        "testEnvironment": _line(target.url),
        "extra": {"run": run.id, "evidence": _line(run.folder), "trace": run.trace_id},
    }
    if target.version:
        found["buildName"] = _line(target.version)
    return found


def _test(run: Run, case: ReportCase, period: Period | None, evidence: Evidence) -> dict[str, Any]:
    named = f"{case.suite}\n{case.name}".encode("utf-8", "backslashreplace")
    test: dict[str, Any] = {
        "testId": hashlib.sha256(named).hexdigest()[:32],
        "name": _line(case.name) or "-",
        "status": _STATUS[case.outcome],
        "rawStatus": case.outcome.value,
        "duration": round(case.seconds * 1000),
        "suite": [_line(case.suite)],
        "type": "e2e",
    }
    if period is not None:
        test |= {"start": period.start_ms, "stop": period.end_ms}
    if case.reason:
        test["message"] = _line(case.reason)
    if lines := list(case_lines(run, case, evidence)):
        test["trace"] = shorten(safe("\n".join(lines)), LONGEST_TEXT)
    if case.source:
        test |= {"filePath": _line(case.source), "line": case.line}
    if case.fingerprint:
        test["labels"] = {"fingerprint": case.fingerprint}
    if case.step is not None:
        test |= _of_step(case)
    return test


def _of_step(case: ReportCase) -> dict[str, Any]:
    """What only a step has: attempts, and what was sent."""
    step = case.step
    assert step is not None
    found: dict[str, Any] = {"flaky": step.flaky, "retries": max(0, len(step.attempts) - 1)}
    exchange = last_exchange(step)
    extra = {"code": _line(case.code)} if case.code else {}
    if exchange is not None:
        extra |= {"request": _line(request_line(exchange)), "exchange": exchange.id}
    if extra:
        found["extra"] = extra
    return found


def _line(text: str) -> str:
    return shorten(safe_line(text), 1000)
