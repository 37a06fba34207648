"""Passes when a read-only query answers with the rows (or the number of rows) that are expected."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from smoke.database.checks._result import CheckResult, CheckSpec
from smoke.database.session import Database, Refusal
from smoke.model.numbers import json_text, loads, same

MOST_ROWS = 100


def _single(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise ValueError("it should be a text, a number, a boolean or null")


# not a union: pydantic would make a float anew, without the spelling that it keeps
_Parameter = Annotated[
    Any,
    AfterValidator(_single),
    WithJsonSchema(
        {"anyOf": [{"type": kind} for kind in ("string", "integer", "number", "boolean", "null")]}
    ),
]


class Spec(CheckSpec):
    """One SELECT, and what it must answer: `count`, `equals` (all rows, in order), or `none`."""

    query: str = Field(
        min_length=1,
        description="One SELECT; it runs in a read-only transaction",
        examples=["SELECT status FROM orders WHERE id = $1"],
    )
    count: int | None = Field(None, ge=0, strict=True, description="How many rows")
    equals: list[dict[str, Any]] | None = Field(
        None, description="Each row as column: value", examples=[[{"status": "paid"}]]
    )
    none: bool = Field(default=False, strict=True, description="No row at all")
    parameters: list[_Parameter] = Field(
        default_factory=list, description="Values for $1, $2 … of the query"
    )

    @model_validator(mode="after")
    def _one(self) -> Spec:
        if [self.count is not None, self.equals is not None, self.none].count(True) != 1:
            raise ValueError("pick one of: count, equals, none")
        return self


def run(spec: Spec, connection: Database) -> CheckResult:
    """The answer. A query that is not one SELECT is refused before it is sent."""
    problem = _not_a_query(spec.query)
    if problem:
        return CheckResult(ok=False, message=problem)
    query = spec.query.strip().rstrip(";")
    found = connection.untrusted(
        f"SELECT to_jsonb(asked) FROM (\n{query}\n) AS asked LIMIT {MOST_ROWS + 1}",  # noqa: S608  (parsed: one SELECT)
        [_text(value) for value in spec.parameters],
    )
    if isinstance(found, Refusal):
        return CheckResult(ok=False, message=f"the database refused the query: {found.message}")
    rows = [loads(row[0] or "null") for row in found]
    more = len(rows) > MOST_ROWS
    told = f"more than {MOST_ROWS}" if more else str(len(rows))
    if spec.equals is not None:
        ok = not more and same(rows, spec.equals)
        return CheckResult(
            ok=ok, message=f"{told} rows, {'as' if ok else 'not as'} expected", details=_lines(rows)
        )
    wanted = 0 if spec.none else spec.count
    return CheckResult(
        ok=not more and len(rows) == wanted,
        message=f"{told} rows, expected {wanted}",
        details=_lines(rows),
    )


def _text(value: str | float | bool | None) -> str | None:
    """A parameter as PostgreSQL reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _lines(rows: list[Any]) -> tuple[str, ...]:
    return tuple(json_text(row, spaced=True) for row in rows[:10])


def _not_a_query(sql: str) -> str:
    """Why a text is not one query, by PostgreSQL's own parser; empty when it is."""
    import postgast

    try:
        tree = postgast.parse(sql)
    except postgast.PgQueryError as error:
        return f"the query is not valid SQL: {error.message}"
    kinds = [statement.stmt.WhichOneof("node") for statement in tree.stmts]
    if kinds != ["select_stmt"]:
        return "a check takes exactly one SELECT"
    if tree.stmts[0].stmt.select_stmt.HasField("into_clause"):
        return "a check takes a SELECT without INTO"
    return ""
