"""TypeORM: classes `Name1700000000000` with `up` and `down`, in the order of that number; made by a program.

`MigrationExecutor.getMigrations` in typeorm/typeorm, src/migration/MigrationExecutor.ts: the class's name, or its
property `name`, ends in a JavaScript timestamp of 13 digits, by which they are sorted; the table `migrations` has both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration
from smoke.database.layouts.naming import LANGUAGES, entries, printed
from smoke.database.layouts.tree import Tree, head, text_of

_CLASS = re.compile(r"\bclass\s+([A-Za-z_$][\w$]{0,200}?([0-9]{13}))\b")
_NAMED = re.compile(r"\bname\s*=\s*['\"]([\w$]{1,200}?([0-9]{13}))['\"]")


class TypeOrm(Layout):
    """TypeORM."""

    name = "TypeORM"
    tables = ("TypeORM",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Folders of programs with a class that has a time in its name and speaks of a query runner."""
        return [
            folder
            for folder in tree.folders(lambda file: file.suffix in LANGUAGES)
            if any(_class(file) for file in tree.by_folder[folder][:5])
        ]

    def migrations(self, folder: Path) -> list[Migration]:
        """By the number in the class's name."""
        found = []
        for file in entries(folder):
            if known := _class(file):
                name, when = known
                found.append(
                    (
                        int(when),
                        Migration(
                            name,
                            file.stem,
                            file,
                            printed(file, text_of),
                            LANGUAGES[file.suffix],
                            prints="`npx typeorm schema:log -d DATASOURCE` prints what the database still lacks",
                        ),
                    )
                )
        return [migration for _, migration in sorted(found, key=lambda item: item[0])]

    def key(self, mark: Mark) -> str:
        """The class's name."""
        return mark.label


def _class(file: Path) -> tuple[str, str] | None:
    if LANGUAGES.get(file.suffix) not in ("JavaScript", "TypeScript"):
        return None
    if file.name.endswith(".d.ts") or not re.search(r"[0-9]{13}", file.name):
        return None
    text = head(file)
    if "queryRunner" not in text and "MigrationInterface" not in text:
        return None
    found = _NAMED.search(text) or _CLASS.search(text)
    return (found[1], found[2]) if found else None


LAYOUT = TypeOrm()
