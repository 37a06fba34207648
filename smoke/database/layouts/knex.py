"""Knex: `migrations/TIMESTAMP_name.js` (or .ts), in the order of the names as text; its SQL is made by a program.

`FsMigrations.getMigrations` in knex/knex, lib/migrations/migrate/sources/fs-migrations.js: sorted by file name; the table
`knex_migrations` has the file's name with its ending.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration, Record
from smoke.database.layouts.naming import LANGUAGES, matching, printed
from smoke.database.layouts.tree import Tree, head, text_of

_FILE = re.compile(r"[0-9A-Za-z][^/]*\.[cm]?[jt]s")
_UP = re.compile(r"exports\.up\b|export (?:async )?(?:function|const) up\b")


class Knex(Layout):
    """Knex.js."""

    name = "Knex"
    tables = ("Knex",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Folders of programs that export `up` and speak of knex."""
        return [
            folder
            for folder in tree.folders(lambda file: file.suffix in LANGUAGES)
            if "migration" in folder.resolve().name.lower()
            and any(_is(f) for f in tree.by_folder[folder][:5])
        ]

    def migrations(self, folder: Path) -> list[Migration]:
        """By the file's name, as text."""
        return [
            Migration(
                file.name,
                file.stem,
                file,
                printed(file, text_of),
                LANGUAGES[file.suffix],
                prints=f"`DEBUG=knex:query npx knex migrate:up {file.name}` shows it while it runs",
            )
            for _, file in matching(folder, _FILE)
            if not file.name.endswith(".d.ts")
        ]

    def record(self, marks: Sequence[Mark], migrations: Sequence[Migration]) -> Record:
        """By the file's name; one that was compiled (.ts to .js) is the same."""
        known = {Path(m.key).stem: m.key for m in migrations}
        named = [replace(m, version=known.get(Path(m.label).stem, m.label)) for m in marks]
        return super().record(named, migrations)


def _is(file: Path) -> bool:
    if _FILE.fullmatch(file.name) is None:
        return False
    text = head(file)
    return "knex" in text.lower() and _UP.search(text) is not None


LAYOUT = Knex()
