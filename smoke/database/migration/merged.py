"""Keys of one CREATE TABLE that the server makes only once: UNIQUE on the very columns of the primary key, or twice.

`transformIndexConstraints` of PostgreSQL keeps the first of equal keys (the primary key before all), and gives it the
name that a later one has when it has none of its own.
"""

from __future__ import annotations

from typing import Any

from smoke.database.migration.tree import enum_name, plain_options, strings

_KEYS = ("CONSTR_PRIMARY", "CONSTR_UNIQUE")
Placed = tuple[Any, str]
"""A constraint's tree, and the column that it is written at."""


def made_once(constraints: list[Placed]) -> list[Placed]:
    """The constraints without the keys that the server does not make."""
    primary = [item for item in constraints if enum_name(item[0], "contype") == "CONSTR_PRIMARY"]
    kept: list[Placed] = []
    names: dict[int, str] = {}
    keys: dict[tuple[object, ...], int] = {}
    for node, column in [*primary, *(item for item in constraints if item not in primary)]:
        if enum_name(node, "contype") in _KEYS and not node.indexname:
            key = _key(node, column)
            if key in keys:
                names.setdefault(keys[key], node.conname)
                continue
            keys[key] = len(kept)
            if node.conname:
                names[len(kept)] = node.conname
        kept.append((node, column))
    return [(_named(node, names.get(n, "")), column) for n, (node, column) in enumerate(kept)]


def _key(node: Any, column: str) -> tuple[object, ...]:
    columns = strings(node.keys) or (column,)
    deferral = (node.deferrable, node.initdeferred)
    more = (strings(node.including), node.nulls_not_distinct, plain_options(node.options))
    return (columns, deferral, *more)


def _named(node: Any, name: str) -> Any:
    if not name or node.conname:
        return node
    copy = type(node)()
    copy.CopyFrom(node)
    copy.conname = name
    return copy
