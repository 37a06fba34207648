"""Passes when a constraint (or unique index) of that name is there and valid."""

from __future__ import annotations

from pydantic import Field

from smoke.database.checks._result import CheckResult, CheckSpec
from smoke.database.lookup import constraint, meant_tables
from smoke.database.session import Database
from smoke.sql import relation


class Spec(CheckSpec):
    """Which name, on which table, over which columns (in order)."""

    name: str = Field(
        min_length=1, description="Name of the constraint", examples=["orders_customer_step_uq"]
    )
    table: str = Field("", description="NAME or SCHEMA.NAME", examples=["public.orders"])
    columns: tuple[str, ...] = Field(
        (), description="Its columns, in order", examples=[["order_id", "step_id"]]
    )


def run(spec: Spec, connection: Database) -> CheckResult:
    """The answer, with names that may have been meant."""
    answer = constraint(connection, spec.name, spec.table)
    lines = tuple(rule.line() for rule in (*answer.found, *answer.elsewhere, *answer.similar))
    if not answer.exists:
        on = f" on {spec.table}" if spec.table else ""
        return CheckResult(ok=False, message=f"there is no {spec.name}{on}", details=lines)
    found = answer.found
    if spec.table:
        meant = meant_tables(connection, spec.table)
        found = tuple(rule for rule in found if (rule.schema, rule.table) in meant)
        if not found:
            place = relation(answer.found[0].table, answer.found[0].schema)
            message = f"there is no {spec.name} on {spec.table}; it is on {place}"
            return CheckResult(ok=False, message=message, details=lines)
    valid = [rule for rule in found if rule.valid]
    if not valid:
        return CheckResult(ok=False, message=f"{spec.name} is there, but not valid", details=lines)
    if spec.columns and all(rule.columns != spec.columns for rule in valid):
        return CheckResult(
            ok=False,
            message=f"{spec.name} is over ({', '.join(valid[0].columns)}), not ({', '.join(spec.columns)})",
            details=lines,
        )
    return CheckResult(
        ok=True, message=f"{spec.name} is there: {valid[0].definition}", details=lines
    )
