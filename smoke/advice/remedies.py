"""SQL that could mend what was found. It writes: smoke never runs it, and each says what it may cost."""

from __future__ import annotations

from collections.abc import Callable

from smoke.advice.sql import identifier
from smoke.advice.subject import Subject
from smoke.model.finding import Statement


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
        _drop(s, "only if the rule should be gone: from then on nothing keeps duplicates out"),
        Statement(
            purpose="the same where it is a unique index without a constraint (waits for no writer)",
            sql=f"DROP INDEX CONCURRENTLY IF EXISTS {index};",
            writes=True,
        ),
    )


def _foreign_key(s: Subject) -> tuple[Statement, ...]:
    if not (s.table and s.constraint):
        return ()
    return (
        _drop(
            s,
            "last resort: rows without their parent can then be written; better write the parent first",
        ),
    )


def _rule_out_of_date(s: Subject) -> tuple[Statement, ...]:
    if not (s.table and s.constraint):
        return ()
    return (
        _drop(
            s,
            "only if the rule is out of date; then add the new one as NOT VALID and validate it later",
        ),
    )


def _drop(s: Subject, risk: str) -> Statement:
    return Statement(
        purpose=f"{risk}; locks the table for a moment",
        sql=f"ALTER TABLE {s.relation} DROP CONSTRAINT IF EXISTS {identifier(s.constraint)};",
        writes=True,
    )


def _not_null(s: Subject) -> tuple[Statement, ...]:
    if not (s.table and s.column):
        return ()
    return (
        Statement(
            purpose="lets the running build write again; rows without a value are then possible",
            sql=f"ALTER TABLE {s.relation} ALTER COLUMN {identifier(s.column)} DROP NOT NULL;",
            writes=True,
        ),
    )


def _rights(s: Subject) -> tuple[Statement, ...]:
    if not s.table or "row-level security" in s.message:
        return ()
    return (
        Statement(
            purpose="put the shop's role for shop_role; gives it these rights on the whole table",
            sql=f"GRANT SELECT, INSERT, UPDATE ON {s.relation} TO shop_role;",
            writes=True,
        ),
    )


_RULES: dict[str, Callable[[Subject], tuple[Statement, ...]]] = {
    "23505": _unique,
    "23503": _foreign_key,
    "23514": _rule_out_of_date,
    "23P01": _rule_out_of_date,
    "23502": _not_null,
    "42501": _rights,
}
