"""Many expressions planned as one query, whatever tables they speak of.

Columns are given names by their type and their number in the expression, so that the expressions of a thousand tables
need only a few columns, and equal ones of different tables are planned once. In what the server prints they get their
own names again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smoke.database.session import Database, Refusal
from smoke.sql import identifier

Columns = Mapping[str, str]
"""Names of columns with their types as SQL."""

_MOST = 400
"""Of one query: PostgreSQL takes 1,664 columns."""
_SLOT = re.compile(r"(?:\bsmoke\.)?\b(smoke_[0-9a-f]{16}_[0-9]+)\b")


def explained(sql: str) -> str:
    """The question for a query's plan."""
    return f"EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) {sql}"


def form(rows: list[tuple[str | None, ...]]) -> str:
    """The answer to it, but for what changes from plan to plan of the same query."""
    return json.dumps(_bare(json.loads(rows[0][0] or "null")), sort_keys=True)


def _bare(plan: Any) -> Any:
    if isinstance(plan, dict):
        return {
            name: _bare(value)
            for name, value in plan.items()
            if name not in ("Planning", "Query Identifier", "Settings", "Disabled", "Async Capable")
        }
    return [_bare(item) for item in plan] if isinstance(plan, list) else plan


@dataclass(frozen=True, slots=True)
class Expression:
    """`sql` speaks of `columns` (name and type); `names` are what these are in truth."""

    sql: str
    columns: tuple[tuple[str, str], ...]
    names: Mapping[str, str]

    def named(self, form: str) -> str:
        """What the server printed, with the columns' own names."""
        return _SLOT.sub(lambda slot: self.names.get(slot[1], slot[0]), form)


def planned_apart(sql: str, sources: Mapping[str, Columns], cast: str) -> str:
    """The query for one expression alone."""
    tables = ", ".join(_table(alias, columns) for alias, columns in sources.items())
    wanted = f"({sql})::{cast}" if cast else f"({sql})"
    return f"SELECT {wanted}{' FROM ' if tables else ''}{tables}"  # noqa: S608  (planned only)


def _table(alias: str, columns: Columns) -> str:
    if not columns:
        return f"(SELECT) AS {identifier(alias)}"
    typed = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())
    return f"json_to_recordset('[]') AS {identifier(alias)}({typed})"


def slotted(sql: str, sources: Mapping[str, Columns], cast: str) -> Expression | None:
    """The expression as one of many; None where it can only be planned alone: with a query within, or a whole row."""
    import postgast

    from smoke.database.migration.tree import expression_sql, parse_expression

    try:
        tree = parse_expression(sql)
    except postgast.PgQueryError:
        return None
    slots = _Slots(sources)
    if not slots.take(tree):
        return None
    wanted = f"({expression_sql(tree)})" + (f"::{cast}" if cast else "")
    return Expression(wanted, tuple(slots.columns.items()), slots.names)


class _Slots:
    def __init__(self, sources: Mapping[str, Columns]) -> None:
        self.sources = sources
        self.columns: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self._made: dict[tuple[str, str], str] = {}
        self._of_type: dict[str, int] = {}

    def take(self, message: Any) -> bool:
        """Name the columns anew; whether all that is within can be planned with others."""
        name = message.DESCRIPTOR.name
        if name in ("SubLink", "SetToDefault", "ParamRef"):
            return False
        if name == "ColumnRef":
            return self._column(message)
        return all(
            self.take(item)
            for field, value in message.ListFields()
            if field.message_type is not None
            for item in (value if field.is_repeated else [value])
        )

    def _column(self, reference: Any) -> bool:
        parts = [field.string.sval for field in reference.fields if field.HasField("string")]
        if len(parts) != len(reference.fields) or not 0 < len(parts) < 3:
            return False
        if len(parts) == 1 and (len(self.sources) != 1 or parts[0] in self.sources):
            return False  # the server decides whose it is
        alias = next(iter(self.sources)) if len(parts) == 1 else parts[0]
        if parts[-1] not in self.sources.get(alias, {}):
            return False
        kind = self.sources[alias][parts[-1]]
        key = (alias, parts[-1])
        if key not in self._made:
            number = self._of_type[kind] = self._of_type.get(kind, -1) + 1
            slot = f"smoke_{hashlib.sha256(kind.encode()).hexdigest()[:16]}_{number}"
            self._made[key] = slot
            self.columns[slot] = kind
            self.names[slot] = f"{identifier(alias)}.{identifier(parts[-1])}"
        del reference.fields[1:]
        reference.fields[0].string.sval = self._made[key]
        return True


def together(database: Database, wanted: Sequence[Expression]) -> dict[str, str | None]:
    """What the server prints for each expression's text; None for one that it refuses."""
    found: dict[str, str | None] = {}
    once = list({expression.sql: expression for expression in wanted}.values())
    for begin in range(0, len(once), _MOST):
        _plan(database, once[begin : begin + _MOST], found)
    return found


def _plan(database: Database, wanted: list[Expression], found: dict[str, str | None]) -> None:
    columns = dict(column for expression in wanted for column in expression.columns)
    typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    tables = f" FROM json_to_recordset('[]') AS smoke({typed})" if typed else ""
    asked = ", ".join(expression.sql for expression in wanted)
    rows = database.untrusted(explained(f"SELECT {asked}{tables}"))
    printed = [] if isinstance(rows, Refusal) else _outputs(rows)
    if len(printed) == len(wanted):
        found.update(zip((expression.sql for expression in wanted), printed, strict=True))
    elif len(wanted) == 1:
        found[wanted[0].sql] = None if isinstance(rows, Refusal) else form(rows)
    else:  # the server does not say which one it refuses
        half = len(wanted) // 2
        _plan(database, wanted[:half], found)
        _plan(database, wanted[half:], found)


def _outputs(rows: list[tuple[str | None, ...]]) -> list[str]:
    plan = json.loads(rows[0][0] or "[{}]")[0].get("Plan", {})
    return [str(output) for output in plan.get("Output", [])]
