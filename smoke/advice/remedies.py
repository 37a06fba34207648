"""SQL that could mend what was found. It writes: smoke never runs it, and each says what it may cost.

The remedy that keeps the rule comes first; dropping it is the last.
"""

# ruff: noqa: S608  (text for a person: nothing is run here, and every value is quoted by smoke.sql)

from __future__ import annotations

from collections.abc import Callable

from smoke.advice.subject import Subject
from smoke.advice.unique import likely_sequence
from smoke.model.finding import Statement
from smoke.sql import identifier, literal


def remedies(sqlstate: str | None, subject: Subject) -> tuple[Statement, ...]:
    """What a person may run after reading it; empty where no SQL is likely to be the remedy."""
    rule = _RULES.get(sqlstate or "")
    return rule(subject) if rule is not None else ()


def _unique(s: Subject) -> tuple[Statement, ...]:
    if not (s.table and s.constraint):
        return ()
    index = (
        f"{identifier(s.schema)}.{identifier(s.constraint)}"
        if s.schema
        else identifier(s.constraint)
    )
    return (
        *((_setval(s),) if likely_sequence(s) and s.column else ()),
        _drop(s, "only if the rule should be gone: from then on nothing keeps duplicates out"),
        Statement(
            purpose="the same where it is a unique index without a constraint (waits for no writer)",
            sql=f"DROP INDEX CONCURRENTLY IF EXISTS {index};",
            writes=True,
        ),
    )


def _setval(s: Subject) -> Statement:
    column = identifier(s.column)
    return Statement(
        purpose=f"if the sequence is behind: the next key comes after the largest one{_somewhere(s)}",
        sql=(
            f"SELECT setval(pg_get_serial_sequence({literal(s.relation)}, {literal(s.column)}),"
            f" (SELECT max({column}) FROM {s.relation}));"
        ),
        writes=True,
    )


def _foreign_key(s: Subject) -> tuple[Statement, ...]:
    if not (s.table and s.constraint):
        return ()
    if s.deleting:
        return (
            _drop(
                s, "last resort: what refers to a row stays behind then; delete those rows first"
            ),
        )
    return (
        Statement(
            purpose="where the row that it refers to is written later in the same transaction: the rule is then"
            f" checked at COMMIT; locks the table for a moment{_somewhere(s)}",
            sql=f"ALTER TABLE {s.relation} ALTER CONSTRAINT {identifier(s.constraint)} DEFERRABLE INITIALLY DEFERRED;",
            writes=True,
        ),
        _drop(
            s, "last resort: rows without their parent can then be written; write the parent first"
        ),
    )


def _check(s: Subject) -> tuple[Statement, ...]:
    if not (s.table and s.constraint):
        return ()
    name = identifier(s.constraint)
    return (
        Statement(
            purpose="where the value is right and the rule is out of date: put the new rule for new_condition; locks"
            f" the table for a moment, and checks the rows that are there without blocking writers{_somewhere(s)}",
            sql=(
                f"ALTER TABLE {s.relation} DROP CONSTRAINT {name},\n"
                f"  ADD CONSTRAINT {name} CHECK (new_condition) NOT VALID;\n"
                f"ALTER TABLE {s.relation} VALIDATE CONSTRAINT {name};"
            ),
            writes=True,
        ),
        _drop(s, "last resort: from then on no value is refused"),
    )


def _exclusion(s: Subject) -> tuple[Statement, ...]:
    if not (s.table and s.constraint):
        return ()
    return (_drop(s, "last resort: rows that overlap can then be written"),)


def _drop(s: Subject, risk: str) -> Statement:
    return Statement(
        purpose=f"{risk}; locks the table for a moment{_somewhere(s)}",
        sql=f"ALTER TABLE {s.relation} DROP CONSTRAINT IF EXISTS {identifier(s.constraint)};",
        writes=True,
    )


def _somewhere(s: Subject) -> str:
    return "" if s.schema else "; put its schema before the table's name"


def _not_null(s: Subject) -> tuple[Statement, ...]:
    if not (s.table and s.column):
        return ()
    return (
        Statement(
            purpose=f"lets the running build write again; rows without a value are then possible{_somewhere(s)}",
            sql=f"ALTER TABLE {s.relation} ALTER COLUMN {identifier(s.column)} DROP NOT NULL;",
            writes=True,
        ),
    )


def _rights(s: Subject) -> tuple[Statement, ...]:
    if s.schema and not s.table:
        return (
            Statement(
                purpose="put the shop's role for shop_role; lets it look into the schema",
                sql=f"GRANT USAGE ON SCHEMA {identifier(s.schema)} TO shop_role;",
                writes=True,
            ),
        )
    if not s.table or "row-level security" in s.message:
        return ()
    return (
        Statement(
            purpose=f"put the shop's role for shop_role; gives it these rights on the whole table{_somewhere(s)}",
            sql=f"GRANT SELECT, INSERT, UPDATE ON {s.relation} TO shop_role;",
            writes=True,
        ),
    )


_RULES: dict[str, Callable[[Subject], tuple[Statement, ...]]] = {
    "23505": _unique,
    "23503": _foreign_key,
    "23001": _foreign_key,
    "23514": _check,
    "23P01": _exclusion,
    "23502": _not_null,
    "42501": _rights,
}
