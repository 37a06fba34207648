"""What is asked of one migration tool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration, Record, Seen
from smoke.database.layouts.tree import Tree


class Layout(Protocol):
    """One migration tool."""

    name: str
    tables: tuple[str, ...]
    """Names of `smoke.database.layouts.tables.TOOLS`: the tables in which it writes down what it ran."""

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Folders of this tool's migrations in a tree (or a file that has all of them)."""
        ...

    def migrations(self, folder: Path) -> list[Migration]:
        """The migrations of a folder in the order in which the tool runs them, without what takes back."""
        ...

    def schema(self, folder: Path) -> Path | None:  # noqa: ARG002  (a tool that keeps one looks for it there)
        """The file with the whole schema that results, where the tool keeps one and its migrations are no SQL."""
        return None

    def key(self, mark: Mark) -> str:
        """The key of the migration that a row is of; empty when it is of none."""
        return mark.version

    def digest(self, mark: Mark) -> str:
        """What a row has to compare the text with."""
        return mark.checksum or mark.digest

    def record(self, marks: Sequence[Mark], migrations: Sequence[Migration]) -> Record:
        """What the rows of the tool's table say of these migrations: of two rows the one that ran to its end counts."""
        seen: dict[str, Seen] = {}
        names: dict[str, str] = {}
        for mark in marks:
            known = self.key(mark)
            if known and not (known in seen and seen[known].done and not mark.done):
                seen[known] = Seen(mark.done, mark.at, self.digest(mark))
                names[known] = mark.label
        here = {migration.key for migration in migrations}
        return Record(seen, names={key: name for key, name in names.items() if key not in here})


@dataclass(frozen=True, slots=True)
class Project:
    """A folder of migrations, the tool that it is of, and its migrations in that tool's order."""

    layout: Layout
    folder: Path
    migrations: tuple[Migration, ...]
    schema: Path | None = None
