"""Drizzle: `TAG.sql` files in the order of `meta/_journal.json`; newer versions have `TIMESTAMP_name/migration.sql`.

`readMigrationFiles` in drizzle-team/drizzle-orm, drizzle-orm/src/migrator.ts: order and time (`when`) are the journal's,
the hash is the SHA-256 of the text. `migrate` in drizzle-orm/src/pg-core/dialect.ts reads the row with the latest
`created_at` and runs what the journal dates after it: an entry that is dated before is never run.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration, Record
from smoke.database.layouts.tree import Tree, text_of

_JOURNAL = "_journal.json"
_TIME = re.compile(r"[0-9]{1,20}")


class Drizzle(Layout):
    """Drizzle Kit."""

    name = "Drizzle"
    tables = ("Drizzle",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Above `meta/_journal.json`, or of folders with `migration.sql` and `snapshot.json`."""
        old = [f.parent.parent for f in tree.named(_JOURNAL) if f.parent.name == "meta"]
        new = [
            folder.parent
            for folder, files in tree.by_folder.items()
            if {"migration.sql", "snapshot.json"} <= {file.name for file in files}
        ]
        return list(dict.fromkeys([*old, *new]))

    def migrations(self, folder: Path) -> list[Migration]:
        """In the journal's order; without a journal by the folder's name, as text."""
        journal = folder / "meta" / _JOURNAL
        if journal.is_file():
            listed = [(when, tag, folder / f"{tag}.sql") for tag, when in _entries(journal)]
        else:
            files = sorted(folder.glob("*/migration.sql"), key=lambda file: file.parent.name)
            listed = [(_when(file.parent.name), file.parent.name, file) for file in files]
        return [_migration(when, tag, file) for when, tag, file in listed if file.is_file()]

    def record(self, marks: Sequence[Mark], migrations: Sequence[Migration]) -> Record:
        """By the time in the journal, or by the hash where the journal was written anew."""
        by_hash = {digest: m.key for m in migrations for digest in m.digests}
        known = {migration.key for migration in migrations}
        named = [
            mark
            if mark.version in known
            else replace(mark, version=by_hash.get(mark.digest, mark.version))
            for mark in marks
        ]
        record = super().record(named, migrations)
        times = [int(mark.version) for mark in marks if _TIME.fullmatch(mark.version)]
        last = max(times, default=0)
        notes = {
            m.key: "Drizzle will not run it: its time is before that of the last one applied"
            for m in migrations
            if m.key not in record.seen and _TIME.fullmatch(m.key) and int(m.key) <= last
        }
        return replace(record, notes=notes)


def _migration(when: str, tag: str, file: Path) -> Migration:
    text = text_of(file)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Migration(when, tag, file, text, digests=frozenset([digest]))


def _entries(journal: Path) -> list[tuple[str, str]]:
    try:
        read: Any = json.loads(text_of(journal))
    except (ValueError, RecursionError):
        return []
    entries = read.get("entries", []) if isinstance(read, dict) else []
    found = [
        (str(entry.get("tag", "")), str(entry.get("when", "")))
        for entry in entries
        if isinstance(entry, dict)
    ]
    # a tag is a name in this folder, whatever somebody wrote there
    return [(tag, when) for tag, when in found if tag and Path(tag).name == tag]


def _when(name: str) -> str:
    """The time that a folder `20261128160000_name` is of, in milliseconds, as the table has it."""
    from datetime import UTC, datetime

    try:
        made = datetime.strptime(name[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return name
    return str(int(made.timestamp() * 1000))


LAYOUT = Drizzle()
