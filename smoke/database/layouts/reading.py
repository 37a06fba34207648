"""The files of a migration, in the order in which they are run."""

from __future__ import annotations

import re
from pathlib import Path

from smoke.database.layouts.find import project_of
from smoke.database.layouts.layout import Project
from smoke.database.layouts.model import Record
from smoke.database.layouts.ordered import as_they_ran
from smoke.database.layouts.recorded import recorded
from smoke.database.layouts.tree import text_of
from smoke.database.session import Database
from smoke.diagnostic import SmokeError


def read_files(path: Path, database: Database | None = None) -> list[tuple[str, str]]:
    """Name and text of a migration file, or of each `.sql` file under a folder, without what takes back.

    Those of a known tool come in the order in which it runs them; then, or where the folder is of no tool, the others,
    numbers as numbers. Undo files (`*.down.sql`, Flyway's `U…__`) are left out. Where the tool's table in `database` has
    another order, they ran in that. Raises SmokeError: `no-migration`, `unreadable`.
    """
    if not path.is_dir():
        return [(path.as_posix(), text_of(path))]
    files = sorted(
        (
            file
            for file in path.rglob("*.sql")
            if file.is_file() and not _undoes(file.relative_to(path))
        ),
        key=lambda file: _order(file.relative_to(path)),
    )
    if not files:
        raise SmokeError.of("no-migration", f"there is no .sql file in {path}")
    project = project_of(path)
    known = _texts(project, database) if project is not None else {}
    others = [file for file in files if file not in known]
    if len(others) >= len(known):  # a file or two that look like a tool's say nothing of a folder
        known, others = {}, files
    return [(file.as_posix(), text) for file, text in known.items()] + [
        (file.as_posix(), text_of(file)) for file in others
    ]


def _texts(project: Project, database: Database | None) -> dict[Path, str]:
    """What runs forward of each file, in the order of the project's tool."""
    texts: dict[Path, str] = {}
    record = recorded(database, project).record if database is not None else Record()
    for migration in as_they_ran(project.migrations, record):
        if migration.sql:
            before = texts.get(migration.file)
            texts[migration.file] = (
                migration.sql if before is None else laid_over(before, migration.sql)
            )
    return texts


def laid_over(text: str, other: str) -> str:
    """Two parts of one file, each with the other's lines blank."""
    upper, lower = text.split("\n"), other.split("\n")
    size = max(len(upper), len(lower))
    pairs = zip(upper + [""] * (size - len(upper)), lower + [""] * (size - len(lower)), strict=True)
    return "\n".join(one or two for one, two in pairs)


_UNDO_FOLDERS = frozenset({"down", "undo", "revert", "rollback", "rollbacks", "verify"})
"""Beside the folder of what runs forward: Sqitch's revert and verify, others' down or undo."""


def _undoes(path: Path) -> bool:
    name = path.name
    return (
        not _UNDO_FOLDERS.isdisjoint(part.lower() for part in path.parts[:-1])
        or name.lower().endswith(
            (".down.sql", "_down.sql", "-down.sql", ".undo.sql", ".rollback.sql")
        )
        or name.lower() == "down.sql"
        or re.match(r"U[0-9._]+__", name) is not None
    )


def _order(path: Path) -> tuple[bool, list[tuple[int, int, str]]]:
    """Numbers count as numbers; Flyway's repeatable migrations (`R__`) come last."""
    parts = re.findall(r"[0-9]+|[^0-9]+", str(path))
    return path.name.startswith("R__"), [
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts
    ]
