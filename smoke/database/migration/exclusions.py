"""Exclusion constraints: what a script writes against what the server prints."""

from __future__ import annotations

from typing import Any

from smoke.database.migration.claims import together
from smoke.database.migration.columns import InTable
from smoke.database.migration.indexes import condition, same_element
from smoke.database.migration.tree import scalar


def same_exclusion(node: Any, other: Any, here: InTable) -> bool | None:
    """Whether an EXCLUDE of the script is the server's (`other`)."""
    method = other.access_method or "btree"
    if (node.access_method or "btree") != method or len(node.exclusions) != len(other.exclusions):
        return False
    results: list[bool | None] = []
    for mine, theirs in zip(node.exclusions, other.exclusions, strict=True):
        (element, operator), (element2, operator2) = mine.list.items, theirs.list.items
        results.append(_operator(operator) == _operator(operator2))
        results.append(same_element(element.index_elem, element2.index_elem, here, method))
    return together([*results, here.same(condition(node), condition(other))])


def _operator(node: Any) -> str:
    items = node.list.items
    return items[-1].string.sval if items else str(scalar(node))
