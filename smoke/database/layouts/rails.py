"""Rails: `db/migrate/VERSION_name.rb` in the order of the number, and `db/structure.sql`, the schema that results.

Active Record Migrations (guides.rubyonrails.org/active_record_migrations.html): versions are numbers and the table
`schema_migrations` has one row for each; `config.active_record.schema_format = :sql` keeps db/structure.sql.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.model import Migration
from smoke.database.layouts.naming import matching, printed
from smoke.database.layouts.tree import Tree, text_of

_FILE = re.compile(r"([0-9]+)_([a-z0-9_]*)(?:\.[a-z0-9_]+)?\.rb")


class Rails(Layout):
    """Ruby on Rails."""

    name = "Rails"
    tables = ("Rails, dbmate or Ecto",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Every `db/migrate`."""
        return [
            folder
            for folder in tree.folders(lambda file: _FILE.fullmatch(file.name) is not None)
            if "migrate" in folder.resolve().name
        ]

    def migrations(self, folder: Path) -> list[Migration]:
        """By number."""
        found = [
            Migration(
                match[1],
                file.stem,
                file,
                printed(file, text_of),
                "Ruby",
                prints="no command of Rails prints it; with `schema_format = :sql`, db/structure.sql has what results",
            )
            for match, file in matching(folder, _FILE)
        ]
        return sorted(found, key=lambda migration: int(migration.key))

    def schema(self, folder: Path) -> Path | None:
        """`structure.sql` beside the folder."""
        written = folder.resolve().parent / "structure.sql"
        return folder.parent / "structure.sql" if written.is_file() else None


LAYOUT = Rails()
