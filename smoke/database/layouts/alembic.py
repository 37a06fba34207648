"""Alembic: `versions/*.py` in a chain of `down_revision`s; `alembic upgrade BASE:HEAD --sql` prints the SQL.

alembic.sqlalchemy.org/en/latest (tutorial, offline mode, branches): the table `alembic_version` names the heads only.
What `--sql` printed is read when it is kept in a `.sql` file here: `-- Running upgrade A -> B` begins each revision.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration, Record, Seen
from smoke.database.layouts.naming import entries
from smoke.database.layouts.ordered import after_needs
from smoke.database.layouts.tree import Tree, head, text_of

_RUNNING = re.compile(r"^-- Running upgrade ([\w, ]*)-> (\w+)", re.MULTILINE)
_BOOKKEEPING = re.compile(
    r"^(?:(?:UPDATE|INSERT INTO|DELETE FROM) (?:\w+\.)?alembic_version\b[^\n]*|BEGIN;|COMMIT;)$",
    re.MULTILINE,
)


class Alembic(Layout):
    """Alembic."""

    name = "Alembic"
    tables = ("Alembic",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """`versions` beside an `env.py`, or a file that `--sql` wrote."""
        found = [
            file.parent / "versions"
            for file in tree.named("env.py")
            if (file.parent / "versions").is_dir() and "alembic" in head(file)
        ]
        return found or [f for f in tree.files if f.suffix == ".sql" and _RUNNING.search(head(f))]

    def migrations(self, folder: Path) -> list[Migration]:
        """Along the chain; with the SQL of what `--sql` printed where it is kept."""
        if folder.is_file():
            return list(_sections(folder).values())
        scripts = [made for file in entries(folder) if (made := _migration(file))]
        near = {*entries(folder), *entries(folder.parent), *entries(folder.parent.parent)}
        kept: dict[str, Migration] = {}
        for file in sorted(near):
            if file.suffix == ".sql" and _RUNNING.search(head(file)):
                kept |= _sections(file)
        return after_needs(
            [
                replace(m, sql=kept[m.key].sql, file=kept[m.key].file) if m.key in kept else m
                for m in scripts
            ]
        )

    def record(self, marks: Sequence[Mark], migrations: Sequence[Migration]) -> Record:
        """The heads and all that comes before them; what comes before a head that is not here is not known."""
        by = {migration.key: migration for migration in migrations}
        heads = {mark.version for mark in marks}
        seen = {key: Seen(done=True) for key in heads}
        waiting = [need for key in heads & by.keys() for need in by[key].needs]
        while waiting:
            before = waiting.pop()
            if before in by and before not in seen:
                seen[before] = Seen(done=True)
                waiting += by[before].needs
        for strange in sorted(heads - by.keys()):
            note = f"the table names {strange}, which is not in the repository: what came before that is not known"
            seen |= {key: Seen(done=True, note=note) for key in by.keys() - seen.keys()}
        return Record(seen)


def _migration(file: Path) -> Migration | None:
    if file.suffix != ".py":
        return None
    try:
        tree = ast.parse(text_of(file))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    said: dict[str, ast.expr | None] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            said |= {t.id: statement.value for t in statement.targets if isinstance(t, ast.Name)}
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            said[statement.target.id] = statement.value
    keys = _texts(said.get("revision"))
    if not keys:
        return None
    needs = (*_texts(said.get("down_revision")), *_texts(said.get("depends_on")))
    came = needs[0] if needs else "base"
    return Migration(
        keys[0],
        file.stem,
        file,
        "",
        "Python",
        needs=needs,
        prints=f"`alembic upgrade {came}:{keys[0]} --sql` prints it",
    )


def _texts(value: ast.expr | None) -> tuple[str, ...]:
    parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
    return tuple(
        part.value
        for part in parts
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def _sections(file: Path) -> dict[str, Migration]:
    """The revisions of a file that `--sql` wrote, each with its own part of it, in its lines."""
    text = text_of(file)
    text = _BOOKKEEPING.sub("", text)
    starts = list(_RUNNING.finditer(text))
    found: dict[str, Migration] = {}
    for index, start in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else len(text)
        sql = "\n" * text.count("\n", 0, start.start()) + text[start.start() : end]
        needs = tuple(name.strip() for name in start[1].split(",") if name.strip())
        found[start[2]] = Migration(start[2], start[2], file, sql, needs=needs)
    return found


LAYOUT = Alembic()
