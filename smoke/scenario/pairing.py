"""Pairs of what is wanted and what is there, whatever the order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smoke.model.numbers import exact


def paired(choices: Sequence[set[int]]) -> dict[int, int]:
    """As many pairs as can be: by what is had, who has it. `choices` is what each may have (Kuhn's augmenting paths)."""
    taken: dict[int, int] = {}

    def gets(who: int, asked: set[int]) -> bool:
        for at in sorted(choices[who] - asked):
            if at in asked:
                continue
            asked.add(at)
            if at not in taken or gets(taken[at], asked):
                taken[at] = who
                return True
        return False

    for who in range(len(choices)):
        gets(who, set())
    return taken


def hashable(value: Any) -> Any:
    """Equal for JSON values that are the same, and for no others."""
    if isinstance(value, dict):
        return frozenset((key, hashable(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(map(hashable, value))
    return (type(value), value) if isinstance(value, (bool, str)) else exact(value)
