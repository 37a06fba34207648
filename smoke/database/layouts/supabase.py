"""Supabase: `supabase/migrations/TIMESTAMP_name.sql`, in the order of the names as text.

Order, names and what is passed over: `ListLocalMigrations` in supabase/cli, pkg/migration/list.go (Go's ReadDir sorts by
name). The table has the statements as they were run (pkg/migration/history.go), not a checksum.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration
from smoke.database.layouts.naming import matching
from smoke.database.layouts.tree import Tree, text_of

_FILE = re.compile(r"([0-9]+)_(.*)\.sql")
_OLD_INIT = re.compile(r"[0-9]{14}_init\.sql")
_NOT_COMPARED = re.compile(r"--[^\n]*|[\s;]+")


class Supabase(Layout):
    """The Supabase CLI."""

    name = "Supabase"
    tables = ("Supabase", "Rails, dbmate or Ecto")

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Every `migrations` in a folder `supabase`."""
        return [
            folder
            for folder in tree.folders(lambda file: _FILE.fullmatch(file.name) is not None)
            if folder.resolve().parts[-2:] == ("supabase", "migrations")
        ]

    def migrations(self, folder: Path) -> list[Migration]:
        """By name, as text; a first `…_init.sql` of an old version of the tool is passed over, as the tool does."""
        found = []
        for index, (match, file) in enumerate(matching(folder, _FILE)):
            old = _OLD_INIT.fullmatch(file.name) is not None and match[1] < "20211209000000"
            if index == 0 and old:
                continue
            text = text_of(file)
            found.append(
                Migration(match[1], file.stem, file, text, digests=frozenset([_compared(text)]))
            )
        return found

    def digest(self, mark: Mark) -> str:
        """The statements that were run."""
        return _compared(mark.checksum)


def _compared(text: str) -> str:
    """Text without what the tool leaves out when it stores the statements: ends, blanks, comments."""
    return _NOT_COMPARED.sub("", text)


LAYOUT = Supabase()
