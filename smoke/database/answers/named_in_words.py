"""What a response leaves out or names only in words, from the catalogue: the table, the rule, its columns.

What is filled in here was in no response. It is told in words of its own, and where several fit, none is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from smoke.database.answers.question import Question
from smoke.database.answers.spelling import bare, same_name, same_names
from smoke.database.catalogue.names import TableColumns, columns_of_tables
from smoke.database.catalogue.records import RELATIONS
from smoke.database.catalogue.rule_rows import RuleFilter
from smoke.database.catalogue.snapshot import narrowed
from smoke.database.lookup import Rule, rules
from smoke.database.session import Database
from smoke.model.dberror import Certainty, DatabaseError
from smoke.sql import identifier, relation

_KINDS = {"23505": "pui", "23P01": "x", "23503": "f", "23001": "f"}
_WORDS = {"23505": "unique rule", "23P01": "exclusion constraint"}
_MOST = 10
_MOST_PARTS = 5000


@dataclass(frozen=True, slots=True)
class Completed:
    """An error with what the catalogue fills in. `inferred` names these fields, `how` says what led to them.

    `rule` is what refused the row when exactly one fits; of several, `fitting` has all, `candidates` their names, and
    `error` none.
    """

    error: DatabaseError
    inferred: tuple[str, ...] = ()
    how: str = ""
    rule: Rule | None = None
    candidates: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    fitting: tuple[Rule, ...] = ()


def by_name(error: DatabaseError, rule: Rule) -> Completed:
    """What the one rule of a name tells beside it: its table and, where it is over a key, its columns. Pure."""
    columns = rule.columns if rule.code in "puixf" else ()
    return _filled(error, rule, {"columns": columns}, "the constraint's name", only_missing=True)


def complete(question: Question) -> Completed:
    """The table and the rule of an error that names no constraint. Raises SmokeError."""
    error, database = question.error, question.database
    columns = error.columns or ((error.column_name,) if error.column_name else ())
    kinds = _KINDS.get(error.sqlstate or "", "")
    if not (error.sqlstate or "").startswith("23") or not (error.table_name or columns):
        return Completed(error)
    tables = _tables(database, error, columns) if error.table_name else None
    if kinds and columns:
        return _by_columns(database, error, columns, kinds, tables)
    if not tables:
        return Completed(error)
    if len(tables) > 1:
        return Completed(
            error,
            candidates=tuple(table.sql for table in tables),
            lines=(f'which table "{error.table_name}" is is not known: {_listed(tables)}',),
        )
    return _with_table(error, tables[0], columns)


def _by_columns(
    database: Database,
    error: DatabaseError,
    columns: Sequence[str],
    kinds: str,
    tables: Sequence[TableColumns] | None,
) -> Completed:
    what = _WORDS.get(error.sqlstate or "", "foreign key")
    over = f"{what} over ({', '.join(columns)})"
    fitting = [
        rule
        for rule in rules(database, RuleFilter(codes=kinds, width=len(columns)))
        if (rule.unique or rule.code in "fx")
        and same_names(rule.columns, columns)
        and (tables is None or any((t.schema, t.name) == (rule.schema, rule.table) for t in tables))
    ]
    fitting = _outermost(database, fitting)
    of = f' of "{error.table_name}"' if error.table_name else ""
    if len(fitting) == 1:
        rule = _with_dependants(database, fitting[0])
        how = "the columns" if tables is None else "the columns and the table's name in words"
        if tables is not None and rule.table == error.table_name:
            how = "the columns"
        more: dict[str, Any] = {"constraint_name": rule.name}
        if sorted(error.columns) != sorted(rule.columns):
            more["columns"] = rule.columns
        done = _filled(error, rule, more, how)
        line = (
            f"inferred from {how} by the database's catalogue, no other {what} fits (the response does not name it):"
            f" {rule.line()}"
        )
        return replace(done, lines=(line,))
    if fitting:
        names = tuple(
            f"{identifier(rule.name)} on {relation(rule.table, rule.schema)}"
            for rule in fitting[:_MOST]
        )
        line = f"which {over}{of} it is is not known: {', '.join(names)}"
        return Completed(error, candidates=names, lines=(line,), fitting=tuple(fitting))
    none = f"no {over} is in this database"
    if tables is not None and not tables:
        none = f'no table with a name like "{error.table_name}" and ({", ".join(columns)}) is in this database'
    elif tables:
        none = f"no {over} is on {_listed(tables)}"
    return Completed(error, lines=(none,))


def _with_dependants(database: Database, rule: Rule) -> Rule:
    asked = RuleFilter(rule.schema, rule.table, rule.name)
    found = rules(database, asked, with_dependants=True)
    return found[0] if len(found) == 1 else rule


def _with_table(error: DatabaseError, table: TableColumns, columns: Sequence[str]) -> Completed:
    known = [
        name
        for name in table.columns
        if error.column_name and bare(name) == bare(error.column_name)
    ]
    values: dict[str, Any] = {"schema_name": table.schema, "table_name": table.name}
    if len(known) == 1:
        values["column_name"] = known[0]
    changed = {name: value for name, value in values.items() if getattr(error, name) != value}
    with_columns = f" and the columns {', '.join(columns)}" if columns else ""
    line = (
        f'inferred by the database\'s catalogue: "{error.table_name}" is the table {table.sql}, no other has that name'
        + with_columns
    )
    return Completed(
        replace(error, **changed),
        tuple(changed),
        "the table's name in words" if "table_name" in changed else "the table's name",
        lines=(line,) if "table_name" in changed else (),
    )


def _filled(
    error: DatabaseError,
    rule: Rule,
    more: dict[str, Any],
    how: str,
    *,
    only_missing: bool = False,
) -> Completed:
    values: dict[str, Any] = {
        "schema_name": rule.schema,
        "table_name": rule.table,
        **more,
    }
    changed = {
        name: value
        for name, value in values.items()
        if value and getattr(error, name) != value and not (only_missing and getattr(error, name))
    }
    return Completed(replace(error, **changed), tuple(changed), how if changed else "", rule)


def _tables(database: Database, error: DatabaseError, columns: Sequence[str]) -> list[TableColumns]:
    """The tables that an error's name may mean, among those that have its columns."""
    wanted = {bare(column) for column in columns}
    tables = [
        table
        for table in columns_of_tables(database, error.schema_name)
        if table.kind in "rp" and wanted <= {bare(column) for column in table.columns}
    ]
    # a library that speaks in words writes `Order` for `order`: there, too, `Order` may be either
    exact = error.certainty is not Certainty.INFERRED
    meant = same_name(error.table_name or "", (table.name for table in tables), exact=exact)
    return [table for table in tables if table.name in meant]


def _outermost(database: Database, found: Sequence[Rule]) -> list[Rule]:
    """Without the rules of partitions: they are those of their table."""
    if len(found) < 2:
        return list(found)
    asked = {"c.relispartition": (), "c.relname = ANY (%s::text[])": [r.table for r in found]}
    parts = {place for place, _ in narrowed(database, RELATIONS, asked, most=_MOST_PARTS)}
    return [rule for rule in found if (rule.schema, rule.table) not in parts]


def _listed(tables: Sequence[TableColumns]) -> str:
    return ", ".join(table.sql for table in tables[:_MOST])
