"""OpenTelemetry's trace as OTLP/JSON: spans of the run, scenarios, steps and exchanges, with the ids that the requests carried.

What a collector's file receiver or `POST /v1/traces` takes. `smoke run --otlp URL` sends the same spans itself.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from smoke.facts.evidence import Evidence
from smoke.facts.spans import SCOPE, Attributes, TraceSpan, resource, spans
from smoke.model.numbers import json_text
from smoke.model.run import Run

SUFFIX = ".otlp.json"
_INTERNAL, _CLIENT = 1, 3
_UNSET, _ERROR = 0, 2


def write(run: Run, evidence: Evidence, out: BinaryIO) -> None:  # noqa: ARG001  (every writer has this signature)
    """Write the request in one line, as files of OTLP are written."""
    out.write(json_text(report(run), ascii_only=True).encode("ascii") + b"\n")


def report(run: Run) -> dict[str, Any]:
    """An ExportTraceServiceRequest as JSON values. OTLP has ids in hexadecimal there, and 64-bit numbers as texts."""
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(resource(run))},
                "scopeSpans": [
                    {
                        "scope": {"name": SCOPE, "version": run.smoke_version},
                        "spans": [_span(span) for span in spans(run)],
                    }
                ],
            }
        ]
    }


def _span(span: TraceSpan) -> dict[str, Any]:
    found: dict[str, Any] = {
        "traceId": span.trace,
        "spanId": span.id,
        "name": span.name,
        "kind": _CLIENT if span.client else _INTERNAL,
        "startTimeUnixNano": str(span.start),
        "endTimeUnixNano": str(span.end),
        "attributes": _attributes(span.attributes),
        "status": {"code": _ERROR, "message": span.message} if span.failed else {"code": _UNSET},
    }
    if span.parent:
        found["parentSpanId"] = span.parent
    if span.events:
        found["events"] = [
            {
                "name": event.name,
                "timeUnixNano": str(event.at),
                "attributes": _attributes(event.attributes),
            }
            for event in span.events
        ]
    if span.links:
        found["links"] = [{"traceId": trace, "spanId": own} for trace, own in span.links]
    return found


def _attributes(values: Attributes) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(value)} for name, value in values.items()]


def _value(value: str | float | bool) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case _:
            return {"stringValue": value}
