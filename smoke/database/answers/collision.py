"""The row that a refused one collides with: found by the key that the server told, shown by its keys only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from smoke.database.answers.keys import MASKED, key_of, key_splits, spoken_values
from smoke.database.answers.rows import ROW, ColumnTraits, parameterless, traits
from smoke.database.catalogue.index_keys import IndexKey
from smoke.database.catalogue.records import CONSTRAINTS
from smoke.database.catalogue.snapshot import alone
from smoke.database.lookup import Rule
from smoke.database.session import Database, Refusal
from smoke.model.dberror import DatabaseError
from smoke.sql import identifier, relation

HIDDEN = "(not shown)"
_MOST = 20


@dataclass(frozen=True, slots=True)
class Collision:
    """The rows with the key of a finding. `rows` are primary keys; `orders` the scenario's orders that made them.

    `naming` are the columns of those rows that hold such an order's id: what tells two orders apart there. `made` says
    when the (only) row was made, where a column or the commit time tells. `partial` is the condition of the rows that
    the rule is over, `why` what kept the rows from being known.
    """

    columns: tuple[str, ...]
    count: int
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()
    orders: tuple[str, ...] = ()
    naming: tuple[str, ...] = ()
    made: str = ""
    partial: str = ""
    why: str = ""


def colliding(
    database: Database,
    rule: Rule,
    error: DatabaseError,
    *,
    orders: Mapping[str, str],
    show_values: bool = False,
) -> Collision:
    """The rows that have the finding's key. `orders` are ids of the scenario's orders under their journal keys."""
    key = key_of(database, rule)
    none = Collision(rule.columns, 0, partial=key.predicate)
    readings = key_readings(error, rule, key)
    if not readings:
        return replace(none, why="the finding does not tell the key's values")
    if any(MASKED in value for values in readings for value in values):
        return replace(none, why="a value of it is masked in the evidence")
    known = traits(database, rule.schema, rule.table)
    names = _primary_key(database, rule)
    answers = [
        _rows(database, rule, key, values, known, names, list(orders.values()))
        for values in readings
    ]
    # of several readings of one text, the one that a row has is the right one
    rows = [answer for answer in answers if not isinstance(answer, Refusal) and answer]
    if len(readings) > 1 and len(rows) != 1:
        return replace(none, why="the finding does not tell the key's values apart")
    found = rows[0] if rows else answers[0]
    if isinstance(found, Refusal):
        return replace(none, why=f"the database did not tell: {found.message}")
    if not found and known.hides:
        user = database.endpoint.user
        return replace(none, why=f"row-level security may hide it from the role {user}")
    matched = [(column, order) for *_, pairs in found for column, order in pairs]
    made = {order for _, order in matched}
    return replace(
        none,
        count=len(found),
        rows=tuple(
            tuple(
                (name, str(value) if show_values else HIDDEN)
                for name, value in zip(names, row, strict=False)
            )
            for row in found
        ),
        orders=tuple(key for key, order in orders.items() if order in made),
        naming=tuple(dict.fromkeys(column for column, _ in matched if column not in rule.columns)),
        made=known.since(found[0][-2]) if len(found) == 1 else "",
    )


def key_readings(error: DatabaseError, rule: Rule, key: IndexKey) -> list[tuple[str, ...]]:
    """The values of the key's parts, from the detail (perhaps in several ways) or from a sentence that tells them."""
    detail = error.message_detail or ""
    found = key_splits(detail, key.parts) or key_splits(detail, rule.columns)
    if not found and (spoken := spoken_values(error, rule.columns)):
        found = [spoken]
    return [values for values in found if len(values) == len(key.parts)]


def _rows(
    database: Database,
    rule: Rule,
    key: IndexKey,
    values: Sequence[str],
    known: ColumnTraits,
    names: Sequence[str],
    ids: Sequence[str],
) -> list[tuple[Any, ...]] | Refusal:
    """Of each row: its primary key, its age, and the columns that hold one of the ids."""
    where, given = conditions(key, values)
    table = parameterless(relation(rule.table, rule.schema))
    keys = ", ".join(f"{ROW}.{parameterless(identifier(name))}::text" for name in names) or "NULL"
    found = database.attempt(
        f"SELECT {keys}, {parameterless(known.age())},"  # noqa: S608  (the catalogue's own SQL; values are parameters)
        f" ARRAY(SELECT ARRAY[e.key, e.value] FROM jsonb_each_text(to_jsonb({ROW})) e"
        " WHERE e.value <> '' AND e.value = ANY (%s::text[]))"
        f" FROM {table} {ROW} WHERE {where} LIMIT {_MOST}",
        list(ids),
        *given,
    )
    if not isinstance(found, Refusal) or found.sqlstate != "42501":
        return found
    # a role that may read only some columns: those of the key are enough to tell whether the row is there
    counted = database.attempt(
        f"SELECT NULL::float8, %s::text[] FROM {table} {ROW} WHERE {where} LIMIT {_MOST}",  # noqa: S608  (as above)
        [],
        *given,
    )
    return found if isinstance(counted, Refusal) else counted


def conditions(key: IndexKey, values: Sequence[str]) -> tuple[str, list[str]]:
    """The condition of the rows with a key, and the values of its parameters. It names columns bare, as the catalogue."""
    wheres = [f"({parameterless(key.predicate)})"] if key.predicate else []
    given: list[str] = []
    for part, equals, value in zip(
        map(parameterless, key.parts), map(parameterless, key.equals), values, strict=True
    ):
        if key.nulls_equal and value == "null":
            wheres.append(f"({part} IS NULL OR ({part})::text = 'null')")
        else:
            wheres.append(f"{part} {equals} %s")
            given.append(value)
    return " AND ".join(wheres), given


def _primary_key(database: Database, rule: Rule) -> list[str]:
    known = alone(database, CONSTRAINTS, rule.schema, rule.table)
    return next((list(found.columns) for found in known if found.code == "p"), [])
