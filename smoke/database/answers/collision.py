"""The row that a refused one collides with: found by the key that the server told, shown by its keys only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smoke.advice.sql import identifier, relation
from smoke.database.lookup import Rule
from smoke.database.session import Database, Refusal

HIDDEN = "(not shown)"


@dataclass(frozen=True, slots=True)
class Collision:
    """The rows with the key of a finding. `rows` are primary keys; `orders` the scenario's orders that made them.

    `naming` are the columns of those rows that hold such an order's id: what tells two orders apart there.
    """

    columns: tuple[str, ...]
    count: int
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()
    orders: tuple[str, ...] = ()
    naming: tuple[str, ...] = ()
    why: str = ""


def key_values(detail: str, columns: Sequence[str]) -> tuple[str, ...] | None:
    """The values of `Key (a, b)=(1, 2) already exists.`; None where they cannot be told apart.

    A value may itself hold `, ` or `)`: then there are more parts than columns, and guessing would find other rows.
    """
    head = f"({', '.join(columns)})=("
    start = detail.find(head)
    if start < 0:
        return None
    rest = detail[start + len(head) :]
    end = max(rest.rfind(") already exists"), rest.rfind(") conflicts with"), rest.rfind(") is "))
    if end < 0:
        return None
    values = rest[:end].split(", ") if len(columns) > 1 else [rest[:end]]
    return tuple(values) if len(values) == len(columns) else None


def colliding(
    database: Database,
    rule: Rule,
    detail: str,
    *,
    orders: Mapping[str, str],
    show_values: bool = False,
) -> Collision:
    """The rows that have the finding's key. `orders` are ids of the scenario's orders under their journal keys."""
    values = key_values(detail, rule.columns)
    if values is None:
        return Collision(rule.columns, 0, why="the finding does not tell the key's values")
    table = relation(rule.table, rule.schema)
    keys = _primary_key(database, rule)
    where = " AND ".join(f"t.{identifier(column)} = %s" for column in rule.columns)
    ids = list(orders.values())
    found = database.attempt(
        f"SELECT {_list(keys)}, ARRAY(SELECT ARRAY[e.key, e.value] FROM jsonb_each_text(to_jsonb(t)) e"  # noqa: S608  (names are quoted, values are parameters)
        f" WHERE e.value <> '' AND e.value = ANY (%s::text[])) FROM {table} t WHERE {where} LIMIT 20",
        ids,
        *values,
    )
    if isinstance(found, Refusal):
        return Collision(rule.columns, 0, why=f"the database did not tell: {found.message}")
    matched = [(column, order) for *_, pairs in found for column, order in pairs]
    made = {order for _, order in matched}
    return Collision(
        columns=rule.columns,
        count=len(found),
        rows=tuple(
            tuple(
                (name, str(value) if show_values else HIDDEN)
                for name, value in zip(keys, row, strict=False)
            )
            for row in found
        ),
        orders=tuple(key for key, order in orders.items() if order in made),
        naming=tuple(dict.fromkeys(column for column, _ in matched if column not in rule.columns)),
    )


def _list(keys: Sequence[str]) -> str:
    return ", ".join(f"t.{identifier(key)}::text" for key in keys) if keys else "NULL"


def _primary_key(database: Database, rule: Rule) -> list[str]:
    rows = database.rows(
        "SELECT a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[])"
        " WHERE i.indisprimary AND n.nspname = %s AND c.relname = %s ORDER BY a.attnum",
        rule.schema,
        rule.table,
    )
    return [str(row[0]) for row in rows]
