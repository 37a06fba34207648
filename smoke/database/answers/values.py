"""A value that a column does not take: NULL where there must be one, too long, too large, no label of its type."""

from __future__ import annotations

import re
from collections.abc import Sequence

from smoke.database.answers.question import DatabaseAnswer, Question
from smoke.database.answers.spelling import nearest
from smoke.database.answers.unapplied import unapplied
from smoke.database.catalogue.records import COLUMNS, ENUMS, RelationColumn
from smoke.database.catalogue.snapshot import narrowed
from smoke.database.lookup import split_name
from smoke.sql import identifier, relation

_LIMITED = re.compile(r"\b(?:character varying|character|bit varying|bit)\(\d{1,9}\)")
_NUMERIC = re.compile(r"precision (\d{1,4})\D{1,20}(-?\d{1,4})\b")
_ENUM = re.compile(r'enum ([^\s:]{1,200}): "([^\n]{0,300})"')
_MOST = 8
_MOST_COLUMNS = 5000
_MOST_OF_TYPE = 500
_OF_OURS = "c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_OF_TYPE = (
    "%s = ANY (ARRAY[format_type(a.atttypid, a.atttypmod), regexp_replace(format_type(a.atttypid, a.atttypmod), '\\[\\]$', ''),"
    " CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END])"
)
"""Of a type, an array of it, or a domain over it."""


def not_null(question: Question) -> DatabaseAnswer:
    """Of a column that must have a value: whether it fills itself, and what else must be given."""
    return DatabaseAnswer(
        lines=tuple(question.part("the column", lambda: _not_null(question)) or ())
    )


def _not_null(question: Question) -> list[str]:
    error = question.error
    column = error.column_name or (error.columns[0] if len(error.columns) == 1 else "")
    if not column or not error.table_name:
        return []
    rows = narrowed(
        question.database,
        COLUMNS,
        {
            "c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'": (),
            "c.relname = %s": error.table_name,
            "n.nspname = %s": error.schema_name,
        },
        most=_MOST_COLUMNS,
    )
    schemas = {str(schema) for (schema, _), _ in rows}
    if len(schemas) != 1:
        return (
            []
            if not schemas
            else [f"{error.table_name} is in several schemas: {', '.join(sorted(schemas))}"]
        )
    place = relation(error.table_name, schemas.pop())
    known: list[RelationColumn] = [has for _, has in rows]
    mine = next((has for has in known if has.name == column), None)
    if mine is None:
        return [f"{place} has no column {column} in this database: the deployment uses another one"]
    if not mine.not_null:
        return [
            f"{place}.{identifier(column)} may be NULL in this database: the rule was dropped since, or it is another one"
        ]
    filled = (
        "filled by the database itself"
        if mine.identity or mine.generated
        else f"default {mine.default}"
        if mine.default
        else ""
    )
    told = (
        f"{filled}, which NULL in the statement overrides: leave the column out"
        if filled
        else "without a default: the statement has to give it"
    )
    lines = [f"{place}.{identifier(column)} is {mine.type} NOT NULL, {told}"]
    others = [
        has.name
        for has in known
        if has.not_null and not (has.identity or has.generated or has.default) and has is not mine
    ]
    if others and not filled:
        lines.append(f"as well without a default: {', '.join(others[:_MOST])}" + _more(others))
    return [*lines, *unapplied(question, column)]


def of_type(question: Question) -> DatabaseAnswer:
    """Of a value that is too long or too large: the column of that type, when there is only one."""
    return DatabaseAnswer(
        lines=tuple(question.part("the column", lambda: _of_type(question)) or ())
    )


def _of_type(question: Question) -> list[str]:
    error = question.error
    kind = _type_of(error.sqlstate or "", error.message_primary or "", error.message_detail or "")
    column = error.column_name if error.table_name else None
    if not column and not kind:
        return []
    rows = narrowed(
        question.database,
        COLUMNS,
        {
            _OF_OURS: (),
            "c.relname = %s": error.table_name,
            "n.nspname = %s": error.schema_name,
            "a.attname = %s": column,
            _OF_TYPE: None if column else kind,
        },
        most=_MOST_OF_TYPE,
    )
    rows.sort(key=lambda row: row[0])  # a table's columns are in their order
    columns = [f"{relation(table, schema)}.{identifier(has.name)}" for (schema, table), has in rows]
    where = f"in {error.table_name}" if error.table_name else "in this database"
    if column and columns:
        return [f"{columns[0]} is {rows[0][1].type}"] if len(columns) == 1 else []
    if len(columns) == 1:
        return [
            f"inferred from the type by the database's catalogue: {columns[0]} is the only column of {kind} {where}"
        ]
    if columns:
        return [
            f"which column it is is not known; of type {kind} {where}: {', '.join(columns[:_MOST])}{_more(columns)}"
        ]
    return [
        f"no column of type {kind} is {where}: the value was refused elsewhere, or in another database"
    ]


def _type_of(sqlstate: str, message: str, detail: str) -> str:
    if sqlstate == "22001":
        found = _LIMITED.search(message[:2000])
        return found[0] if found else ""
    sizes = _NUMERIC.search(detail[:2000])
    return f"numeric({sizes[1]},{sizes[2]})" if sizes else ""


def label(question: Question) -> DatabaseAnswer:
    """Of a value that is none of its type's labels: which labels there are."""
    return DatabaseAnswer(
        lines=tuple(question.part("the type's labels", lambda: _labels(question)) or ())
    )


def _labels(question: Question) -> list[str]:
    error = question.error
    found = _ENUM.search((error.message_primary or "")[:2000])
    name = found[1] if found else (error.datatype_name or "")
    if not name:
        return []
    schema, bare = split_name(name)
    asked = {"t.typname = %s": bare, "n.nspname = %s": schema}
    return [
        _one_type(at, kind, labels, found[2] if found else "")
        for (at, kind), labels in narrowed(question.database, ENUMS, asked, most=5)
    ]


def _one_type(schema: str, name: str, labels: Sequence[str], value: str) -> str:
    kind = relation(name, schema)
    if value and value in labels:
        return f"{kind} has that label now: it was added since, or the deployment uses another database"
    close = nearest(value, labels, 1) if value else []
    meant = f"; the nearest is {close[0]}" if close else ""
    listed = ", ".join(labels[:30])
    return f"{kind} has these labels: {listed}{meant}"


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
