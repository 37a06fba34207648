"""What to say of a finding without a database error: the response hides it, or there was none."""

from __future__ import annotations

from smoke.advice.poolers import explain_pooler
from smoke.model.correlation import trace_and_span
from smoke.model.finding import Correlation, Finding
from smoke.text import safe_line, shorten

_BY_CODE = {
    "auth-wall": (
        "A wall before the deployment answered this request, not the shop: it says nothing about the shop. "
        "The notes say what lets smoke in, or that what was to let it in was refused."
    ),
    "database-unreachable": (
        "The shop answered, but could not reach its database or lost the connection. Look at the database's host name "
        "and port in the deployment's settings, at its connection limit, and whether it is up."
    ),
    "not-postgres": (
        "The error comes from another database than PostgreSQL: smoke shows it, and has no SQL to verify it with."
    ),
    "server-error": (
        "The shop says itself what went wrong, and it is no database error that is recognised. Whether a database error is "
        "behind it, the response does not tell."
    ),
}
"""By the finding's code."""

_BY_HIDING = {
    "empty-body": "The response has no body: nothing of the error is in it.",
    "cut-off": "The response breaks off before it tells the error.",
    "auth-wall": "A wall before the deployment answered instead of the shop.",
    "gateway": "A proxy in front of the shop answered in its place: the shop crashed, is too slow, or does not run.",
    "platform-error": "The hosting platform answered in the shop's place: its function crashed or ran out of time.",
    "production-digest": "The framework shows only a digest in production; the error itself is in the server's log.",
    "orm-message-without-cause": (
        "The library between the shop and its database shows its own message and leaves out the database's."
    ),
    "generic-page": "The shop answers with a general message instead of the error, as production builds do.",
    "other-error": "The response tells of an error that is not a database's, or does not show which it was.",
}
"""By the way a response hides its cause."""


def explain_unnamed(finding: Finding) -> str:
    """The explanation; never a guess at what the error may have been."""
    known = _BY_CODE.get(finding.code)
    if finding.code in {"database-unreachable", "server-error"}:
        known = explain_pooler(finding.title, stated=finding.code == "server-error") or known
    if known is not None:
        return known if finding.code == "auth-wall" else f"{known} {_where(finding)}"
    if finding.hiding:
        how = _BY_HIDING.get(finding.hiding, f"({shorten(safe_line(finding.hiding), 200)})")
        what = "a database error" if finding.hiding == "other-error" else "the error"
        return f"The response does not reveal {what}. {how} {_where(finding)}"
    return f"No database error is readable in this response. {_where(finding)}"


def _where(finding: Finding) -> str:
    if not finding.correlations:
        return "The response has no request id: look in the shop's and the database's log at the time of the request."
    ids = ", ".join(_named(item) for item in finding.correlations[:3])
    return f"Look for {ids} in the log: it leads to the line with the real error."


def _named(correlation: Correlation) -> str:
    pair = trace_and_span(correlation.value)  # a log has the trace's id, and spans of its own
    if pair is not None:
        return f"trace id {pair[0]}"
    return f"{correlation.name} {shorten(correlation.value, 100)}"
