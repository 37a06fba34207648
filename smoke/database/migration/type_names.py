"""What a type's name in a script means, from the catalogue: the same type as the server would find."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.catalog import Catalog
from smoke.database.migration.tree import inner, strings

TypeId = tuple[int, int]
"""Oid and modifier (-1 for none)."""

_PLUS_HEADER = {"varchar", "bpchar"}
_PLAIN = {"bit", "varbit"}
_PRECISION = {"timestamp", "timestamptz", "time", "timetz"}
_LONGEST = 10485760
"""The server refuses a longer varchar(n)."""


def name_said(type_name: Any) -> tuple[object, ...] | None:
    """A name (tree) as a value; None for one that is more than names, numbers and brackets."""
    numbers = _numbers(type_name.typmods)
    if type_name.setof or type_name.pct_type or numbers is None:
        return None
    return strings(type_name.names), numbers, len(type_name.array_bounds)


def _numbers(nodes: Any) -> tuple[int, ...] | None:
    found: list[int] = []
    for node in nodes:
        kind, value = inner(node)
        if kind != "a_const" or value.WhichOneof("val") != "ival":
            return None
        found.append(value.ival.ival)
    return tuple(found)


def type_in(catalog: Catalog, type_name: Any, path: tuple[str, ...]) -> TypeId | None:
    """The type that a name (tree) means under a search path; None where only the server can tell."""
    names = strings(type_name.names)
    if type_name.setof or type_name.pct_type or not 0 < len(names) < 3:
        return None
    usual = path if "pg_catalog" in path else ("pg_catalog", *path)
    for schema in usual if len(names) == 1 else names[:1]:
        row = catalog.type_row(schema, names[-1])
        if row is None:
            continue
        modifier = _modifier(names[-1] if schema == "pg_catalog" else "", type_name.typmods)
        oid = row[4] if type_name.array_bounds else row[0]
        return None if modifier is None or not oid else (oid, modifier)
    return None


def _modifier(name: str, nodes: Any) -> int | None:
    """The modifier of one of the server's own types (`typmodin` of each); None where it is not known here."""
    if not nodes:
        return -1
    values = _numbers(nodes)
    if values is None:
        return None
    first = values[0]
    if len(values) == 1 and name in _PLUS_HEADER and 0 < first <= _LONGEST:
        return first + 4
    if len(values) == 1 and name in _PLAIN and 0 < first <= _LONGEST:
        return first
    if len(values) == 1 and name in _PRECISION and 0 <= first <= 6:
        return first
    if name == "numeric" and len(values) < 3 and 0 < first <= 1000:
        scale = values[1] if len(values) == 2 else 0
        if 0 <= scale <= first:
            return ((first << 16) | scale) + 4
    return None
