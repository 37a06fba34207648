"""What to do about a finding: an explanation, the SQL that verifies it, remedies, and what to type next. Pure."""

from __future__ import annotations

import shlex

from smoke.advice.explanations import explain
from smoke.advice.remedies import remedies
from smoke.advice.subject import Subject
from smoke.advice.unnamed import explain_unnamed
from smoke.advice.verify import verifying
from smoke.model.finding import Advice, Finding
from smoke.text import safe_line

__all__ = ["advise"]


def advise(finding: Finding, *, run_id: str = "", fix: str = "") -> Advice:
    """The advice for one finding.

    `run_id` names the run in the commands (empty: the last one), `fix` is the migration that the scenario says
    should have mended this. No statement was run, and none that writes ever is.
    """
    error = finding.database_error
    if error is None:
        return Advice(explain_unnamed(finding), next=_look(finding, run_id))
    subject = Subject.of(error)
    explanation = (
        explain(error.sqlstate, subject) or "This SQLSTATE is not one of PostgreSQL's own."
    )
    if fix and error.sqlstate in _MENDED_BY_MIGRATION:
        explanation += (
            f" The scenario names {fix} as the fix: did it run on the database that the shop uses?"
        )
    ask: tuple[str, ...] = ()
    if subject.constraint:
        ask = (f"smoke db constraint {_quoted(subject.constraint)}",)
    topic = error.sqlstate or finding.code
    return Advice(
        explanation=explanation,
        verify=verifying(error.sqlstate, subject),
        remedies=remedies(error.sqlstate, subject),
        next=(*_look(finding, run_id), *ask, f"smoke explain {_quoted(topic)}"),
    )


_MENDED_BY_MIGRATION = frozenset(
    {"23505", "23503", "23502", "23514", "23P01", "42P01", "42703", "42501", "42883", "22P02"}
)


def _look(finding: Finding, run_id: str) -> tuple[str, ...]:
    words = ["smoke", "show"]
    if run_id:
        words.append(_quoted(run_id))
        if finding.step:
            words.append(_quoted(finding.step))
    return (" ".join([*words, "--body"]),)


def _quoted(text: str) -> str:
    """A text as one word of a shell's command line, whatever it holds."""
    return shlex.quote(safe_line(text))
