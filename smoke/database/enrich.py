"""From a finding to an answer: what the database behind it says of its constraint, its row, and its remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from smoke.advice.sql import identifier, relation
from smoke.database.collision import Collision, colliding
from smoke.database.identity import Identity, identify
from smoke.database.lookup import ConstraintAnswer, Duplicates, Rule, constraint, duplicates
from smoke.database.migration.applied import Applied, applied_files
from smoke.database.session import Database
from smoke.diagnostic import SmokeError
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Finding, Statement

T = TypeVar("T")

_COUNTING = 2.0
"""Seconds for counting the rows that a remedy would refuse."""


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
    return f"{collision.count} row(s) have that ({key}): {rows}{made}"


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
    if error is not None and error.constraint_name:
        name, place = identifier(error.constraint_name), _place(error)
        answer = _part(untold, "the rule", lambda: constraint(database, name, place))
        rule = answer.found[0] if answer is not None and answer.found else None
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
            candidates = _part(untold, "other columns", lambda: _candidates(database, rule))
            remedies = replacements(rule, candidates or [])
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


def dropping(rule: Rule) -> Statement:
    """The rule's end as SQL that a person may run."""
    if rule.code == "i":
        index = relation(rule.name, rule.schema)
        return Statement(
            purpose="ends the rule: duplicates are possible from then on; waits for running transactions, blocks no writer;"
            " not inside a transaction",
            sql=f"DROP INDEX CONCURRENTLY IF EXISTS {index};",
            writes=True,
        )
    table = relation(rule.table, rule.schema)
    needs = f"; {len(rule.dependants)} object(s) depend on it" if rule.dependants else ""
    return Statement(
        purpose=f"ends the rule; takes an ACCESS EXCLUSIVE lock on {table} for a moment: nobody reads or writes it"
        f" meanwhile, and it waits for running transactions{needs}",
        sql=f"SET lock_timeout = '2s';\nALTER TABLE {table} DROP CONSTRAINT IF EXISTS {identifier(rule.name)};",
        writes=True,
    )


def replacements(rule: Rule, candidates: Sequence[Duplicates]) -> tuple[Statement, ...]:
    """The ways out of a unique rule: drop it, or first put a rule over other columns in its place. Pure."""
    found = [dropping(rule)]
    table = relation(rule.table, rule.schema)
    for candidate in candidates:
        columns = ", ".join(identifier(column) for column in candidate.columns)
        not_null = " AND ".join(f"{identifier(c)} IS NOT NULL" for c in candidate.columns)
        check = Statement(
            purpose=f"are there rows that a unique rule over ({columns}) would refuse?",
            sql=f"SELECT {columns}, count(*) FROM {table} WHERE {not_null}\nGROUP BY {columns} HAVING count(*) > 1;",  # noqa: S608
            expect=(("it can be made", "no rows"),),
        )
        found.append(check)
        name = identifier(f"{rule.table}_{'_'.join(candidate.columns)}_uq"[:63])
        if candidate.keys:
            seen = f"would fail now: {candidate.keys} keys occur more than once, in {candidate.rows} rows"
        elif candidate.keys == 0:
            seen = "no row breaks it now"
        else:
            seen = f"check first ({candidate.why})"
        found.append(
            Statement(
                purpose=f"a rule over ({columns}) in its place, before the old one is dropped: {seen}; builds without"
                " blocking writers (SHARE UPDATE EXCLUSIVE lock), not inside a transaction; leaves an INVALID index"
                " behind if it fails",
                sql=f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} ({columns});",
                writes=True,
            )
        )
    return tuple(found)


def _candidates(database: Database, rule: Rule) -> list[Duplicates]:
    """Columns that name one thing (a foreign key of one column) and are not in the rule."""
    rows = database.rows(
        "SELECT DISTINCT a.attname FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = con.conkey[1]"
        " WHERE con.contype = 'f' AND cardinality(con.conkey) = 1 AND n.nspname = %s AND c.relname = %s ORDER BY 1",
        rule.schema,
        rule.table,
    )
    others = [str(name) for (name,) in rows if name not in rule.columns]
    return [_counted(database, rule, name) for name in others[:3]]


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
