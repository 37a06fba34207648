"""Would what failed pass? A row like the refused one is tried in the copy, before the fix and after it, and taken back.

A row with the key of the one in the way stands for the refused statement of a unique rule: what else has to be unique
in it is made new. The catalogue decides where no row is needed: a column, a table, a label that is there then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smoke.database.answers.keys import MASKED
from smoke.database.trial.case import Case
from smoke.database.trial.copied import Copy, CopyRefusal
from smoke.database.trial.demands import CopyColumn, Demanded, Schema, Table
from smoke.sql import identifier, relation

Values = Mapping[str, str | None]
"""A row: texts by column, None for NULL."""


def load(copy: Copy, case: Case) -> tuple[int, list[str]]:
    """Put the rows in question into the copy; how many they are, and why one of them could not be."""
    count, failed = 0, []
    for row in (*case.parents, *case.rows):
        table = relation(row.table, row.schema)
        copy.run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        said = _insert(copy, (row.schema, row.table), dict(row.values))
        copy.run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        count += said is None
        if said is not None:
            failed.append(f"a row of {table} could not be put into the copy ({said.sqlstate})")
    return count, failed


def _insert(copy: Copy, table: Table, values: Values) -> CopyRefusal | None:
    names = ", ".join(identifier(name).replace("%", "%%") for name in values)
    places = ", ".join(["%s"] * len(values))
    place = relation(table[1], table[0]).replace("%", "%%")
    return copy.run(
        f"INSERT INTO {place} ({names}) OVERRIDING SYSTEM VALUE VALUES ({places})",  # noqa: S608  (names are quoted, values are parameters)
        *values.values(),
    )


@dataclass(frozen=True, slots=True)
class Probe:
    """The row that stands for the refused one: with `beside`, a row made up to be in its way."""

    table: Table
    row: Values
    key: frozenset[str]
    beside: bool = False


@dataclass(frozen=True, slots=True)
class ProbeOutcome:
    """What became of the probe: taken when `refused` is None. `gone` are columns of its key that are not there."""

    refused: CopyRefusal | None = None
    gone: tuple[str, ...] = ()


def probe_of(copy: Copy, case: Case, first: Schema) -> Probe | None:
    """A row like the refused one, of a rule that a row can show; None where none can be made."""
    rule = case.rule
    if rule is None or (rule.schema, rule.table) not in first.columns:
        return None
    table = (rule.schema, rule.table)
    columns = first.columns[table]
    if rule.unique or rule.code == "x":
        demand = first.demands.get((Demanded.UNIQUE, table, rule.name))
        key = frozenset(demand.columns if demand is not None else rule.columns)
        if case.rows:
            return Probe(table, dict(case.rows[0].values), key)
        made = _made_up(copy, columns, key)
        return Probe(table, made, key, beside=True) if made is not None else None
    told = {name: value for name, value in case.failing if name in columns}
    whole = told and not any(MASKED in value or value.endswith("...") for value in told.values())
    if rule.code == "c" and whole:
        row = {n: None if v == "null" else v for n, v in told.items() if not columns[n].computed}
        return Probe(table, row, frozenset(rule.columns))
    return None


def tried(copy: Copy, probe: Probe, first: Schema, now: Schema, *, rule: str) -> ProbeOutcome:
    """Put the probe beside what is in the copy, and take it back. `first` is the schema before the fix.

    The refused row had passed the checks of then; foreign keys and triggers would ask for rows that the copy has not.
    """
    columns = now.columns.get(probe.table, {})
    gone = tuple(sorted(probe.key - columns.keys()))
    with copy.taken_back():
        for each in now.of(probe.table, Demanded.REFERENCE, Demanded.CHECK):
            old = (each.kind, each.table, each.name) in first.demands
            if each.name != rule and (each.kind is Demanded.REFERENCE or old):
                place = relation(probe.table[1], probe.table[0])
                _attempt(copy, f"ALTER TABLE {place} DROP CONSTRAINT {identifier(each.name)}")
        place = relation(probe.table[1], probe.table[0])
        _attempt(copy, f"ALTER TABLE {place} DISABLE TRIGGER USER")
        row = {name: value for name, value in probe.row.items() if name in columns}
        if probe.beside and (said := _insert(copy, probe.table, row)):
            return ProbeOutcome(said, gone)
        unique = {name for each in now.of(probe.table, Demanded.UNIQUE) for name in each.columns}
        for name in unique & row.keys() - probe.key:
            row[name] = _new(copy, columns[name]) or row[name]
        said = _insert(copy, probe.table, row) or copy.run("SET CONSTRAINTS ALL IMMEDIATE")
    return ProbeOutcome(said, gone)


def _attempt(copy: Copy, sql: str) -> None:
    copy.run("SAVEPOINT attempt")
    if copy.run(sql):
        copy.run("ROLLBACK TO SAVEPOINT attempt")


def _made_up(copy: Copy, columns: Mapping[str, CopyColumn], key: frozenset[str]) -> Values | None:
    """Values for what has to have one; None where a type is strange."""
    found: dict[str, str | None] = {}
    for name, column in columns.items():
        needed = name in key or (column.required and not column.filled)
        if column.computed or not needed:
            continue
        found[name] = _new(copy, column)
        if found[name] is None:
            return None
    return found


_TEXT = "md5(random()::text)"
_NEW = {
    "int2": "(20000 + random() * 12000)::int",
    **dict.fromkeys(("int4", "int8", "float8"), "(1000000000 + random() * 1000000000)::int"),
    **dict.fromkeys(("numeric", "money", "float4"), "(random() * 9)::int"),
    **dict.fromkeys(("text", "varchar", "bpchar", "citext", "name"), _TEXT),
    "uuid": "gen_random_uuid()",
    "bool": "true",
    "bytea": f"decode({_TEXT}, 'hex')",
    "date": "current_date + (random() * 30000)::int",
    "time": "(random() * 86000)::int * interval '1 second'",
    **dict.fromkeys(
        ("timestamp", "timestamptz"), "clock_timestamp() + random() * interval '9000 days'"
    ),
    **dict.fromkeys(("json", "jsonb"), "'{}'"),
    "inet": "'10.0.0.0'::inet + (random() * 16000000)::int",
}
"""SQL for a value that no row has, by type."""


def _new(copy: Copy, column: CopyColumn) -> str | None:
    """A value of the column's type that no row has; None of a type that is not known here."""
    if column.base in _NEW:
        ((value,),) = copy.rows(f"SELECT ({_NEW[column.base]})::text")
        return str(value)[: column.length] if column.length > 0 else str(value)
    if column.type.endswith("[]"):
        return "{}"
    labels = copy.rows(
        "SELECT e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid WHERE t.typname = %s"
        " ORDER BY random() LIMIT 1",
        column.base,
    )
    return str(labels[0][0]) if labels else None
