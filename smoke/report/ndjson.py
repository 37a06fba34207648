"""NDJSON: a JSON object a line, for programs that read lines (jq, log shippers): steps, exchanges, findings, orders, the run.

Each line stands alone: `type` says what it is, `run`, `target` and `build` which run it is of. The last line is the run's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from smoke.facts.cases import ReportCase, run_cases, scenario_cases
from smoke.facts.evidence import Evidence, place
from smoke.model.correlation import sent_with, trace_and_span
from smoke.model.exchange import Exchange
from smoke.model.finding import Finding
from smoke.model.numbers import json_text
from smoke.model.run import PlacedOrder, Run, ScenarioResult
from smoke.model.verdict import exit_status, meaning_of

SUFFIX = ".ndjson"
SCHEMA = 1


def write(run: Run, evidence: Evidence, out: BinaryIO) -> None:  # noqa: ARG001  (every writer has this signature)
    """Write the lines; bodies are named, not copied."""
    for kind, time, values in _lines(run):
        line = {
            "type": kind,
            "schema": SCHEMA,
            "time": time,
            "run": run.id,
            "target": run.target.name or run.target.url,
            "build": run.target.version,
            **values,
        }
        line = {name: _whole(value) for name, value in line.items()}
        out.write(json_text(line, ascii_only=True).encode("ascii") + b"\n")


def _lines(run: Run) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The type, time and values of each line."""
    for scenario in run.scenarios:
        for case in scenario_cases(scenario):
            yield from _step(run, case)
        yield "scenario", run.finished_at, _scenario(scenario)
    for order in run.orders:
        yield "order", order.intended_at, _order(order)
    for case in run_cases(run):
        yield "problem", run.finished_at, {"code": case.code, "reason": case.reason}
    yield "run", run.finished_at or run.started_at, _of_run(run)


def _scenario(scenario: ScenarioResult) -> dict[str, Any]:
    return {
        "scenario": scenario.name,
        "outcome": scenario.outcome.value,
        "seconds": scenario.seconds,
        "source": scenario.source,
        "steps": len(scenario.steps),
        "reason": scenario.message,
    }


def _order(order: PlacedOrder) -> dict[str, Any]:
    return {
        "scenario": order.scenario,
        "step": order.placed_by,
        "order": order.order_id,
        "state": order.state.value,
        "removed": order.removed.value,
        "left_behind": order.left_behind,
    }


def _of_run(run: Run) -> dict[str, Any]:
    return {
        "url": run.target.url,
        "outcome": run.outcome.value,
        "exit_status": exit_status(run).value,
        "exit_meaning": meaning_of(run),
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "seconds": run.seconds,
        "evidence": run.folder,
        "trace_id": run.trace_id,
        "smoke": run.smoke_version,
    }


def _step(run: Run, case: ReportCase) -> Iterator[tuple[str, str, dict[str, Any]]]:
    step = case.step
    if step is None:  # a scenario's own, which its line tells
        return
    where = {"scenario": case.suite, "step": step.called}
    begun = run.started_at
    for attempt in step.attempts:
        of = {**where, "attempt": attempt.number}
        for exchange in attempt.exchanges:
            begun = exchange.started_at or begun
            yield "exchange", exchange.started_at, {**of, **_exchange(run, exchange)}
        for finding in attempt.findings:
            yield "finding", begun, {**of, **_finding(finding)}
    yield (
        "step",
        begun,
        {
            **where,
            "outcome": case.outcome.value,
            "code": case.code,
            "reason": case.reason,
            "fingerprint": case.fingerprint,
            "seconds": step.seconds,
            "attempts": len(step.attempts),
            "flaky": step.flaky,
            "teardown": step.teardown,
            "file": case.source,
            "line": case.line,
        },
    )


def _exchange(run: Run, exchange: Exchange) -> dict[str, Any]:
    response, error = exchange.response, exchange.error
    sent = sent_with(exchange.request.headers)
    ids = next((pair for item in sent if (pair := trace_and_span(item.value))), ("", ""))
    return {
        "exchange": exchange.id,
        "method": exchange.request.method,
        "url": exchange.request.url,
        "status": response.status if response is not None else None,
        "error": error.kind.value if error is not None else "",
        "delivery": error.delivery.value if error is not None else "",
        "seconds": exchange.timing.total,
        "trace_id": ids[0],
        "span_id": ids[1],
        "request_id": next((i.value for i in sent if not trace_and_span(i.value)), ""),
        "body": place(run, response.body.path) if response is not None else "",
        "body_size": response.body.size if response is not None else 0,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    error = finding.database_error
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "title": finding.title,
        "sqlstate": error.sqlstate if error is not None else None,
        "constraint": error.constraint_name if error is not None else None,
        "table": error.table_name if error is not None else None,
        "columns": ", ".join(error.columns) if error is not None else "",
        "found_in": finding.found_in,
        "exchange": finding.exchange_id,
    }


def _whole(value: Any) -> Any:
    """A value without half a surrogate pair, which JSON can spell and many readers refuse."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
