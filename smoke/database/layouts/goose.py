"""goose: `N_name.sql` with `-- +goose Up` and `-- +goose Down`, in the order of the number; also programs in Go.

pressly/goose: `NumericComponent` and the sorting of `Migrations` in migrate.go; of the rows of `goose_db_version` the
last of a version counts (`is_applied`), version 0 is the table's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration, Record
from smoke.database.layouts.naming import forward, matching, number
from smoke.database.layouts.tree import Tree, head, text_of

_FILE = re.compile(r"([0-9]+)_(.*)\.(sql|go)")
_UP = re.compile(r"\s*--\s*\+goose\s+up\b", re.IGNORECASE)
_DOWN = re.compile(r"\s*--\s*\+goose\s+down\b", re.IGNORECASE)


class Goose(Layout):
    """goose."""

    name = "goose"
    tables = ("goose",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Folders with a file that has goose's annotations."""
        return tree.folders(lambda f: f.suffix == ".sql" and "+goose Up" in head(f))

    def migrations(self, folder: Path) -> list[Migration]:
        """By number."""
        found = []
        for match, file in matching(folder, _FILE):
            if file.name.endswith("_test.go"):
                continue
            go = match[3] == "go"
            sql = "" if go else forward(text_of(file), _UP, _DOWN)
            found.append(
                Migration(
                    number(match[1]),
                    file.stem,
                    file,
                    sql,
                    "Go" if go else "",
                    prints="no command of goose prints it" if go else "",
                )
            )
        return sorted(found, key=lambda migration: int(migration.key))

    def record(self, marks: Sequence[Mark], migrations: Sequence[Migration]) -> Record:
        """The last row of each version, without those that were taken back."""
        last = {number(mark.version): mark for mark in marks}
        known = super().record([mark for mark in last.values() if mark.done], migrations)
        return replace(known, seen={key: seen for key, seen in known.seen.items() if key != "0"})


LAYOUT = Goose()
