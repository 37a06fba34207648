"""An order in which everything comes after what it needs."""

from __future__ import annotations

from collections.abc import Sequence

from smoke.database.layouts.model import Migration


def after_needs(migrations: Sequence[Migration]) -> list[Migration]:
    """The migrations, each after those that it needs; the given order where nothing is needed, or needs go round."""
    by = {migration.key: migration for migration in migrations}
    placed: dict[str, Migration] = {}
    for first in migrations:
        waiting, opened = [first], set[str]()
        while waiting:
            at = waiting[-1]
            before = (
                [] if at.key in opened else [by[k] for k in at.needs if k in by and k not in placed]
            )
            opened.add(at.key)
            if before:
                waiting += reversed(before)
                continue
            placed.setdefault(at.key, at)
            waiting.pop()
    return list(placed.values())
