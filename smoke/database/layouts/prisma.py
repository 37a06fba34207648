"""Prisma: `prisma/migrations/NAME/migration.sql` beside `migration_lock.toml`, in the order of the names as text.

Order: `listMigrations` in prisma/prisma, packages/migrate/src/utils/listMigrations.ts. The checksum is the SHA-256 of
the text, with either end of lines: schema-engine/connectors/schema-connector/src/checksum.rs in prisma/prisma-engines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration
from smoke.database.layouts.tree import Tree, text_of

_SCRIPT = "migration.sql"
_LOCK = "migration_lock.toml"


class Prisma(Layout):
    """Prisma Migrate."""

    name = "Prisma"
    tables = ("Prisma",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Where the lock file is, or `prisma/migrations` without one."""
        locked = [file.parent for file in tree.named(_LOCK)]
        scripts = [file.parent.parent for file in tree.named(_SCRIPT)]
        return [
            folder
            for folder in dict.fromkeys([*locked, *scripts])
            if folder in locked or folder.resolve().parts[-2:] == ("prisma", "migrations")
        ]

    def migrations(self, folder: Path) -> list[Migration]:
        """By the folder's name, as text."""
        scripts = [file for file in folder.glob(f"*/{_SCRIPT}") if file.is_file()]
        files = sorted(scripts, key=lambda file: file.parent.name)
        found = []
        for file in files:
            text, name = text_of(file), file.parent.name
            found.append(Migration(name, name, file, text, digests=_digests(text)))
        return found

    def key(self, mark: Mark) -> str:
        """The name; a row that was rolled back (`prisma migrate resolve --rolled-back`) is no mark."""
        return "" if mark.kind else mark.label


def _digests(text: str) -> frozenset[str]:
    plain = text.replace("\r\n", "\n")
    made = [hashlib.sha256(form.encode()) for form in (text, plain, plain.replace("\n", "\r\n"))]
    # an older version wrote bytes below 16 with one digit
    return frozenset(
        digest
        for each in made
        for digest in (each.hexdigest(), "".join(f"{byte:x}" for byte in each.digest()))
    )


LAYOUT = Prisma()
