"""What the table of a project's tool says in the database that is connected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from smoke.database.layouts.layout import Project
from smoke.database.layouts.marks import marks, tables, tables_like
from smoke.database.layouts.model import Record
from smoke.database.layouts.tables import Tool
from smoke.database.session import Database, Refusal
from smoke.sql import relation


@dataclass(frozen=True, slots=True)
class Recorded:
    """The tool's table (empty when there is none), why it cannot be read, and what it says."""

    table: str = ""
    refused: str = ""
    record: Record = field(default_factory=Record)


def recorded(database: Database, project: Project) -> Recorded:
    """The table of the project's tool; of several the one that knows most of the project's migrations.

    Under another name it is known by what it lists: at least one of the project's migrations.
    """
    own = [found for found in tables(database) if found[0].name in project.layout.tables]
    best, shared = _best(database, project, own)
    if not shared and not best.refused:
        other = _best(database, project, tables_like(database, project.layout.tables))
        if other[1]:
            return other[0]
    return best


def _best(
    database: Database, project: Project, candidates: Sequence[tuple[Tool, str, str]]
) -> tuple[Recorded, int]:
    """Of these tables the one that lists most of the project's migrations, and how many."""
    best, most = Recorded(), (-1, False)
    keys = {migration.key for migration in project.migrations}
    for tool, schema, table in candidates:
        rows = marks(database, tool, schema, table)
        place = relation(table, schema)
        own = tool.name == project.layout.tables[0]
        if isinstance(rows, Refusal):
            found, worth = Recorded(place, rows.message), (0, own)
        else:
            record = project.layout.record(rows, project.migrations)
            record = replace(record, ordered=bool(tool.order or tool.sequence))
            found, worth = Recorded(place, "", record), (len(keys & record.seen.keys()), own)
        if worth > most:
            best, most = found, worth
    return best, max(most[0], 0)
