"""sqlx: `migrations/VERSION_name.sql` (or .up.sql and .down.sql), in the order of the number.

launchbadge/sqlx: sqlx-core/src/migrate/source.rs sorts by the version, an i64; migration.rs has the checksum, the SHA-384
of the text; the table `_sqlx_migrations` has both, and whether it came to its end.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.model import Migration
from smoke.database.layouts.naming import matching, number
from smoke.database.layouts.tree import Tree, text_of

_FILE = re.compile(r"([0-9]+)_(.*)\.sql")
_USED = re.compile(r"^\s*(?:sqlx\b|\[[^\]\n]*dependencies\.sqlx\])", re.MULTILINE)


class Sqlx(Layout):
    """sqlx, of Rust."""

    name = "sqlx"
    tables = ("sqlx",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Folders `migrations` of numbered files in a project whose Cargo.toml names sqlx."""
        found = tree.folders(lambda file: _FILE.fullmatch(file.name) is not None)
        named = [folder for folder in found if "migration" in folder.resolve().name]
        return named if named and _USED.search(tree.packages) else []

    def migrations(self, folder: Path) -> list[Migration]:
        """By number."""
        found = []
        for match, file in matching(folder, _FILE):
            if file.name.endswith(".down.sql"):
                continue
            text = text_of(file)
            digest = hashlib.sha384(text.encode()).hexdigest()
            name = file.name.removesuffix(".sql").removesuffix(".up")
            found.append(Migration(number(match[1]), name, file, text, digests=frozenset([digest])))
        return sorted(found, key=lambda migration: int(migration.key))


LAYOUT = Sqlx()
