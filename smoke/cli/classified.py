"""What `smoke classify` says of one response: as text and as a line of JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from smoke.app.saved import Saved
from smoke.codec import encode
from smoke.facts.finding import TITLE, citation_facts, finding_facts
from smoke.model.finding import Finding
from smoke.text import safe_line


def as_line(saved: Saved, findings: Sequence[Finding]) -> str:
    """One line of JSON: the response's name and status, and its findings, root cause first."""
    return json.dumps(
        {
            "name": saved.name,
            "status": saved.status or None,
            # stored evidence leaves defaults out; whoever reads a line wants to find the severity in it
            "findings": [
                {**encode(finding), "severity": finding.severity.value} for finding in findings
            ],
        },
        allow_nan=False,
    )


def as_text(saved: Saved, findings: Sequence[Finding]) -> str:
    """Some lines for a person; foreign text is made safe."""
    status = f" (status {saved.status})" if saved.status else ""
    lines = [safe_line(f"{saved.name}{status}")]
    if not findings:
        lines.append("  no database error is visible in this response")
    for finding in findings:
        lines += _finding(finding)
    return "\n".join(lines)


def _finding(finding: Finding) -> list[str]:
    lines = [f"  {finding.severity.value}: {safe_line(finding.title)}  [{finding.code}]"]
    facts = [fact for fact in finding_facts(finding) if fact.label != TITLE]  # the line above
    if finding.database_error is not None:
        facts += citation_facts(finding.database_error)
    return [*lines, *(safe_line(f"    {fact.label:<11} {fact.value}") for fact in facts)]
