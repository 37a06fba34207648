"""What the tables of migration tools claim, beside what is true."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from smoke.advice.sql import identifier, relation
from smoke.database.migration.verdict import Verdict
from smoke.database.session import Database, Refusal


@dataclass(frozen=True, slots=True)
class Tool:
    """How one tool writes down what it ran. Columns that a table may lack are empty.

    `version` holds the number at a file's beginning, `name` its name or the folder's, `digest` the SHA-256 of its
    text, `done` an SQL condition for a row that says that the migration ran to its end.
    """

    name: str
    table: str
    version: str = ""
    label: str = ""
    digest: str = ""
    done: str = "true"


TOOLS = (
    Tool("Supabase", "schema_migrations", "version", "name"),
    Tool("Prisma", "_prisma_migrations", "", "migration_name", "checksum",
         "finished_at IS NOT NULL AND rolled_back_at IS NULL"),
    Tool("Drizzle", "__drizzle_migrations", "", "", "hash"),
    Tool("Knex", "knex_migrations", "", "name"),
    Tool("TypeORM", "migrations", "timestamp", "name"),
    Tool("Flyway", "flyway_schema_history", "version", "script", "", "success"),
    Tool("Liquibase", "databasechangelog", "id", "filename", "", "exectype IN ('EXECUTED', 'RERAN', 'MARK_RAN')"),
    Tool("Django", "django_migrations", "", "name"),
    Tool("Alembic", "alembic_version", "version_num"),
    Tool("Rails, dbmate or golang-migrate", "schema_migrations", "version"),
    Tool("Sequelize", "SequelizeMeta", "", "name"),
    Tool("goose", "goose_db_version", "version_id", "", "", "is_applied"),
    Tool("node-pg-migrate", "pgmigrations", "", "name"),
    Tool("MikroORM", "mikro_orm_migrations", "", "name"),
    Tool("sqlx", "_sqlx_migrations", "version", "description", "", "success"),
    Tool("the shop", "shop_migrations", "version", "name", "checksum"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of a tool's table."""

    version: str = ""
    label: str = ""
    digest: str = ""
    done: bool = True


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one tool's table says of one file, and what that means beside the verdict."""

    tool: str
    table: str
    file: str
    marked: bool
    sentence: str


def is_of(mark: Mark, file: str, text: str) -> bool:
    """Whether a row speaks of a file: by digest, else by name, else by number where the row has no name."""
    if mark.digest and mark.digest.lower() == hashlib.sha256(text.encode()).hexdigest():
        return True
    path = PurePath(file)
    names = {path.stem.lower(), path.parent.name.lower()} - {""}
    number = re.match(r"[VR]?([0-9][0-9._]*?)(?:__?|-|$)", path.stem)
    rest = path.stem[number.end() :].lower() if number else path.stem.lower()
    label = PurePath(mark.label.replace("\\", "/")).stem.lower() if mark.label else ""
    if label and label in names:
        return True
    if mark.version and number:
        same = _number(mark.version) == _number(number[1])
        return same and (not label or _letters(label) in (_letters(rest), _letters(path.stem)))
    return bool(mark.version) and mark.version.lower() in names


def _number(text: str) -> str:
    return text.strip().replace("_", ".").lstrip("0") or "0"


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def sentence(place: str, mark: Mark | None, verdict: Verdict) -> str:
    """The sentence that a tired person needs."""
    if mark is None:
        return {
            Verdict.APPLIED: f"{place} does not list it, though its effect is there: it was run by hand",
            Verdict.PARTLY: f"{place} does not list it, though part of its effect is there",
        }.get(verdict, f"{place} does not list it")
    if not mark.done:
        return f"{place} lists it as failed or not finished"
    return {
        Verdict.APPLIED: f"marked as applied in {place}, and its effect is there",
        Verdict.NOT_APPLIED: f"marked as applied in {place}, but its effect is missing",
        Verdict.PARTLY: f"marked as applied in {place}, but part of its effect is missing",
    }.get(verdict, f"marked as applied in {place}; whether its effect is there cannot be told")


def claimed(
    database: Database, files: Sequence[tuple[str, str]], verdicts: Sequence[Verdict]
) -> tuple[Claimed, ...]:
    """What every tool's table says of these files (name and text), whose verdicts are known."""
    found: list[Claimed] = []
    for tool, schema, table in _tables(database):
        marks = _marks(database, tool, schema, table)
        place = f"{tool.name}'s table {relation(table, schema)}"
        if isinstance(marks, Refusal):
            continue
        for (file, text), verdict in zip(files, verdicts, strict=True):
            of = [mark for mark in marks if is_of(mark, file, text)]
            mark = next((m for m in of if m.done), of[0] if of else None)
            found.append(
                Claimed(
                    tool.name,
                    relation(table, schema),
                    file,
                    mark is not None and mark.done,
                    sentence(place, mark, verdict),
                )
            )
    return tuple(found)


def _tables(database: Database) -> list[tuple[Tool, str, str]]:
    rows = database.rows(
        "SELECT n.nspname, c.relname, ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid"
        " AND attnum > 0 AND NOT attisdropped) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND c.relname = ANY(%s) ORDER BY 1, 2",
        sorted({tool.table for tool in TOOLS}),
    )
    found: list[tuple[Tool, str, str]] = []
    for schema, table, columns in rows:
        for tool in TOOLS:
            needed = {tool.version, tool.label, tool.digest} - {""}
            if tool.table == table and needed <= set(columns):
                found.append((tool, schema, table))
                break
    return found


def _marks(database: Database, tool: Tool, schema: str, table: str) -> list[Mark] | Refusal:
    columns = ", ".join(
        f"coalesce({identifier(column)}::text, '')" if column else "''"
        for column in (tool.version, tool.label, tool.digest)
    )
    rows = database.attempt(
        f"SELECT {columns}, coalesce({tool.done}, false) FROM {relation(table, schema)} LIMIT 50000"  # noqa: S608
    )
    return rows if isinstance(rows, Refusal) else [Mark(*row) for row in rows]
