"""Passes when an index over these columns is there, valid, and unique where that is asked."""

from __future__ import annotations

from pydantic import Field

from smoke.database.catalogue.rule_rows import RuleFilter
from smoke.database.checks._result import CheckResult, CheckSpec
from smoke.database.lookup import Rule, meant_tables, rules
from smoke.database.session import Database


class Spec(CheckSpec):
    """Which table and columns (in order); `name` narrows it down."""

    table: str = Field(min_length=1, description="NAME or SCHEMA.NAME", examples=["public.orders"])
    columns: tuple[str, ...] = Field(
        min_length=1, description="Its columns, in order", examples=[["order_id", "step_id"]]
    )
    unique: bool = Field(
        default=False, strict=True, description="Whether it must keep duplicates out"
    )
    name: str = Field("", description="Name of the index", examples=["orders_email_idx"])


def run(spec: Spec, connection: Database) -> CheckResult:
    """The answer; the index of a constraint counts, a partial index is no proof of uniqueness."""
    tables = meant_tables(connection, spec.table)
    if not tables:
        return CheckResult(ok=False, message=f"there is no table {spec.table}")
    known = [
        rule
        for schema, table in tables
        for rule in rules(connection, RuleFilter(schema, table, codes="ipu"))
    ]
    lines = tuple(rule.line() for rule in known)
    for rule in known:
        if rule.columns == spec.columns and spec.name in ("", rule.name):
            against = _against(rule, spec)
            if not against:
                return CheckResult(ok=True, message=f"{rule.name} is there: {rule.definition}")
            return CheckResult(ok=False, message=f"{rule.name} {against}", details=lines)
    columns = ", ".join(spec.columns)
    called = f" named {spec.name}" if spec.name else ""
    return CheckResult(
        ok=False, message=f"{spec.table} has no index{called} over ({columns})", details=lines
    )


def _against(rule: Rule, spec: Spec) -> str:
    if not rule.valid:
        return "is there, but INVALID: its build failed or has not finished"
    if spec.unique and not rule.unique:
        return "is there, but not unique"
    if spec.unique and rule.code == "i" and " WHERE " in rule.definition:
        return f"is unique for a part of the rows only: {rule.definition}"
    return ""
