"""Which migration tools a project uses: their folders, found from a folder of it."""

from __future__ import annotations

from pathlib import Path

from smoke.database.layouts import (
    alembic,
    atlas,
    dbmate,
    diesel,
    django,
    drizzle,
    flyway,
    golang_migrate,
    goose,
    knex,
    liquibase,
    node_pg_migrate,
    prisma,
    rails,
    sqlx,
    supabase,
    typeorm,
)
from smoke.database.layouts.layout import Layout, Project
from smoke.database.layouts.tree import Tree

LAYOUTS: tuple[Layout, ...] = (
    supabase.LAYOUT,
    prisma.LAYOUT,
    drizzle.LAYOUT,
    flyway.LAYOUT,
    liquibase.LAYOUT,
    goose.LAYOUT,
    dbmate.LAYOUT,
    node_pg_migrate.LAYOUT,
    diesel.LAYOUT,
    sqlx.LAYOUT,
    golang_migrate.LAYOUT,
    atlas.LAYOUT,
    knex.LAYOUT,
    typeorm.LAYOUT,
    rails.LAYOUT,
    django.LAYOUT,
    alembic.LAYOUT,
)
"""What a folder can be told by for certain comes first: a folder is of one tool."""


def projects(root: Path) -> list[Project]:
    """The projects of migration tools in a folder and below it; a folder is of the first tool that knows it."""
    tree = Tree(root)
    found: list[Project] = []
    taken: set[Path] = set()
    for layout in LAYOUTS:
        for folder in layout.folders(tree):
            if folder in taken:
                continue
            if migrations := layout.migrations(folder):
                taken.add(folder)
                found.append(Project(layout, folder, tuple(migrations), layout.schema(folder)))
    return found


def project_of(folder: Path) -> Project | None:
    """The project whose migrations are those of this folder, or the only one below it."""
    found = projects(folder)
    own = [project for project in found if project.folder == folder] or found
    return own[0] if len(own) == 1 else None
