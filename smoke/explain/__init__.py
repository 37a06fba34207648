"""One page per code: SQLSTATEs and condition names, PostgREST's and Prisma's codes, diagnostics and findings.

`explain("23505")`, `explain("unique_violation")`, `explain("23")`, `explain("PGRST116")`, `explain("P2002")`,
`explain("unknown-key")`. Pages are Markdown files in `pages/`: those of diagnostics and findings have the code as
their file name.
"""

from __future__ import annotations

from smoke.explain._lookup import codes, explain, is_diagnostic, suggest
from smoke.explain._page import ExplanationPage, Section

__all__ = ["ExplanationPage", "Section", "codes", "explain", "is_diagnostic", "suggest"]
