"""Exclusion constraints: what a script writes against what the server prints."""

from __future__ import annotations

from typing import Any

from smoke.database.migration.claims import Thing
from smoke.database.migration.indexes import same_element, same_expression
from smoke.database.migration.sight import Sight
from smoke.database.migration.tree import scalar


def same_exclusion(
    sight: Sight,
    node: Any,
    other: Any,
    table: Thing,
    names: dict[str, str],
    path: tuple[str, ...],
) -> bool | None:
    """Whether an EXCLUDE of the script is the server's (`other`)."""
    method = other.access_method or "btree"
    if (node.access_method or "btree") != method or len(node.exclusions) != len(other.exclusions):
        return False
    results: list[bool | None] = []
    for mine, theirs in zip(node.exclusions, other.exclusions, strict=True):
        (element, operator), (element2, operator2) = mine.list.items, theirs.list.items
        results.append(_operator(operator) == _operator(operator2))
        results.append(
            same_element(
                sight,
                element.index_elem,
                element2.index_elem,
                table,
                names,
                path,
                method,
            )
        )
    where = [n.where_clause if n.HasField("where_clause") else None for n in (node, other)]
    results.append(same_expression(sight, where[0], where[1], table, names, path))
    if False in results:
        return False
    return None if None in results else True


def _operator(node: Any) -> str:
    items = node.list.items
    return items[-1].string.sval if items else str(scalar(node))
