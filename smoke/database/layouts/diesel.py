"""Diesel: `migrations/VERSION_name/up.sql` (and down.sql), in the order of the version as text.

diesel-rs/diesel: `version_from_string` in diesel_migrations/migrations_internals/src/lib.rs (up to the first `_`, without
hyphens); `MigrationVersion` is a text and sorts as one; the table is `__diesel_schema_migrations`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.model import Migration
from smoke.database.layouts.tree import Tree, text_of


class Diesel(Layout):
    """Diesel, of Rust."""

    name = "Diesel"
    tables = ("Diesel",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Above folders with an `up.sql`."""
        return list(dict.fromkeys(file.parent.parent for file in tree.named("up.sql")))

    def migrations(self, folder: Path) -> list[Migration]:
        """By version, as text."""
        found = [
            Migration(_version(file.parent.name), file.parent.name, file, text_of(file))
            for file in folder.glob("*/up.sql")
            if file.is_file()
        ]
        return sorted(found, key=lambda migration: (migration.key, migration.name))


def _version(name: str) -> str:
    return name.split("_", 1)[0].replace("-", "")


LAYOUT = Diesel()
