"""From a finding to an answer: what the database behind it says of its constraint, its row, and its remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from smoke.advice.sql import identifier, relation
from smoke.database.collision import Collision, colliding
from smoke.database.identity import Identity, identify
from smoke.database.lookup import ConstraintAnswer, Duplicates, Rule, constraint, duplicates
from smoke.database.migration.applied import Applied, applied_files
from smoke.database.remedies import dropping, for_check, for_foreign_key, replacements
from smoke.database.rule_facts import generated, reference
from smoke.database.session import Database
from smoke.diagnostic import SmokeError
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Finding, Known, Statement
from smoke.text import plural

T = TypeVar("T")

_COUNTING = 2.0
"""Seconds for counting the rows that a remedy would refuse."""


_NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Enrichment:
    """What the database adds to a finding. `fix` is None when the scenario names no file."""

    database: Identity
    constraint: ConstraintAnswer | None = None
    collision: Collision | None = None
    fix: Applied | None = None
    fix_file: str = ""
    remedies: tuple[Statement, ...] = ()
    untold: tuple[str, ...] = ()
    known: Known = _NOTHING

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
            found.append(f"the fix {self.fix_file} is {self.fix.overall.value} in this database")
            found += [claim.sentence for claim in self.fix.claimed]
        if self.collision is not None:
            found.append(_collided(self.collision))
        return [*found, *self.untold, self.database.line()]


def _collided(collision: Collision) -> str:
    key = ", ".join(collision.columns)
    if collision.why:
        return f"the row that ({key}) collides with: {collision.why}"
    if not collision.count:
        return f"no row has that ({key}) now: it is gone, or its transaction was rolled back"
    rows = "; ".join(", ".join(f"{name} {value}" for name, value in row) for row in collision.rows)
    made = f", made by {', '.join(collision.orders)}" if collision.orders else ""
    return f"{plural(collision.count, 'row has', 'rows have')} that ({key}): {rows}{made}"


def enrich(
    database: Database,
    finding: Finding,
    *,
    fix: Path | None = None,
    orders: Mapping[str, str] | None = None,
    show_values: bool = False,
) -> Enrichment:
    """What the database says of a finding. Reads only; `orders` are the scenario's order ids by journal key.

    What takes too long, or may not be read, is left out and named: the rest is told all the same.
    """
    error = finding.database_error
    answer = None
    collision = None
    remedies: tuple[Statement, ...] = ()
    untold: list[str] = []
    known = Known()
    if error is not None and error.constraint_name:
        name, place = identifier(error.constraint_name), _place(error)
        answer = _part(untold, "the rule", lambda: constraint(database, name, place))
        # of tables in several schemas none is known to be the one that was meant
        rule = answer.found[0] if answer is not None and len(answer.found) == 1 else None
        if rule is not None:
            known = Known(rule.schema, rule.table, definition=rule.definition)
        if rule is not None and rule.unique:
            detail = error.message_detail
            if detail:
                collision = _part(
                    untold,
                    "the row that it collides with",
                    lambda: colliding(
                        database, rule, detail, orders=orders or {}, show_values=show_values
                    ),
                )
            made = _part(untold, "who makes its key", lambda: generated(database, rule)) or ()
            candidates = _part(
                untold, "other columns", lambda: _candidates(database, rule, collision)
            )
            remedies = replacements(rule, candidates or [], made, collision)
            known = replace(known, generated=tuple(item.column for item in made))
        elif rule is not None and rule.code == "f":
            leads = _part(untold, "where it leads", lambda: reference(database, rule))
            remedies = for_foreign_key(rule, leads, error.message_detail or "")
            known = replace(known, referenced=relation(leads.table, leads.schema) if leads else "")
        elif rule is not None and rule.code == "c":
            remedies = for_check(rule)
        elif rule is not None:
            remedies = (dropping(rule),)
    applied = None
    if fix is not None:
        applied = _part(untold, f"the fix {fix}", lambda: applied_files(database, fix))
    return Enrichment(
        database=identify(database),
        constraint=answer,
        collision=collision,
        fix=applied,
        fix_file=str(fix or ""),
        remedies=remedies,
        untold=tuple(untold),
        known=replace(known, fix=applied.overall.value if applied is not None else ""),
    )


def _place(error: DatabaseError) -> str:
    """The error's table as SQL names it; empty where it names none."""
    if error.table_name and error.schema_name:
        return f"{identifier(error.schema_name)}.{identifier(error.table_name)}"
    return identifier(error.table_name) if error.table_name else ""


def _part(untold: list[str], what: str, question: Callable[[], T]) -> T | None:
    """The answer to one question; None where the database refuses it or takes too long, which is then noted."""
    try:
        return question()
    except SmokeError as refused:
        if refused.diagnostics[0].code == "database-connection":
            raise
        untold.append(f"{what} is not known: {refused.diagnostics[0].message}")
        return None


def _candidates(database: Database, rule: Rule, collision: Collision | None) -> list[Duplicates]:
    """Columns in which the row that was collided with holds an order's id: a rule over one lets each order have a row."""
    if collision is None or collision.count != 1:
        return []
    return [_counted(database, rule, name) for name in collision.naming[:3]]


def _counted(database: Database, rule: Rule, name: str) -> Duplicates:
    """How many rows a rule over a column would refuse; a large table is not read for long only to tell that."""
    try:
        with database.aside():
            database.limit(_COUNTING)
            return duplicates(database, rule.schema, rule.table, (name,))
    except SmokeError as error:
        if error.diagnostics[0].code != "database-timeout":
            raise
        return Duplicates((name,), None, None, "it takes more than a moment to count")
