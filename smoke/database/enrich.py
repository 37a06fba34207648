"""From a finding to an answer: what the database behind it says of its constraint, its row, and its remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from smoke.advice.sql import identifier, relation
from smoke.database.collision import Collision, colliding
from smoke.database.identity import Identity, identify
from smoke.database.lookup import ConstraintAnswer, Duplicates, Rule, constraint, duplicates
from smoke.database.migration.applied import Applied, applied_files
from smoke.database.session import Database
from smoke.model.finding import Finding, Statement


@dataclass(frozen=True, slots=True)
class Enrichment:
    """What the database adds to a finding. `fix` is None when the scenario names no file."""

    database: Identity
    constraint: ConstraintAnswer | None = None
    collision: Collision | None = None
    fix: Applied | None = None
    fix_file: str = ""
    remedies: tuple[Statement, ...] = ()

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
        return [*found, self.database.line()]


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
    """What the database says of a finding. Reads only; `orders` are the scenario's order ids by journal key."""
    error = finding.database_error
    answer = None
    collision = None
    remedies: tuple[Statement, ...] = ()
    if error is not None and error.constraint_name:
        place = error.table_name or ""
        if place and error.schema_name:
            place = f"{identifier(error.schema_name)}.{identifier(place)}"
        answer = constraint(database, identifier(error.constraint_name), place)
        rule = answer.found[0] if answer.found else None
        if rule is not None and rule.unique:
            if error.message_detail:
                collision = colliding(
                    database,
                    rule,
                    error.message_detail,
                    orders=orders or {},
                    show_values=show_values,
                )
            remedies = replacements(rule, _candidates(database, rule))
        elif rule is not None:
            remedies = (dropping(rule),)
    return Enrichment(
        database=identify(database),
        constraint=answer,
        collision=collision,
        fix=applied_files(database, fix) if fix is not None else None,
        fix_file=str(fix or ""),
        remedies=remedies,
    )


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
    return [duplicates(database, rule.schema, rule.table, (name,)) for name in others[:3]]
