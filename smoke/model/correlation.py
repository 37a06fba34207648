"""Names under which a request, or its answer, is found in somebody's log: one table of headers for all who look.

W3C Trace Context (`traceparent`), OpenTracing and vendors' tracing, the conventions of frameworks and the ids that
hosting platforms give: each as its vendor documents it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from smoke.model.exchange import Headers
from smoke.model.finding import Correlation


class CorrelationKind(StrEnum):
    """What the value of such a header names."""

    REQUEST = "request"
    TRACE = "trace"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class IdHeader:
    """A header with an id. `whose` says who gives it: a platform, a tracing system, or (empty) the application.

    `platform`: what stands before the application gives it, so it is in the platform's log, not in the application's.
    """

    name: str
    names: CorrelationKind
    whose: str = ""
    platform: bool = False


_TABLE = (
    IdHeader("x-vercel-id", CorrelationKind.REQUEST, "Vercel", platform=True),
    IdHeader("x-vercel-error", CorrelationKind.ERROR, "Vercel", platform=True),
    IdHeader("x-request-id", CorrelationKind.REQUEST),
    IdHeader("x-correlation-id", CorrelationKind.REQUEST),
    IdHeader("x-requestid", CorrelationKind.REQUEST),
    IdHeader("request-id", CorrelationKind.REQUEST),
    IdHeader("x-amzn-requestid", CorrelationKind.REQUEST, "AWS", platform=True),
    IdHeader("x-amzn-errortype", CorrelationKind.ERROR, "AWS", platform=True),
    IdHeader("x-amzn-trace-id", CorrelationKind.TRACE, "AWS X-Ray", platform=True),
    IdHeader("x-amz-cf-id", CorrelationKind.REQUEST, "CloudFront", platform=True),
    IdHeader("x-amz-request-id", CorrelationKind.REQUEST, "AWS", platform=True),
    IdHeader("cf-ray", CorrelationKind.REQUEST, "Cloudflare", platform=True),
    IdHeader("fly-request-id", CorrelationKind.REQUEST, "Fly.io", platform=True),
    IdHeader("x-railway-request-id", CorrelationKind.REQUEST, "Railway", platform=True),
    IdHeader("rndr-id", CorrelationKind.REQUEST, "Render", platform=True),
    IdHeader("x-nf-request-id", CorrelationKind.REQUEST, "Netlify", platform=True),
    IdHeader("sb-request-id", CorrelationKind.REQUEST, "Supabase", platform=True),
    IdHeader("x-ms-request-id", CorrelationKind.REQUEST, "Azure", platform=True),
    IdHeader("x-azure-ref", CorrelationKind.REQUEST, "Azure Front Door", platform=True),
    IdHeader("x-fastly-request-id", CorrelationKind.REQUEST, "Fastly", platform=True),
    IdHeader("x-akamai-request-id", CorrelationKind.REQUEST, "Akamai", platform=True),
    IdHeader("x-cloud-trace-context", CorrelationKind.TRACE, "Google Cloud", platform=True),
    IdHeader("x-goog-trace", CorrelationKind.TRACE, "Google Cloud", platform=True),
    IdHeader("traceparent", CorrelationKind.TRACE, "W3C Trace Context"),
    IdHeader("x-trace-id", CorrelationKind.TRACE),
    IdHeader("x-b3-traceid", CorrelationKind.TRACE, "Zipkin"),
    IdHeader("b3", CorrelationKind.TRACE, "Zipkin"),
    IdHeader("uber-trace-id", CorrelationKind.TRACE, "Jaeger"),
    IdHeader("x-datadog-trace-id", CorrelationKind.TRACE, "Datadog"),
    IdHeader("sentry-trace", CorrelationKind.TRACE, "Sentry"),
    IdHeader("x-sentry-trace-id", CorrelationKind.TRACE, "Sentry"),
    IdHeader("x-sentry-id", CorrelationKind.ERROR, "Sentry"),
    IdHeader("x-error-id", CorrelationKind.ERROR),
    IdHeader("x-runtime-request-id", CorrelationKind.REQUEST),
    IdHeader("x-debug-token", CorrelationKind.REQUEST, "Symfony"),
    IdHeader("paypal-debug-id", CorrelationKind.REQUEST, "PayPal"),
)
ID_HEADERS: Mapping[str, IdHeader] = {header.name: header for header in _TABLE}
"""The headers by their names in lower case, the most telling first."""

_ENDINGS = ("request-id", "requestid", "trace-id", "traceid", "correlation-id")
_LONGEST = 200
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.{0,200})?\Z")


def id_header(name: str) -> IdHeader | None:
    """What a header names, by its name in any case; None for one that names nothing. Its ending alone may tell."""
    lower = name.lower()
    known = ID_HEADERS.get(lower)
    if known is not None or not lower.endswith(_ENDINGS):
        return known
    return IdHeader(
        lower,
        CorrelationKind.TRACE
        if lower.endswith(("trace-id", "traceid"))
        else CorrelationKind.REQUEST,
    )


def sent_with(headers: Headers) -> tuple[Correlation, ...]:
    """The names that a request carried when it was sent, its request id first."""
    found = []
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1").strip()
        known = id_header(name)
        if known is not None and known.names is not CorrelationKind.ERROR and value:
            found.append((known.names, Correlation(name, value[:_LONGEST], sent=True)))
    return tuple(
        correlation
        for kind in (CorrelationKind.REQUEST, CorrelationKind.TRACE)
        for names, correlation in found
        if names is kind
    )


def trace_and_span(value: str) -> tuple[str, str] | None:
    """The ids of the trace and the span in a `traceparent`; a log often has these alone.

    None for what is none: W3C Trace Context 3.2 has them in lower case, and neither is all zeros.
    """
    match = _TRACEPARENT.match(value)
    if match is None or not match[1].strip("0") or not match[2].strip("0"):
        return None
    return match[1], match[2]
