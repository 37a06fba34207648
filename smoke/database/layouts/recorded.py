"""What the table of a project's tool says in the database that is connected."""

from __future__ import annotations

from dataclasses import dataclass, replace

from smoke.database.layouts.layout import Project
from smoke.database.layouts.marks import marks, tables
from smoke.database.layouts.model import Record
from smoke.database.session import Database, Refusal
from smoke.sql import relation


@dataclass(frozen=True, slots=True)
class Recorded:
    """The tool's table (empty when there is none), why it cannot be read, and what it says."""

    table: str = ""
    refused: str = ""
    record: Record = Record()  # noqa: RUF009 it is frozen, and nothing is put into it


def recorded(database: Database, project: Project) -> Recorded:
    """The table of the project's tool; of several the one that knows most of the project's migrations."""
    best, most = Recorded(), (-1, False)
    keys = {migration.key for migration in project.migrations}
    for tool, schema, table in tables(database):
        if tool.name not in project.layout.tables:
            continue
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
    return best
