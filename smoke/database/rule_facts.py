"""What advice wants to know of a rule beside its definition: columns that fill themselves, where it leads."""

from __future__ import annotations

from dataclasses import dataclass

from smoke.database.catalogue.records import CONSTRAINTS, NUMBERINGS
from smoke.database.catalogue.snapshot import alone
from smoke.database.lookup import Rule
from smoke.database.session import Database


@dataclass(frozen=True, slots=True)
class Generated:
    """A column that the database fills itself; `sequence` as SQL names it, empty where there is none."""

    column: str
    sequence: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a foreign key leads."""

    schema: str
    table: str
    columns: tuple[str, ...]


def generated(database: Database, rule: Rule) -> tuple[Generated, ...]:
    """Those of the rule's columns that are an identity or have a sequence as their default. Raises SmokeError."""
    known = alone(database, NUMBERINGS, rule.schema, rule.table)
    found = {one.column: Generated(one.column, one.sequence) for one in known}
    return tuple(found[column] for column in found if column in rule.columns)


def reference(database: Database, rule: Rule) -> Reference | None:
    """Where a foreign key leads; None when it is gone meanwhile. Raises SmokeError."""
    for found in alone(database, CONSTRAINTS, rule.schema, rule.table):
        if found.name == rule.name and found.target is not None:
            schema, table = found.target
            return Reference(schema, table, found.target_columns)
    return None
