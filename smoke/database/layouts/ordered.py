"""Orders of migrations: each after what it needs, or as they ran."""

from __future__ import annotations

from collections.abc import Sequence

from smoke.database.layouts.model import Migration, Record


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


def as_they_ran(migrations: Sequence[Migration], record: Record) -> list[Migration]:
    """The migrations in the order in which they ran, where the table has it; the others behind what they come after."""
    place = {key: number for number, key in enumerate(record.seen)} if record.ordered else {}
    behind: dict[str, list[Migration]] = {}
    before = ""
    for migration in migrations:
        if migration.key in place:
            before = migration.key
        else:
            behind.setdefault(before, []).append(migration)
    ran = sorted((m for m in migrations if m.key in place), key=lambda m: place[m.key])
    result = behind.get("", [])
    for migration in ran:
        result += [migration, *behind.get(migration.key, ())]
    return result
