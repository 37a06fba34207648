"""The shop's own migrations: numbered SQL files, and a table that says which have run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

    Database = psycopg.Connection[tuple[object, ...]]

FIX = "0007"
"""The migration that fixes the incident; the ones before it lead to the state of the incident."""

TABLE = "shop_migrations"
_CREATE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
    version    text PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file `VERSION_name.sql`."""

    version: str
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def file_name(self) -> str:
        return f"{self.version}_{self.name}.sql"


def migrations() -> tuple[Migration, ...]:
    """Every migration, in the order of their numbers."""
    found = []
    for file in files("smoke.demo").joinpath("migrations").iterdir():
        version, _, name = file.name.removesuffix(".sql").partition("_")
        if file.name.endswith(".sql") and version.isdigit():
            found.append(Migration(version, name, file.read_text(encoding="utf-8")))
    return tuple(sorted(found, key=lambda migration: migration.version))


def fix() -> Migration:
    """The migration that fixes the incident."""
    return next(migration for migration in migrations() if migration.version == FIX)


def migrate(database: Database, *, before: str = "9999") -> list[Migration]:
    """Run what has not run yet, up to but without `before`, in one transaction; what was run."""
    ran = []
    with database.transaction():
        database.execute(_CREATE)
        done = {version for (version,) in database.execute(f"SELECT version FROM {TABLE}")}  # noqa: S608  (a constant)
        for migration in migrations():
            if migration.version < before and migration.version not in done:
                execute(database, migration)
                mark(database, migration)
                ran.append(migration)
    return ran


def execute(database: Database, migration: Migration) -> None:
    """Run a migration's statements without marking it."""
    database.execute(migration.sql.encode())


def mark(database: Database, migration: Migration) -> None:
    """Say that a migration has run, whether it has or not."""
    database.execute(
        f"INSERT INTO {TABLE} (version, name, checksum) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",  # noqa: S608  (as above)
        (migration.version, migration.name, migration.checksum),
    )
