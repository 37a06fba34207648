"""Citations of a body whose middle was left out: those of its end count from the whole body's start."""

from __future__ import annotations

from dataclasses import replace

from smoke.model.dberror import Citation, DatabaseError
from smoke.model.finding import Finding


def apart(finding: Finding, gap: int, shift: int) -> Finding:
    """The finding with the citations behind `gap` moved by `shift`."""
    error = finding.database_error
    return replace(
        finding,
        database_error=None if error is None else _error(error, gap, shift),
        consequences=tuple(_error(entry, gap, shift) for entry in finding.consequences),
        ambiguous=tuple(_error(entry, gap, shift) for entry in finding.ambiguous),
        citations=_citations(finding.citations, gap, shift),
    )


def _error(error: DatabaseError, gap: int, shift: int) -> DatabaseError:
    return replace(error, citations=_citations(error.citations, gap, shift))


def _citations(citations: tuple[Citation, ...], gap: int, shift: int) -> tuple[Citation, ...]:
    return tuple(
        replace(citation, start=citation.start + shift, end=citation.end + shift)
        if citation.part == "body" and citation.start >= gap
        else citation
        for citation in citations
    )
