"""Liquibase formatted SQL: files that begin with `--liquibase formatted sql`, each with changesets in their order.

docs.liquibase.com (SQL changelog example; DATABASECHANGELOG table; changeset attributes `dbms`, `ignore`, `context`,
`labels`; changelog parameters; preconditions with `onFail:MARK_RAN`): a changeset is known by id, author and path. The files
of a folder come by name, as `includeAll` takes them. Its MD5 depends on the version of Liquibase and is not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration, Record
from smoke.database.layouts.naming import entries
from smoke.database.layouts.tree import Tree, head, text_of

_HEADER = re.compile(r"\s*--\s*liquibase formatted sql", re.IGNORECASE)
_CHANGESET = re.compile(
    r"^--[ \t]*changeset[ \t]+(\"[^\"\n]+\"|[^:\s]+):(\"[^\"\n]+\"|\S+)([^\n]*)$",
    re.MULTILINE | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"(\w+):(\"[^\"\n]*\"|\S+)")
_PROPERTY = re.compile(r"^--[ \t]*property[ \t]+([^\n]*)$", re.MULTILINE | re.IGNORECASE)
_PARAMETER = re.compile(r"\$\{([^}\n]{1,200})\}")
_CHOSEN = ("context", "contextfilter", "labels")
"""What a changeset may have to be chosen by when Liquibase is run."""
_MARKED = "Liquibase did not run it, but marked it: a precondition said so"
_PATH = re.compile(r"logicalFilePath:\s*(\"[^\"\n]+\"|\S+)", re.IGNORECASE)


class Liquibase(Layout):
    """Liquibase, what is SQL of it."""

    name = "Liquibase"
    tables = ("Liquibase",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """Folders with a file that has the header."""
        return tree.folders(lambda f: f.suffix == ".sql" and _HEADER.match(head(f)) is not None)

    def migrations(self, folder: Path) -> list[Migration]:
        """The changesets that are for PostgreSQL, file by file."""
        files = [f for f in entries(folder) if f.suffix == ".sql" and _HEADER.match(head(f))]
        texts = {file: text_of(file) for file in files}
        values = _properties(texts.values())
        return [
            migration
            for file, text in texts.items()
            for migration in _changesets(file, text, values)
        ]

    def key(self, mark: Mark) -> str:
        """File, author and id; of XML, YAML and JSON changelogs nothing is said."""
        path = mark.label.replace("\\", "/")
        sql = PurePath(path).suffix == ".sql"
        return _key(path, mark.group, mark.version) if sql else ""

    def record(self, marks: Sequence[Mark], migrations: Sequence[Migration]) -> Record:
        """What the rows say; a changeset may be marked because it was not to be run."""
        known = super().record(marks, migrations)
        assumed = {self.key(mark) for mark in marks if mark.kind == "MARK_RAN"}
        return replace(
            known,
            seen={
                key: replace(seen, assumed=_MARKED) if key in assumed else seen
                for key, seen in known.seen.items()
            },
        )


def _properties(texts: Iterable[str]) -> dict[str, str]:
    """The changelog's parameters: the first one of a name counts, as in Liquibase."""
    found: dict[str, str] = {}
    for text in texts:
        for line in _PROPERTY.finditer(text):
            said = _attributes(line[1])
            if "name" in said and _for_postgresql(said.get("dbms", "")):
                found.setdefault(said["name"], said.get("value", ""))
    return found


def _attributes(text: str) -> dict[str, str]:
    return {name.lower(): value.strip('"') for name, value in _ATTRIBUTE.findall(text)}


def _for_postgresql(dbms: str) -> bool:
    """Whether a list of kinds of servers, `!` before those that are not meant, has PostgreSQL."""
    names = {name.strip().lower() for name in dbms.split(",")} - {""}
    meant = {name for name in names if not name.startswith("!")}
    return "!postgresql" not in names and (not meant or not meant.isdisjoint(_POSTGRESQL))


_POSTGRESQL = {"postgresql", "all"}


def _only(said: dict[str, str]) -> str:
    """Where a changeset is chosen to run, in words; empty for everywhere."""
    chosen = [f"{name.removesuffix('filter')} {said[name]}" for name in _CHOSEN if name in said]
    return f"Liquibase runs it only where it is chosen: {', '.join(chosen)}" if chosen else ""


def _changesets(file: Path, text: str, values: dict[str, str]) -> list[Migration]:
    starts = list(_CHANGESET.finditer(text))
    default = _PATH.search(text[: starts[0].start()]) if starts else None
    found = []
    for index, start in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else len(text)
        author, name = start[1].strip('"'), start[2].strip('"')
        said = _attributes(start[3])
        if said.get("ignore") == "true" or not _for_postgresql(said.get("dbms", "")):
            continue
        logical = _PATH.search(start[3]) or default
        key = _key(logical[1].strip('"') if logical else file.name, author, name)
        sql = "\n" * text.count("\n", 0, start.start()) + text[start.start() : end]
        sql = _PARAMETER.sub(lambda named: values.get(named[1], named[0]), sql)
        found.append(Migration(key, f"{file.name}::{author}:{name}", file, sql, only=_only(said)))
    return found


def _key(path: str, author: str, name: str) -> str:
    # the path that Liquibase writes down is as it was given on its command line or class path
    return f"{PurePath(path.replace(chr(92), '/')).name}::{author}:{name}"


LAYOUT = Liquibase()
