"""The values of a key as a finding tells them, and the key as the database has it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations, pairwise
from math import comb

from smoke.database.catalogue.index_keys import INDEX_KEYS, IndexKey
from smoke.database.catalogue.snapshot import alone
from smoke.database.lookup import Rule
from smoke.database.session import Database
from smoke.model.dberror import DatabaseError

_MOST_SPLITS = 12
MASKED = "[masked:"
"""How a masked place of a response begins."""


def key_of(database: Database, rule: Rule) -> IndexKey:
    """The key of a rule with an index; one without parts where it has none. Raises SmokeError."""
    for has in alone(database, INDEX_KEYS, rule.schema, rule.name):
        key: IndexKey = has
        if key.table == rule.table:
            return key
    return IndexKey()


def key_values(detail: str, columns: Sequence[str]) -> tuple[str, ...] | None:
    """The values of `Key (a, b)=(1, 2) already exists.`; None where they cannot be told apart.

    A value may itself hold `, `: then there are more parts than columns, and `key_splits` has the ways to read them.
    Of `Key (a)=(1) conflicts with existing key (a)=(2).` the values are those of the key that is there.
    """
    splits = key_splits(detail, columns)
    return splits[0] if len(splits) == 1 else None


def key_splits(detail: str, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Each way to read the values of a detail's key; none where it is not told, or the ways are too many."""
    head = f"({', '.join(columns)})=("
    existing = detail.find(f" conflicts with existing key {head}")
    start = detail.find(head, max(existing, 0))
    if start < 0:
        return []
    rest = detail[start + len(head) :]
    if existing >= 0:
        end = rest.rfind(")")
    else:
        ends = (") already exists", ") conflicts with", ") is ", ") does not exist")
        end = max(rest.rfind(text) for text in ends)
        if end < 0:  # in another language
            end = rest.rfind(")")
    if end < 0:
        return []
    parts = rest[:end].split(", ")
    if len(parts) < len(columns) or comb(len(parts) - 1, len(columns) - 1) > _MOST_SPLITS:
        return []
    found = []
    for cuts in combinations(range(1, len(parts)), len(columns) - 1):
        edges = (0, *cuts, len(parts))
        found.append(tuple(", ".join(parts[i:j]) for i, j in pairwise(edges)))
    return found


def spoken_values(error: DatabaseError, columns: Sequence[str]) -> tuple[str, ...] | None:
    """The values of a sentence that names each column with its value; None where it does not tell them apart.

    `Order with customer_id: 7, status: new, already exists`, or the columns first and then the values.
    """
    message = error.message_primary or ""
    names = error.columns
    if not names or sorted(names) != sorted(columns):
        return None
    end = r",? (?:already exists|but such entity does not exist)"
    each = ", ".join(rf"{re.escape(name)}: ([^\n]{{1,400}}?)" for name in names)
    found = re.search(rf"(?:\A|\W){each}{end}", message[:4000])
    values: tuple[str, ...]
    if found:
        values = found.groups()
    else:
        listed = re.search(
            rf"(?:\A|\W){re.escape(', '.join(names))}: ([^\n]{{1,400}}?){end}", message[:4000]
        )
        values = tuple(listed[1].split(", ")) if listed else ()
    if len(values) != len(names):
        return None
    told = dict(zip(names, values, strict=True))
    return tuple(told[column] for column in columns)


_CONTAINS = re.compile(r"\((.*)\)\.?\Z", re.DOTALL)
_NAMED = re.compile(r"\(([^()]{1,4000})\) = \((.*)\)\.?\Z", re.DOTALL)


def failing_row(detail: str, columns: Sequence[str]) -> dict[str, str]:
    """The values of `Failing row contains (1, x, null).` by column; empty where they cannot be told apart.

    `columns` are the table's, in their order. A role that may read some of them only is told which these are:
    `Failing row contains (a, b) = (1, 2).`
    """
    named = _NAMED.search(detail[:20_000])
    if named:
        names: Sequence[str] = [name.strip('"') for name in named[1].split(", ")]
        values = named[2].split(", ")
    else:
        found = _CONTAINS.search(detail[:20_000])
        if found is None:
            return {}
        names, values = columns, found[1].split(", ")
    return dict(zip(names, values, strict=True)) if len(names) == len(values) else {}
