"""What failed, as the real database knows it: the rule that refused, and the rows that it is about. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, field

from smoke.database.answers.collision import conditions, key_readings
from smoke.database.answers.keys import MASKED, failing_row, key_of
from smoke.database.answers.question import Question
from smoke.database.answers.rows import ROW, parameterless
from smoke.database.catalogue.catalog import Catalog
from smoke.database.enrich import rule_in_question
from smoke.database.lookup import Rule
from smoke.database.session import Database, Refusal
from smoke.diagnostic import SmokeError
from smoke.model.dberror import DatabaseError
from smoke.sql import identifier, relation

_MOST_ROWS = 3
_MOST_PARENTS = 60
_LARGEST = 4_000_000
"""Bytes of a row that is copied."""


@dataclass(frozen=True, slots=True)
class CopiedRow:
    """A row of the real database; values as text, by column, None for NULL. It is kept in memory only."""

    schema: str
    table: str
    values: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What failed. `rows` are those in the way, `parents` what they refer to, in the order in which they can be made.

    `failing` is the refused row, as far as the error tells it; `untold` says what is not known, and why.
    """

    error: DatabaseError
    rule: Rule | None = None
    rows: tuple[CopiedRow, ...] = ()
    parents: tuple[CopiedRow, ...] = ()
    failing: tuple[tuple[str, str], ...] = ()
    untold: tuple[str, ...] = ()

    @property
    def named(self) -> bool:
        """Whether it is known what refused."""
        error = self.error
        return bool(self.rule or error.sqlstate or error.constraint_name)


@dataclass(slots=True)
class _Read:
    database: Database
    catalog: Catalog
    untold: list[str] = field(default_factory=list)
    parents: list[CopiedRow] = field(default_factory=list)
    seen: set[CopiedRow] = field(default_factory=set)


def case_of(database: Database, error: DatabaseError) -> Case:
    """The case of a finding's error. Raises SmokeError when the connection is lost."""
    question = Question(database, error)
    _, completed = rule_in_question(question)
    rule, error = completed.rule, completed.error
    spoken = (rule.schema, rule.table) if rule is not None else ()
    read = _Read(database, Catalog(database, spoken), question.untold)
    rows: list[CopiedRow] = []
    if rule is not None and (rule.unique or rule.code == "x"):
        rows = _colliding(read, rule, error)
        for row in rows:
            _follow(read, row)
    table = (rule.schema, rule.table) if rule is not None else _place(database, error)
    failing = failing_row(error.message_detail or "", _columns(read, *table)) if table[1] else {}
    return Case(
        error,
        rule,
        tuple(rows),
        tuple(row for row in read.parents if row not in rows),
        tuple(failing.items()),
        tuple(read.untold),
    )


def _place(database: Database, error: DatabaseError) -> tuple[str, str]:
    if not error.table_name:
        return "", ""
    row = database.row(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = %s"
        " AND (%s::text IS NULL OR n.nspname = %s) AND c.relkind IN ('r', 'p') ORDER BY NOT pg_table_is_visible(c.oid), 1",
        error.table_name,
        error.schema_name,
        error.schema_name,
    )
    return (str(row[0]), str(row[1])) if row else ("", "")


def _colliding(read: _Read, rule: Rule, error: DatabaseError) -> list[CopiedRow]:
    key = key_of(read.database, rule)
    readings = key_readings(error, rule, key)
    if not readings:
        read.untold.append("the finding does not tell the key's values: rows were made up")
        return []
    if any(MASKED in value for values in readings for value in values):
        read.untold.append("a value of the key is masked in the evidence: rows were made up")
        return []
    for values in readings:
        where, given = conditions(key, values)
        if found := _rows(read, rule.schema, rule.table, where, given, _MOST_ROWS):
            return found
    read.untold.append(
        "no row with the key of the finding is there (any more): rows with such a key were made up"
    )
    return []


def _columns(read: _Read, schema: str, table: str) -> list[str]:
    """The columns that can be written."""
    known = read.catalog.relation(schema, table)
    columns = read.catalog.columns(known).values() if known is not None else ()
    return [column.name for column in columns if not column.generated]


def _rows(
    read: _Read, schema: str, table: str, where: str, given: list[str], most: int
) -> list[CopiedRow]:
    names = _columns(read, schema, table)
    shown = ", ".join(f"{ROW}.{parameterless(identifier(name))}::text" for name in names)
    place = parameterless(relation(table, schema))
    try:
        found = read.database.attempt(
            f"SELECT {shown} FROM {place} {ROW} WHERE {where}"  # noqa: S608  (the catalogue's names are quoted, values are parameters)
            f" AND pg_column_size({ROW}) < {_LARGEST} LIMIT {most}",
            *given,
        )
    except SmokeError as refused:  # it took too long
        if refused.diagnostics[0].code == "database-connection":
            raise
        found = Refusal("57014", refused.diagnostics[0].message)
    if isinstance(found, Refusal):
        read.untold.append(f"rows of {relation(table, schema)} cannot be copied: {found.message}")
        return []
    return [CopiedRow(schema, table, tuple(zip(names, row, strict=True))) for row in found]


def _follow(read: _Read, row: CopiedRow) -> None:
    """What a row refers to, those first that are referred to by others."""
    if row in read.seen or len(read.seen) > _MOST_PARENTS:
        return
    read.seen.add(row)
    table = read.catalog.relation(row.schema, row.table)
    values = dict(row.values)
    for rule in read.catalog.constraints(table) if table is not None else ():
        key = [values.get(column) for column in rule.columns]
        if rule.target is None or None in key:
            continue
        where = " AND ".join(
            f"{ROW}.{parameterless(identifier(name))} = %s" for name in rule.target_columns
        )
        for parent in _rows(read, *rule.target, where, [str(value) for value in key], 1):
            _follow(read, parent)
    read.parents.append(row)
