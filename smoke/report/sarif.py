"""SARIF 2.1.0: each failure at the line of the scenario that says what was not so, for code scanning and editors.

A result without a location is one whose scenario is not a file below the folder that smoke was started in. `partialFingerprints`
are the same for the same cause in every run, so that a code scanning page shows one alert for it, and closes it when it is gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import quote

from smoke.facts.advice import step_advice
from smoke.facts.cases import ReportCase, cases, run_cases
from smoke.facts.evidence import Evidence
from smoke.facts.issues import place_in_repository
from smoke.facts.orders import left_orders
from smoke.facts.step import last_attempt, last_exchange, mismatch_text
from smoke.model.numbers import json_text
from smoke.model.run import Run
from smoke.model.status import ExitStatus
from smoke.model.verdict import exit_status, meaning_of
from smoke.text import plural, safe, safe_line, shorten

SUFFIX = ".sarif"
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FLAKY = "flaky"
LEFT = "order-left-behind"


def write(run: Run, evidence: Evidence, out: BinaryIO) -> None:  # noqa: ARG001  (every writer has this signature)
    """Write the log."""
    out.write(json_text(report(run), ascii_only=True, indent=1).encode("ascii") + b"\n")


def report(run: Run) -> dict[str, Any]:
    """The log as JSON values."""
    results = list(_results(run))
    rules = dict.fromkeys(result["ruleId"] for result in results)
    for result in results:
        result["ruleIndex"] = list(rules).index(result["ruleId"])
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "smoke",
                        "semanticVersion": run.smoke_version,
                        "rules": [_rule(code) for code in rules],
                    }
                },
                "automationDetails": {"id": f"smoke/{_line(run.target.name or run.target.url)}/"},
                "invocations": [_invocation(run)],
                "columnKind": "unicodeCodePoints",
                "results": results,
                "properties": {
                    "run": run.id,
                    "target": _line(run.target.url),
                    "build": _line(run.target.version),
                    "outcome": run.outcome.value,
                    "evidence": _line(run.folder),
                },
            }
        ],
    }


def _rule(code: str) -> dict[str, Any]:
    return {
        "id": code,
        "shortDescription": {"text": f"{code.replace('-', ' ').capitalize()}."},
        "defaultConfiguration": {"level": "warning" if code in (FLAKY, LEFT) else "error"},
    }


def _invocation(run: Run) -> dict[str, Any]:
    status = exit_status(run)
    found: dict[str, Any] = {
        "executionSuccessful": status in (ExitStatus.PASSED, ExitStatus.FAILED),
        "exitCode": status.value,
        "exitCodeDescription": meaning_of(run),
        "toolExecutionNotifications": [
            {"level": "error", "message": {"text": _line(case.reason)}} for case in run_cases(run)
        ],
    }
    for key, time in (("startTimeUtc", run.started_at), ("endTimeUtc", run.finished_at)):
        if time:
            found[key] = time.replace("+00:00", "Z")
    return found


def _results(run: Run) -> Iterator[dict[str, Any]]:
    for case in cases(run):
        if case.scenario is None:
            continue
        if case.outcome.bad:
            yield _result(_line(case.code), "error", _words(run, case), case, case.fingerprint, run)
        elif case.step is not None and case.step.flaky:
            words = f"{case.suite}: {case.name} passed, but took {len(case.step.attempts)} attempts"
            yield _result(FLAKY, "warning", words, case, _digest(case.suite, case.name), run)
    left = left_orders(run, 20)
    for order in left.orders:
        words = "\n".join([f"{order.name}, by '{order.placed_by}': {order.why}", *left.next[:1]])
        where = next(
            (case for case in cases(run) if case.suite == order.scenario and case.source), None
        )
        yield _result(LEFT, "warning", words, where, _digest(order.scenario, order.placed_by), run)


def _words(run: Run, case: ReportCase) -> str:
    """What failed, why, what it means and what to type."""
    lines = [f"{case.suite}: {case.name}: {case.reason}"]
    if case.scenario is not None and case.step is not None:
        attempt = last_attempt(case.step)
        mismatches = attempt.mismatches if attempt is not None else ()
        lines += [f"expected {mismatch_text(each)}" for each in mismatches[:3]]
        if len(mismatches) > 3:
            lines.append(f"and {plural(len(mismatches) - 3, 'more expectation')} not met")
        told = step_advice(run, case.scenario, case.step, brief=True)
        lines += [advice.meaning for advice in told.findings if advice.meaning]
        lines += told.next
    return "\n".join(lines)


def _result(
    code: str, level: str, words: str, case: ReportCase | None, key: str, run: Run
) -> dict[str, Any]:
    properties: dict[str, Any] = {"run": run.id}
    found: dict[str, Any] = {
        "ruleId": code,
        "level": level,
        "message": {"text": shorten(safe(words), 8000)},
        "partialFingerprints": {"smokeCause/v1": key},
        "properties": properties,
    }
    if case is not None:
        properties |= {"scenario": _line(case.suite), "step": _line(case.name)}
        exchange = last_exchange(case.step) if case.step is not None else None
        if exchange is not None:
            properties["exchange"] = exchange.id
        if location := _location(case):
            found["locations"] = [location]
    return found


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _location(case: ReportCase) -> dict[str, Any] | None:
    """Where the scenario says it; None where its file is not in the repository."""
    path = place_in_repository(case.source)
    if not path:
        return None
    physical: dict[str, Any] = {
        "artifactLocation": {
            "uri": quote(path, errors="backslashreplace"),
            "uriBaseId": "%SRCROOT%",
        }
    }
    if case.line > 0:
        column = {"startColumn": case.column} if case.column > 0 else {}
        physical["region"] = {"startLine": case.line, **column}
    return {"physicalLocation": physical}


def _line(text: str) -> str:
    return shorten(safe_line(text), 1000)
