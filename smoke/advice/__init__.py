"""What to do about a finding: an explanation, the SQL that verifies it, remedies, and what to type next. Pure."""

from __future__ import annotations

from smoke.advice.commands import Commands
from smoke.advice.seen import RunEvidence, seen_in
from smoke.advice.subject import Subject
from smoke.model.finding import Advice, Finding, Statement
from smoke.model.run import Run
from smoke.text import safe_line, shorten

__all__ = ["advise", "advise_in"]


def advise(
    finding: Finding, *, commands: Commands | None = None, seen: RunEvidence = RunEvidence()
) -> Advice:
    """The advice for one finding.

    `commands` makes the command lines about its run (None: about the last one), `seen` is what the run saw around it.
    No statement was run, and none that writes ever is.
    """
    # not where nothing was found, since a short run starts faster without them
    from smoke.advice.explanations import explain
    from smoke.advice.remedies import remedies
    from smoke.advice.unnamed import explain_unnamed
    from smoke.advice.verify import verifying

    commands = commands or Commands()
    error = finding.database_error
    step = finding.step if commands.run is not None else ""
    look = commands.show(step, "--body", scenario=finding.scenario)
    if error is None:
        return Advice(
            explain_unnamed(finding),
            _verifying_possible(finding),
            next=(look, commands.explain(finding.code)),
        )
    subject = Subject.of(error, finding.known)
    sqlstate = error.sqlstate or _SQLSTATES.get(error.condition_name or "")
    explanation = explain(sqlstate, subject, seen) or _unexplained(sqlstate)
    if seen.fix and sqlstate in _MENDED_BY_MIGRATION and not finding.known.fix:
        explanation += f" The scenario names {seen.fix} as the fix: did it run on the database that the shop uses?"
    ask = commands.constraint(subject.constraint) if subject.constraint else ""
    topic = sqlstate or finding.code
    return Advice(
        explanation=explanation,
        verify=verifying(sqlstate, subject),
        remedies=finding.remedies or remedies(sqlstate, subject),
        next=tuple(line for line in (look, ask, commands.explain(topic)) if line),
    )


def _verifying_possible(finding: Finding) -> tuple[Statement, ...]:
    """What to ask about the one possible error, where it is of a rule or a table."""
    from smoke.advice.verify import verifying

    errors = [possible.error for possible in finding.possible]
    if len(errors) != 1 or not (errors[0].constraint_name or errors[0].table_name):
        return ()
    return verifying(errors[0].sqlstate, Subject.of(errors[0], finding.known))


def advise_in(run: Run, finding: Finding, commands: Commands | None = None) -> Advice:
    """The advice for a finding of this run, by what the run saw around it."""
    return advise(finding, commands=commands, seen=seen_in(run, finding))


_SQLSTATES = {
    "unique_violation": "23505",
    "foreign_key_violation": "23503",
    "not_null_violation": "23502",
    "check_violation": "23514",
    "exclusion_violation": "23P01",
    "undefined_table": "42P01",
    "undefined_column": "42703",
}
"""Condition names that a response may give without the code, and that stand for one code only."""


def _unexplained(sqlstate: str | None) -> str:
    if sqlstate is None:
        return "The response names no SQLSTATE: what it says is all that is known."
    shown = shorten(safe_line(sqlstate), 20)
    return f"There is no advice for SQLSTATE {shown}: its message and detail say what is known."


_MENDED_BY_MIGRATION = frozenset(
    {"23503", "23502", "23514", "23P01", "42P01", "42703", "42501", "42883", "22P02"}
)
