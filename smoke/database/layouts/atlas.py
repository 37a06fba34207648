"""Atlas: `migrations/VERSION_name.sql` beside `atlas.sum`, in the order of the names as text.

ariga/atlas, sql/migrate/dir.go: `LocalDir.Files` sorts by name, and the version goes up to the first `_`. Its
hashes go on from file to file (`NewHashFile`), so that one says nothing of its file alone: they are not compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration
from smoke.database.layouts.naming import entries
from smoke.database.layouts.tree import Tree, text_of


class Atlas(Layout):
    """Atlas."""

    name = "Atlas"
    tables = ("Atlas",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Where `atlas.sum` is."""
        return [file.parent for file in tree.named("atlas.sum")]

    def migrations(self, folder: Path) -> list[Migration]:
        """By name, as text."""
        return [
            Migration(file.stem.split("_", 1)[0], file.stem, file, text_of(file))
            for file in entries(folder)
            if file.suffix == ".sql"
        ]

    def key(self, mark: Mark) -> str:
        """The version; some rows Atlas keeps for itself."""
        return "" if mark.version.startswith(".") else mark.version


LAYOUT = Atlas()
