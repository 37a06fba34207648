"""Passes when nothing of that name refuses rows any more: no constraint, no unique index, no trigger."""

from __future__ import annotations

from pydantic import Field

from smoke.database.checks._result import CheckResult, CheckSpec
from smoke.database.lookup import constraint
from smoke.database.session import Database


class Spec(CheckSpec):
    """Which name, on which table (on any when it is left out)."""

    name: str = Field(
        min_length=1, description="Name of the constraint", examples=["orders_customer_step_uq"]
    )
    table: str = Field(
        "",
        description="NAME or SCHEMA.NAME; the table itself must be there",
        examples=["public.orders"],
    )


def run(spec: Spec, connection: Database) -> CheckResult:
    """The answer; a missing table is no proof that the constraint was dropped."""
    answer = constraint(connection, spec.name, spec.table)
    if spec.table and not answer.table_exists:
        return CheckResult(
            ok=False,
            message=f"there is no table {spec.table} in database {connection.endpoint.database}: is it the right one?",
        )
    if answer.exists:
        return CheckResult(
            ok=False,
            message=f"{spec.name} is still there: {answer.found[0].line()}",
            details=tuple(rule.line() for rule in answer.found[1:]),
        )
    return CheckResult(ok=True, message=f"there is no {spec.name}")
