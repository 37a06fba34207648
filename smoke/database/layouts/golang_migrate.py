"""golang-migrate: `N_name.up.sql` and `.down.sql`, in the order of the number.

golang-migrate/migrate: source/parse.go (the version is an unsigned number), MIGRATIONS.md; the one row of the table
`schema_migrations` names the last version, and whether it failed half-way (`dirty`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration, Record, Seen
from smoke.database.layouts.naming import matching, number
from smoke.database.layouts.tree import Tree, text_of

_FILE = re.compile(r"([0-9]+)_(.*)\.up\.(?:pg)?sql")


class GolangMigrate(Layout):
    """golang-migrate."""

    name = "golang-migrate"
    tables = ("golang-migrate",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Folders of such files."""
        return tree.folders(lambda file: _FILE.fullmatch(file.name) is not None)

    def migrations(self, folder: Path) -> list[Migration]:
        """By number."""
        found = [
            Migration(number(match[1]), file.name.split(".up.")[0], file, text_of(file))
            for match, file in matching(folder, _FILE)
        ]
        return sorted(found, key=lambda migration: int(migration.key))

    def record(self, marks: Sequence[Mark], migrations: Sequence[Migration]) -> Record:
        """All up to the number of the row; the one of that number failed where it is dirty."""
        here = {int(migration.key): migration.key for migration in migrations}
        seen: dict[str, Seen] = {}
        for mark in marks:
            if not re.fullmatch("[0-9]{1,20}", mark.version):
                continue  # -1 where nothing has run
            last = int(mark.version)
            seen |= {key: Seen(done=True) for number, key in here.items() if number < last}
            seen[str(last)] = Seen(mark.done)
        return Record(seen)


LAYOUT = GolangMigrate()
