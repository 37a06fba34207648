"""The whole run as JSON: every event's outcome, every finding with its advice, the exit status. For programs.

The file is one object, strict JSON in ASCII (no NaN, no lone surrogates); `report_schema()` is its JSON Schema. Every field
of the run is there, also at its default. Headers are pairs of texts, one character a byte. A body is its size, sha256 and
path (relative to `folder`); bodies are not in the file.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, BinaryIO

from smoke.codec import encode
from smoke.facts.advice import whole_advice
from smoke.facts.evidence import Evidence
from smoke.model.fields import fields_of
from smoke.model.numbers import json_text
from smoke.model.run import OrderState, Run
from smoke.model.verdict import exit_status, meaning_of
from smoke.report._schema import report_schema

__all__ = ["SUFFIX", "report", "report_schema", "write"]

SUFFIX = ".json"
SCHEMA = 1


def write(run: Run, evidence: Evidence, out: BinaryIO) -> None:  # noqa: ARG001  (every writer has this signature)
    """Write the report; `evidence` is not read: bodies are named, not copied."""
    out.write(json_text(report(run), ascii_only=True, indent=1).encode("ascii") + b"\n")


def report(run: Run) -> dict[str, Any]:
    """The report as JSON values."""
    status = exit_status(run)
    findings = [
        {**_whole(finding), "advice": _whole(whole_advice(run, finding))}
        for finding in run.findings
    ]
    return {
        "format": "smoke-report",
        "schema": SCHEMA,
        "smoke_version": run.smoke_version,
        "run_id": run.id,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "seconds": run.seconds,
        "folder": run.folder,
        "outcome": run.outcome.value,
        "exit_status": status.value,
        "exit_meaning": meaning_of(run),
        "counts": _counts(run),
        "findings": findings,
        "orders_left_behind": [_whole(order) for order in run.orders_left_behind],
        "run": _whole(run),
    }


def _counts(run: Run) -> dict[str, Any]:
    steps = [step for scenario in run.scenarios for step in scenario.steps]
    return {
        "scenarios": dict(Counter(scenario.outcome.value for scenario in run.scenarios)),
        "steps": dict(Counter(step.outcome.value for step in steps)),
        "flaky_steps": sum(step.flaky for step in steps),
        "findings": len(run.findings),
        "orders_placed": sum(order.state is OrderState.PLACED for order in run.orders),
        "orders_left_behind": len(run.orders_left_behind),
    }


def _whole(value: Any) -> Any:
    """The JSON value of a model value with all its fields, those at their default too."""
    kind: type = type(value)
    fields = fields_of(kind)
    if fields is not None:
        return {field.name: _whole(getattr(value, field.name)) for field in fields}
    if isinstance(value, (tuple, list)):
        return [_whole(item) for item in value]
    return encode(value)
