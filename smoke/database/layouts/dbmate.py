"""dbmate: `db/migrations/VERSION_name.sql` with `-- migrate:up` and `-- migrate:down`, in the order of the names as text.

amacneil/dbmate: `FindMigrations` in pkg/dbmate/db.go sorts by file name, the version is the digits at its beginning, and
migration.go has the two markers; the table `schema_migrations` has the versions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.model import Migration
from smoke.database.layouts.naming import forward, matching
from smoke.database.layouts.tree import Tree, head, text_of

_FILE = re.compile(r"([0-9]+).*\.sql")
_UP = re.compile(r"--\s*migrate:up(?:\s|$)")
_DOWN = re.compile(r"--\s*migrate:down(?:\s|$)")


class Dbmate(Layout):
    """dbmate."""

    name = "dbmate"
    tables = ("Rails, dbmate or Ecto",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Folders with a file that has dbmate's markers."""
        return tree.folders(lambda f: f.suffix == ".sql" and "migrate:up" in head(f))

    def migrations(self, folder: Path) -> list[Migration]:
        """By name, as text."""
        return [
            Migration(match[1], file.stem, file, forward(text_of(file), _UP, _DOWN))
            for match, file in matching(folder, _FILE)
        ]


LAYOUT = Dbmate()
