"""The migrations of a project, found by the layout of its tool, beside what is true in the database."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from smoke.app.databases import WhichDatabase, connected, dsn_of
from smoke.database.identity import Identity, identify
from smoke.database.listing import Listing
from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smoke.database.layouts.layout import Project


@dataclass(frozen=True, slots=True)
class Migrations:
    """The migrations of each tool that is asked about, and the database that was asked.

    `exit_status`: 0 all that can be judged is applied and marked, 1 a migration is not, 3 nothing can be judged.
    `passed_over` are projects of other tools, whose tables are not in this database.
    """

    projects: tuple[Listing, ...]
    database: Identity
    exit_status: int
    passed_over: tuple[str, ...] = ()


def db_migrations(
    root: str | os.PathLike[str] = ".",
    *,
    tool: str = "",
    here_only: bool = False,
    **asked: Unpack[WhichDatabase],
) -> Migrations:
    """Each migration of the project in a folder or below it: applied, pending, marked but missing, there but not marked.

    The tools' layouts are known (Supabase, Prisma, Flyway, Django …); `tool` chooses one of several. What is not here is
    looked for in the server's other databases, unless `here_only`. For the keywords and errors see `db_which`.
    """
    from smoke.database.listing import exit_code
    from smoke.database.projects import beside, listing, with_elsewhere

    projects = _chosen(Path(root), tool)
    dsn = dsn_of(asked)
    with connected(asked) as database:
        identity = identify(database)
        found = [(project, listing(database, project)) for project in projects]
        known = [pair for pair in found if pair[1].table]
        shown = known or found
        lacking = any(not row.state.good for _, each in shown for row in each.rows)
        names = beside(database) if lacking and not here_only else []
    listings = tuple(with_elsewhere(each, project, dsn, names) for project, each in shown)
    over = tuple(_called(project) for project, each in found if known and not each.table)
    return Migrations(listings, identity, exit_code(listings), over)


def _called(project: Project) -> str:
    return f"{project.layout.name} in {project.folder}"


def has_layout(folder: Path) -> bool:
    """Whether a folder has the migrations of a known tool, itself or below it."""
    from smoke.database.layouts.find import projects

    return bool(projects(folder))


def _chosen(root: Path, tool: str) -> Sequence[Project]:
    """The projects of the tool, or all. Raises SmokeError: `no-migration`, `bad-option`."""
    from smoke.database.layouts.find import LAYOUTS, projects

    names = {layout.name.lower(): layout.name for layout in LAYOUTS}
    if tool and tool.lower() not in names:
        raise SmokeError(
            [
                Diagnostic(
                    "bad-option",
                    f"--tool {tool} is no tool that smoke knows the layout of",
                    suggestion=nearest(tool, names.values()),
                    notes=(Note(f"tools: {', '.join(names.values())}"),),
                )
            ]
        )
    found = projects(root)
    of = [each for each in found if not tool or each.layout.name == names[tool.lower()]]
    if not of:
        where = "here" if str(root) == "." else f"in {root}"
        there = f"; {', '.join(map(_called, found))}" if found else ""
        raise SmokeError.of(
            "no-migration",
            f"there are no migrations of {names[tool.lower()] if tool else 'a known tool'} {where} or below{there}",
            notes=[
                "name a file or a folder: smoke db applied PATH",
                f"known: {', '.join(names.values())}",
            ],
        )
    return of
