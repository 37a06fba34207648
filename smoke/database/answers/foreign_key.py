"""A row that refers to another: is that one there, where else is it, and which rows still refer to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from smoke.database.answers.keys import MASKED, key_values, spoken_values
from smoke.database.answers.question import DatabaseAnswer, Question
from smoke.database.answers.remedies import for_foreign_key
from smoke.database.answers.rows import ROW, parameterless, traits
from smoke.database.catalogue.records import COLUMNS, CONSTRAINTS
from smoke.database.catalogue.snapshot import narrowed
from smoke.database.lookup import Rule
from smoke.database.rule_facts import Reference, reference
from smoke.database.session import Database, Refusal
from smoke.model.finding import Known
from smoke.sql import identifier, relation
from smoke.text import plural

_MOST_TABLES = 10
_MOST_ROWS = 1000


def tell(question: Question, rule: Rule) -> DatabaseAnswer:
    """What is true of a foreign key and the row that it refused."""
    leads = question.part("where it leads", lambda: reference(question.database, rule))
    lines: Sequence[str] | None = ()
    if leads is not None:
        lines = question.part(
            "the row on its other side", lambda: _other_side(question, rule, leads)
        )
    return DatabaseAnswer(
        lines=tuple(lines or ()),
        remedies=for_foreign_key(rule, leads, question.error.message_detail or ""),
        known=Known(referenced=relation(leads.table, leads.schema) if leads else ""),
    )


def _other_side(question: Question, rule: Rule, leads: Reference) -> list[str]:
    database, detail = question.database, question.error.message_detail or ""
    deleting = "referenced from" in detail
    values = None if deleting else key_values(detail, rule.columns)
    values = values or spoken_values(question.error, rule.columns)
    if values is None:
        values = key_values(detail, leads.columns)
        deleting = deleting or values is not None
    parent = relation(leads.table, leads.schema)
    if values is None or len(values) != len(leads.columns):
        return [
            f"whether {parent} has the row is not known: the finding does not tell the key's values"
        ]
    if any(MASKED in value for value in values):
        return [f"whether {parent} has the row is not known: its key is masked in the evidence"]
    if deleting:
        return _referring(database, leads, values)
    return _parent(database, leads, values)


# the row that should be there


def _parent(database: Database, leads: Reference, values: Sequence[str]) -> list[str]:
    parent, key = relation(leads.table, leads.schema), ", ".join(leads.columns)
    found = _there(database, leads, values)
    if isinstance(found, str):
        return [f"whether {parent} has a row with that ({key}) is not known: {found}"]
    if found.count:
        return [f"{parent} has the row with that ({key}) now{found.words()}"]
    lines = [f"{parent} has no row with that ({key}) now{_why_not(database, leads, values)}"]
    for schema in _namesakes(database, leads):
        other = Reference(schema, leads.table, leads.columns)
        there = _there(database, other, values)
        if not isinstance(there, str) and there.count:
            lines.append(
                f"but {relation(other.table, schema)} has it{there.words()}: the rule looks into {parent} only"
            )
    return lines


@dataclass(frozen=True, slots=True)
class _There:
    count: int
    made: str = ""
    away: str = ""

    def words(self) -> str:
        """What is known of the row, after a comma each."""
        marked = f"marked as deleted ({self.away})" if self.away else ""
        return "".join(f", {said}" for said in (self.made, marked) if said)


def _there(database: Database, at: Reference, values: Sequence[str]) -> _There | str:
    """The row with a key; a text says why that is not known."""
    known = traits(database, at.schema, at.table)
    where = " AND ".join(f"{ROW}.{parameterless(identifier(column))} = %s" for column in at.columns)
    source = f"FROM {parameterless(relation(at.table, at.schema))} {ROW} WHERE {where} LIMIT 2"
    found = database.attempt(
        f"SELECT {parameterless(known.age())}, {parameterless(known.put_away())} {source}",
        *values,
    )
    if isinstance(found, Refusal) and found.sqlstate == "42501":
        found = database.attempt(f"SELECT NULL::float8, NULL::boolean {source}", *values)
    if isinstance(found, Refusal):
        return found.message
    if not found:
        if known.hides:
            return f"row-level security may hide it from the role {database.endpoint.user}"
        return _There(0)
    age, away = found[0]
    return _There(len(found), known.since(age), known.away if away else "")


def _why_not(database: Database, leads: Reference, values: Sequence[str]) -> str:
    """What tells whether the row was ever there: the keys that are, and the rows that were deleted."""
    table = parameterless(relation(leads.table, leads.schema))
    told: list[str] = []
    any_row = database.attempt(f"SELECT EXISTS (SELECT FROM {table})")  # noqa: S608  (names are quoted)
    if not isinstance(any_row, Refusal) and not any_row[0][0]:
        told.append("the table is empty")
    elif len(leads.columns) == 1:
        column = parameterless(identifier(leads.columns[0]))
        beyond = database.attempt(
            # only of numbers is a larger one a later one
            f"SELECT max({column}) < %s FROM {table} WHERE pg_typeof({column}) IN"  # noqa: S608  (as above)
            " ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype)",
            *values,
        )
        if not isinstance(beyond, Refusal) and beyond[0][0]:
            told.append("it is larger than every one that is there")
    counted = database.attempt(
        "SELECT s.n_tup_del, d.stats_reset FROM pg_stat_all_tables s"
        " LEFT JOIN pg_stat_database d ON d.datname = current_database() WHERE s.schemaname = %s AND s.relname = %s",
        leads.schema,
        leads.table,
    )
    if not isinstance(counted, Refusal) and counted and counted[0][0] is not None:
        deleted, reset = counted[0]
        since = f" since {reset:%Y-%m-%d %H:%M} UTC" if isinstance(reset, datetime) else ""
        number = plural(deleted, "deleted row") if deleted else "no deleted row"
        told.append(f"the server counted {number} there{since} (TRUNCATE is not counted)")
    return "".join(f"; {word}" for word in told)


def _namesakes(database: Database, leads: Reference) -> list[str]:
    """Other schemas with a table of that name and those columns."""
    rows = narrowed(
        database,
        COLUMNS,
        {
            "c.relkind IN ('r', 'p', 'f') AND n.nspname !~ '^pg_'": (),
            "c.relname = %s": leads.table,
            "n.nspname <> %s": leads.schema,
            "a.attname = ANY (%s::text[])": list(leads.columns),
        },
        most=_MOST_ROWS,
    )
    having = Counter(str(schema) for (schema, _), _ in rows)
    found = [schema for schema, count in having.items() if count == len(leads.columns)]
    return sorted(found)[:_MOST_TABLES]


# the rows that are in the way of a deletion


def _referring(database: Database, leads: Reference, values: Sequence[str]) -> list[str]:
    """Which rows still refer to the one that was to be deleted, in every table that forbids it."""
    rows = narrowed(
        database,
        CONSTRAINTS,
        {
            "con.contype = 'f' AND con.confdeltype IN ('a', 'r') AND con.conparentid = 0": (),
            "tn.nspname = %s": leads.schema,
            "t.relname = %s": leads.table,
        },
        most=_MOST_TABLES,
    )
    told: list[str] = []
    for (schema, table), rule in rows:
        columns = rule.columns
        if rule.target_columns != leads.columns:
            continue  # it refers by another key, whose value is not known
        where = " AND ".join(f"{parameterless(identifier(column))} = %s" for column in columns)
        inner = f"SELECT FROM {parameterless(relation(str(table), str(schema)))} WHERE {where} LIMIT {_MOST_ROWS}"
        found = database.attempt(f"SELECT count(*) FROM ({inner}) r", *values)  # noqa: S608  (as above)
        place = f"{relation(str(table), str(schema))} ({', '.join(columns)})"
        if isinstance(found, Refusal):
            told.append(f"how many rows of {place} refer to it is not known: {found.message}")
        elif count := int(found[0][0]):
            number = f"{_MOST_ROWS} rows or more" if count >= _MOST_ROWS else plural(count, "row")
            told.append(
                f"{number} of {place} {'refers' if count == 1 else 'refer'} to it by {rule.name}"
            )
    return told or [f"no row refers to it now, as far as {database.endpoint.user} can see"]
