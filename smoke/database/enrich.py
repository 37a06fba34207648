"""From a finding to an answer: what the database behind it says of its constraint, its row, and its remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from smoke.database.answers import (
    check,
    foreign_key,
    limits,
    locks,
    missing_name,
    moment,
    permission,
    server_state,
    unique,
    values,
)
from smoke.database.answers.collision import Collision
from smoke.database.answers.named_in_words import Completed, by_name, complete
from smoke.database.answers.question import DatabaseAnswer, Question
from smoke.database.answers.remedies import dropping
from smoke.database.answers.waiting import UnderWay
from smoke.database.counters import Compared
from smoke.database.identity import Identity, identify
from smoke.database.lookup import ConstraintAnswer, Rule, constraint
from smoke.database.migration.applied import Applied, applied_files
from smoke.database.migration.verdict import summary
from smoke.database.rule_facts import reference
from smoke.database.session import Database
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Finding, Known, Possible, Statement
from smoke.sql import identifier, relation

_NOTHING = Known()
_MOST_FITTING = 3
"""Rules that fit what a response tells, of which the rows are looked up."""


@dataclass(frozen=True, slots=True)
class Enrichment:
    """What the database adds to a finding. `fix` is None when the scenario names no file.

    `completed` is the finding's error with what the catalogue fills in, `inferred` names those fields (nothing of them
    was in the response) and `inferred_by` what led to them; None where there is nothing to fill in. `candidates` are
    the rules or tables that may have been meant, when they are several: none of them is named. `possible` are errors that
    the state of the database makes possible now, for a finding without one; `stands_out` says that it shows something that
    speaks for itself. `waits`: more could be told when late statistics have come.
    """

    database: Identity
    constraint: ConstraintAnswer | None = None
    collision: Collision | None = None
    fix: Applied | None = None
    fix_file: str = ""
    remedies: tuple[Statement, ...] = ()
    untold: tuple[str, ...] = ()
    known: Known = _NOTHING
    answers: tuple[str, ...] = ()
    completed: DatabaseError | None = None
    inferred: tuple[str, ...] = ()
    inferred_by: str = ""
    candidates: tuple[str, ...] = ()
    possible: tuple[Possible, ...] = ()
    stands_out: bool = False
    waits: bool = False

    def lines(self) -> list[str]:
        """The enrichment as sentences, the most telling first. Values of rows are in them only if they were asked for."""
        found: list[str] = []
        answer = self.constraint
        if answer is not None:
            found += [f"still there: {rule.line()}" for rule in answer.found]
            if not answer.exists:
                found.append(
                    f"{answer.name} is not in this database: the deployment uses another one, or it was dropped since"
                )
        if self.fix is not None:
            said = summary(statement.verdict for statement in self.fix.statements)
            found.append(f"the fix {self.fix_file} is {said} in this database")
            found += [claim.sentence for claim in self.fix.claimed]
        return [*found, *self.answers, *self.untold, self.database.line()]


def enrich(
    database: Database,
    finding: Finding,
    *,
    fix: Path | None = None,
    orders: Mapping[str, str] | None = None,
    show_values: bool = False,
    elsewhere: bool = False,
    request: UnderWay | None = None,
    compared: Compared | None = None,
) -> Enrichment:
    """What the database says of a finding, of one without an error what stands out now. Reads only; `orders` are the scenario's order ids by journal key.

    What takes too long, or may not be read, is left out and named: the rest is told all the same. `elsewhere` allows
    questions to the server's other databases, which take some seconds more. `request` is the one that failed just now, `compared`
    what was counted of it.
    """
    question = Question(
        database,
        finding.database_error or DatabaseError(),
        orders=orders or {},
        show_values=show_values,
        elsewhere=elsewhere,
        request=request,
        compared=compared,
    )
    applied = None
    if fix is not None:
        applied = question.part(f"the fix {fix}", lambda: applied_files(database, fix))
        question = replace(question, fix=applied, fix_file=fix)
    answer, completed = rule_in_question(question)
    question = replace(question, error=completed.error, rule=completed.rule)
    told = _told(question) if finding.database_error is not None else moment.tell(question)
    return Enrichment(
        database=identify(database),
        constraint=answer,
        collision=told.collision,
        fix=applied,
        fix_file=str(fix or ""),
        remedies=told.remedies,
        untold=tuple(question.untold),
        known=replace(told.known, fix=applied.overall.value if applied is not None else ""),
        answers=(*completed.lines, *_of_each(question, completed.fitting), *told.lines),
        completed=completed.error if completed.inferred else None,
        inferred=completed.inferred,
        inferred_by=completed.how,
        candidates=completed.candidates,
        possible=told.possible,
        stands_out=told.stands_out,
        waits=told.waits,
    )


def rule_in_question(question: Question) -> tuple[ConstraintAnswer | None, Completed]:
    """What the catalogue knows of the rule that refused: where it stands, and what of the error that completes."""
    error, database = question.error, question.database
    answer = None
    completed: Completed | None = None
    if error.constraint_name:
        answer = question.part("the rule", lambda: _rule_of(database, error))
        # of tables in several schemas none is known to be the one that was meant
        if answer is not None and len(answer.found) == 1:
            completed = by_name(error, answer.found[0])
    else:
        completed = question.part("what the response does not name", lambda: complete(question))
    return answer, completed or Completed(error)


def _told(question: Question) -> DatabaseAnswer:
    """The answer of the rule that refused, else of the SQLSTATE."""
    rule = question.rule
    if rule is None:
        answer = _BY_SQLSTATE.get(question.error.sqlstate or "")
        return DatabaseAnswer() if answer is None else answer(question)
    if rule.unique or rule.code == "x":
        told = unique.tell(question, rule)
    elif rule.code == "f":
        told = foreign_key.tell(question, rule)
    elif rule.code == "c":
        told = check.tell(question, rule)
    elif rule.code == "n":
        told = replace(values.not_null(question), remedies=(dropping(rule),))
    else:
        told = DatabaseAnswer(remedies=(dropping(rule),))
    known = replace(told.known, schema=rule.schema, table=rule.table, definition=rule.definition)
    return replace(told, known=known)


def _of_each(question: Question, fitting: Sequence[Rule]) -> list[str]:
    """Where several rules fit: what would be true if it were that one. Which one it was, stays open."""
    lines: list[str] = []
    for rule in fitting[:_MOST_FITTING]:
        told = _told(replace(question, rule=rule))
        name = f"{identifier(rule.name)} on {relation(rule.table, rule.schema)}"
        lines += [f"if it is {name}: {line}" for line in told.lines]
    return lines


_BY_SQLSTATE: Mapping[str, Callable[[Question], DatabaseAnswer]] = {
    "08006": server_state.restarted,
    "25006": server_state.read_only,
    "40001": locks.tell,
    "40P01": locks.tell,
    "42501": permission.tell,
    "53100": server_state.disk,
    "53200": server_state.memory,
    "53300": limits.tell,
    "55P03": locks.tell,
    "57014": locks.tell,
    "57P01": server_state.restarted,
    "57P02": server_state.restarted,
    "57P03": server_state.restarted,
    "57P05": locks.tell,
    "22001": values.of_type,
    "22003": values.of_type,
    "22P02": values.label,
    "3F000": missing_name.schema,
    "42704": missing_name.type_,
    "42P10": missing_name.conflict_target,
    "42703": missing_name.column,
    "42883": missing_name.function,
    "42P01": missing_name.table,
    "23502": values.not_null,
    "23514": check.without_partition,
}
"""What is asked where no rule is known that refused a row."""


def _rule_of(database: Database, error: DatabaseError) -> ConstraintAnswer:
    """Where the rule of that name stands.

    A table that is named in words, or is the other side of a foreign key, is none that has it: its name alone leads on.
    """
    name, place = identifier(error.constraint_name or ""), _place(error)
    answer = constraint(database, name, place)
    if answer.found or not place:
        return answer
    meant = [
        rule
        for rule in answer.elsewhere
        if not answer.table_exists or _leads_to(database, rule, error)
    ]
    return constraint(database, name) if meant else answer


def _leads_to(database: Database, rule: Rule, error: DatabaseError) -> bool:
    leads = reference(database, rule) if rule.code == "f" else None
    return leads is not None and leads.table == error.table_name


def _place(error: DatabaseError) -> str:
    """The error's table as SQL names it; empty where it names none."""
    if error.table_name and error.schema_name:
        return f"{identifier(error.schema_name)}.{identifier(error.table_name)}"
    return identifier(error.table_name) if error.table_name else ""
