"""Liquibase formatted SQL: files that begin with `--liquibase formatted sql`, each with changesets in their order.

docs.liquibase.com (SQL changelog example; DATABASECHANGELOG table): a changeset is known by id, author and path. The
files of a folder come by name, as `includeAll` takes them. Its MD5 depends on the version of Liquibase and is not compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePath

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration
from smoke.database.layouts.naming import entries
from smoke.database.layouts.tree import Tree, head, text_of

_HEADER = re.compile(r"\s*--\s*liquibase formatted sql", re.IGNORECASE)
_CHANGESET = re.compile(
    r"^--[ \t]*changeset[ \t]+(\"[^\"\n]+\"|[^:\s]+):(\"[^\"\n]+\"|\S+)([^\n]*)$",
    re.MULTILINE | re.IGNORECASE,
)
_PATH = re.compile(r"logicalFilePath:\s*(\"[^\"\n]+\"|\S+)", re.IGNORECASE)


class Liquibase(Layout):
    """Liquibase, what is SQL of it."""

    name = "Liquibase"
    tables = ("Liquibase",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Folders with a file that has the header."""
        return tree.folders(lambda f: f.suffix == ".sql" and _HEADER.match(head(f)) is not None)

    def migrations(self, folder: Path) -> list[Migration]:
        """The changesets, file by file."""
        return [
            migration
            for file in entries(folder)
            if file.suffix == ".sql" and _HEADER.match(head(file))
            for migration in _changesets(file)
        ]

    def key(self, mark: Mark) -> str:
        """File, author and id; of XML, YAML and JSON changelogs nothing is said."""
        path = mark.label.replace("\\", "/")
        sql = PurePath(path).suffix == ".sql"
        return _key(path, mark.group, mark.version) if sql else ""


def _changesets(file: Path) -> list[Migration]:
    text = text_of(file)
    starts = list(_CHANGESET.finditer(text))
    default = _PATH.search(text[: starts[0].start()]) if starts else None
    found = []
    for index, start in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else len(text)
        author, name = start[1].strip('"'), start[2].strip('"')
        logical = _PATH.search(start[3]) or default
        key = _key(logical[1].strip('"') if logical else file.name, author, name)
        sql = "\n" * text.count("\n", 0, start.start()) + text[start.start() : end]
        found.append(Migration(key, f"{file.name}::{author}:{name}", file, sql))
    return found


def _key(path: str, author: str, name: str) -> str:
    # the path that Liquibase writes down is as it was given on its command line or class path
    return f"{PurePath(path.replace(chr(92), '/')).name}::{author}:{name}"


LAYOUT = Liquibase()
