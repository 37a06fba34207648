"""node-pg-migrate: `migrations/TIMESTAMP_name.sql` or .js or .ts, in the order of the number, then of the name.

salsita/node-pg-migrate: src/migration.ts (the number before the first `_`; 17 digits are a time in UTC) and sqlMigration.ts
(`-- Up Migration`, `-- Down Migration`); the table `pgmigrations` has the name without its ending.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration
from smoke.database.layouts.naming import LANGUAGES, entries, forward, printed
from smoke.database.layouts.tree import Tree, head, text_of

_FILE = re.compile(r"([0-9]+)_.*\.(?:sql|[cm]?[jt]s)")
_UP = re.compile(r"\s*--[\s-]*up\s+migration", re.IGNORECASE)
_DOWN = re.compile(r"\s*--[\s-]*down\s+migration", re.IGNORECASE)


class NodePgMigrate(Layout):
    """node-pg-migrate."""

    name = "node-pg-migrate"
    tables = ("node-pg-migrate",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Folders of programs that take `pgm`, or of SQL with its two comments."""
        return tree.folders(_is)

    def migrations(self, folder: Path) -> list[Migration]:
        """By number, then by name."""
        found = [
            (_time(match[1]), _migration(file))
            for file in entries(folder)
            if not file.name.endswith(".d.ts") and (match := _FILE.fullmatch(file.name))
        ]
        return [m for _, m in sorted(found, key=lambda item: (item[0], item[1].name))]

    def key(self, mark: Mark) -> str:
        """The name."""
        return mark.label


def _is(file: Path) -> bool:
    if _FILE.fullmatch(file.name) is None:
        return False
    text = head(file)
    if file.suffix == ".sql":
        return any(_UP.match(line) for line in text.split("\n"))
    return re.search(r"\bpgm\b", text) is not None


def _migration(file: Path) -> Migration:
    if file.suffix == ".sql":
        return Migration(file.stem, file.stem, file, forward(text_of(file), _UP, _DOWN))
    return Migration(
        file.stem,
        file.stem,
        file,
        printed(file, text_of),
        LANGUAGES[file.suffix],
        prints="`npx node-pg-migrate up --dry-run` prints it",
    )


def _time(digits: str) -> float:
    """The number, or the milliseconds of a time in UTC that 17 digits are."""
    if len(digits) == 17:
        try:
            when = datetime.strptime(digits[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            return when.timestamp() * 1000 + int(digits[14:])
        except ValueError:
            return float(digits)
    return float(digits)


LAYOUT = NodePgMigrate()
