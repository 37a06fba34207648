"""A value that a rule does not take: which column it is of, what the rule says, and the ways out."""

from __future__ import annotations

from smoke.database.answers.keys import failing_row
from smoke.database.answers.question import DatabaseAnswer, Question
from smoke.database.answers.remedies import for_check
from smoke.database.answers.rows import traits
from smoke.database.catalogue.records import RELATIONS, Relation
from smoke.database.catalogue.snapshot import narrowed
from smoke.database.lookup import Rule
from smoke.sql import relation

_MOST = 12


def tell(question: Question, rule: Rule) -> DatabaseAnswer:
    """What is true of a check and the value that it refused."""
    lines = question.part("the columns that it looks at", lambda: _columns(question, rule)) or ()
    return DatabaseAnswer(lines=tuple(lines), remedies=for_check(rule))


def _columns(question: Question, rule: Rule) -> list[str]:
    detail = question.error.message_detail or ""
    known = traits(question.database, rule.schema, rule.table)
    if not known.columns:
        return [
            f"{relation(rule.table, rule.schema)} is a domain: it refuses a value of that type in any column"
        ]
    if not rule.columns:
        return [f"{rule.name} looks at no column by its name: the row as a whole is refused"]
    values = failing_row(detail, known.columns)
    shown = [
        f"{column} {values[column]}"
        for column in rule.columns
        if question.show_values and column in values
    ]
    had = f": the refused row had {', '.join(shown)}" if shown else ""
    if len(rule.columns) == 1:
        return [f"the refused value is the one of the column {rule.columns[0]}{had}"]
    return [f"it compares the columns {', '.join(rule.columns)}{had}"]


def without_partition(question: Question) -> DatabaseAnswer:
    """Of a row for which no partition is there: how the table is divided, and what its parts take."""
    return DatabaseAnswer(
        lines=tuple(question.part("the partitions", lambda: _partitions(question)) or ())
    )


def _partitions(question: Question) -> list[str]:
    error = question.error
    if not error.table_name:
        return []
    asked = {"c.relname = %s": error.table_name, "n.nspname = %s": error.schema_name}
    rows = narrowed(question.database, RELATIONS, {"c.relkind = 'p'": (), **asked}, most=2)
    if len(rows) != 1:
        return []
    whole: Relation = rows[0][1]
    of_it = {"c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = %s::oid)": whole.oid}
    found = narrowed(question.database, RELATIONS, of_it, most=500)
    parts = [f"{has.name} {has.bound}" for _, has in found]
    schema, table, key = whole.schema, whole.name, whole.partition_key
    if any(part.endswith(" DEFAULT") for part in parts):
        return [f"{relation(table, schema)} has a default partition now: it was made since"]
    shown = ", ".join(parts[-_MOST:])
    more = f" and {len(parts) - _MOST} before" if len(parts) > _MOST else ""
    told = f"{relation(table, schema)} is partitioned by {key}, without a default partition"
    return [f"{told}; its partitions: {shown or 'none'}{more}"]
