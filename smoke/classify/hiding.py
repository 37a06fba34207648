"""What kind of hiding it is when a failed response shows no database error, and how to look it up."""

from __future__ import annotations

import re

from smoke.classify._view import View
from smoke.model.exchange import Completeness
from smoke.model.finding import Correlation, Finding, Severity

_IDS = (
    "x-vercel-id", "x-vercel-error", "sb-request-id", "cf-ray", "x-request-id", "x-correlation-id", "traceparent",
    "x-amzn-trace-id", "x-amzn-requestid", "request-id", "x-trace-id",
)  # fmt: skip


def correlations(view: View) -> tuple[Correlation, ...]:
    """Ids of the response with which it can be found in somebody's log."""
    return tuple(
        Correlation(header.name, header.value)
        for header in view.headers
        if header.name.lower() in _IDS
    )


_UNREACHABLE = re.compile(
    r"connection to server at [^\n]{1,200} failed: (?!FATAL)|could not connect to server: |ECONNREFUSED [\w.:\[\]-]{3,80}:(?:5432|6543)\b"
    r"|Can't reach database server|server closed the connection unexpectedly|Connection terminated unexpectedly"
    r"|Connection to [\w.-]{1,100}:\d{1,5} refused\. Check that the hostname and port are correct"
    r"|could not translate host name|Failed to connect to [\w.:-]{1,100}:5432|connection pool timeout|PGRST00[03]"
)


def unreachable(view: View) -> bool:
    """Whether the response says that the database was not reached."""
    return view.failed and _UNREACHABLE.search(view.haystack()) is not None


def hidden(view: View, *, completeness: Completeness) -> Finding | None:
    """A finding that says how the response keeps its cause to itself; None when it tells of no failure."""
    del completeness
    if view.status < 500:
        return None
    kind = "empty-body" if not view.text.strip() else "generic-page"
    return Finding(
        code="error-hidden",
        title="the response fails and does not show why",
        severity=Severity.ERROR,
        hiding=kind,
        correlations=correlations(view),
    )
