"""Django: `APP/migrations/NNNN_name.py`, each after those that it depends on; `manage.py sqlmigrate` prints the SQL.

docs.djangoproject.com/en/stable/topics/migrations: `dependencies` make the order, `replaces` is what a squashed one
stands for; the table `django_migrations` has app and name. Files are parsed, never run.
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
from smoke.database.layouts.ordered import after_needs
from smoke.database.layouts.tree import Tree, head, text_of

_LABEL = re.compile(r"^\s+label\s*=\s*['\"](\w+)['\"]", re.MULTILINE)


class Django(Layout):
    """Django."""

    name = "Django"
    tables = ("Django",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """The folder of `manage.py`, else the whole tree, when an app below it has migrations."""
        if not any(_is(file) for file in tree.files):
            return []
        managed = [file.parent for file in tree.named("manage.py")]
        return [f for f in managed if any(_is(x) and f in x.parents for x in tree.files)] or [
            tree.root
        ]

    def migrations(self, folder: Path) -> list[Migration]:
        """After what each depends on, else by app and name."""
        found = [_migration(file) for file in Tree(folder).files if _is(file)]
        return after_needs(sorted(found, key=lambda migration: (migration.group, migration.name)))

    def key(self, mark: Mark) -> str:
        """App and name."""
        return f"{mark.group}.{mark.label}"

    def record(self, marks: Sequence[Mark], migrations: Sequence[Migration]) -> Record:
        """Of the apps that are written here: those of installed packages bring their own."""
        apps = {migration.group for migration in migrations}
        record = super().record([mark for mark in marks if mark.group in apps], migrations)
        squashed = {
            migration.key: Seen(done=True, note="what it stands for was applied")
            for migration in migrations
            if migration.replaces and all(key in record.seen for key in migration.replaces)
        }
        return replace(record, seen=record.seen | squashed)


def _is(file: Path) -> bool:
    named = (
        file.suffix == ".py" and file.parent.name == "migrations" and not file.name.startswith("_")
    )
    return named and "migrations.Migration" in head(file)


def _migration(file: Path) -> Migration:
    app, name = _label(file.parent.parent), file.stem
    written = _assigned(file)
    sql = next(
        (
            text_of(beside)
            for beside in (file.with_suffix(".sql"), file.with_name(f"{app}_{name}.sql"))
            if beside.is_file()
        ),
        "",
    )
    return Migration(
        f"{app}.{name}",
        f"{app}.{name}",
        file,
        sql,
        "Python",
        group=app,
        needs=_keys(written.get("dependencies")),
        replaces=_keys(written.get("replaces")),
        prints=f"`python manage.py sqlmigrate {app} {name}` prints it",
    )


def _label(folder: Path) -> str:
    found = _LABEL.search(head(folder / "apps.py"))
    return found[1] if found else folder.resolve().name


def _assigned(file: Path) -> dict[str, ast.expr]:
    """What the migration's class assigns, by name."""
    try:
        tree = ast.parse(text_of(file))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {
        target.id: statement.value
        for of in tree.body
        if isinstance(of, ast.ClassDef) and of.name == "Migration"
        for statement in of.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }


def _keys(value: ast.expr | None) -> tuple[str, ...]:
    """`APP.NAME` of each pair of texts in a list; what is computed is left out."""
    if not isinstance(value, ast.List | ast.Tuple):
        return ()
    found = []
    for each in value.elts:
        parts = each.elts if isinstance(each, ast.Tuple) else []
        texts = [str(part.value) for part in parts if isinstance(part, ast.Constant)]
        if len(texts) == 2:
            found.append(".".join(texts))
    return tuple(found)


LAYOUT = Django()
