"""What to say of a finding without a database error: the response hides it, or there was none."""

from __future__ import annotations

from smoke.model.finding import Finding


def explain_unnamed(finding: Finding) -> str:
    """The explanation; never a guess at what the error may have been."""
    where = (
        f"Look for {_ids(finding)} in the shop's log: it leads to the line with the real error."
        if finding.correlations
        else "The response has no request id either: look in the shop's and the database's log at the time of the request."
    )
    if finding.hiding:
        return f"The response does not reveal the error ({finding.hiding}), so nothing can be concluded from it. {where}"
    return f"No database error is readable in this response. {where}"


def _ids(finding: Finding) -> str:
    return ", ".join(f"{item.name} {item.value}" for item in finding.correlations[:3])
