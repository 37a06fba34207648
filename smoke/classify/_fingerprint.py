"""A finding's stable name."""

from __future__ import annotations

import hashlib

from smoke.model.finding import Finding

_LENGTH = 16


def fingerprint(finding: Finding, step: str = "") -> str:
    """16 hexadecimal digits over the code, SQLSTATE, constraint, table and step."""
    error = finding.database_error
    parts = [finding.code, step or finding.step]
    if error is not None:
        parts = [
            error.sqlstate or finding.code,
            error.constraint_name or "",
            error.table_name or "",
            parts[1],
        ]
    else:
        parts.append(finding.hiding)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]
