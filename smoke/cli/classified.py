"""What `smoke classify` says of one response: as text and as a line of JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from smoke.app.saved import Saved
from smoke.codec import encode
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Finding
from smoke.text import safe_line, shorten

_FIELDS = (
    ("constraint", "constraint_name"),
    ("schema", "schema_name"),
    ("table", "table_name"),
    ("column", "column_name"),
    ("data type", "datatype_name"),
    ("message", "message_primary"),
    ("detail", "message_detail"),
    ("hint", "message_hint"),
)


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
    error = finding.database_error
    if error is not None:
        lines += _error(error)
    if finding.hiding:
        lines.append(f"    hidden by   {safe_line(finding.hiding)}")
    if finding.reason:
        lines.append(f"    reason      {safe_line(finding.reason)}")
    for correlation in finding.correlations:
        lines.append(f"    look up     {safe_line(f'{correlation.name}: {correlation.value}')}")
    for other in finding.consequences:
        lines.append(f"    followed by {other.sqlstate} {other.condition_name or ''}".rstrip())
    for other in finding.ambiguous:
        lines.append(f"    or          {other.sqlstate} {other.condition_name or ''}".rstrip())
    lines += [f"    note        {safe_line(note)}" for note in finding.notes]
    return lines


def _error(error: DatabaseError) -> list[str]:
    name = f" {error.condition_name}" if error.condition_name else ""
    certainty = f"({error.certainty.value}, dialect {error.dialect or 'none'})"
    lines = [f"    SQLSTATE    {error.sqlstate or 'not told'}{name}  {certainty}"]
    for label, field in _FIELDS:
        value = getattr(error, field)
        if value is not None:
            lines.append(f"    {label:<11} {shorten(safe_line(value), 300)}")
    if error.columns:
        lines.append(f"    columns     {safe_line(', '.join(error.columns))}")
    for citation in error.citations[:8]:
        through = f" through {' > '.join(citation.through)}" if citation.through else ""
        lines.append(
            f"    read from   {citation.part}, bytes {citation.start}-{citation.end}: "
            f"{citation.field}{through}"
        )
    return lines
