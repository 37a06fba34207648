"""The rows of migration tools' tables in a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smoke.database.layouts.tables import TOOLS, Tool
from smoke.database.session import Database, Refusal
from smoke.sql import identifier, relation

_MOST = 50_000
_MOST_ALIKE = 20
_SOUNDS = "migr|version|histor|changelog|revision"
_OF_THE_PLATFORM = [
    "auth",
    "storage",
    "realtime",
    "_realtime",
    "supabase_functions",
    "_analytics",
    "_supavisor",
]
"""Schemas in which Supabase's own services keep tables of the same names."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of a tool's table, in its own words. `at` is when the migration was applied."""

    version: str = ""
    label: str = ""
    digest: str = ""
    done: bool = True
    group: str = ""
    at: str = ""
    checksum: str = ""
    kind: str = ""


def tables(database: Database) -> list[tuple[Tool, str, str]]:
    """The migration tools' tables that are there: the tool with the columns that this one has, schema, table."""
    found: list[tuple[Tool, str, str]] = []
    for schema, table, columns in _named(database, sorted({t.table for t in TOOLS}), "^$"):
        for tool in TOOLS:
            if tool.table == table and _needed(tool) <= columns:
                found.append((_only(tool, columns), schema, table))
                break
    return found


def tables_like(database: Database, names: Sequence[str]) -> list[tuple[Tool, str, str]]:
    """Tables with the columns of these tools, under a name of their own that sounds like such a table."""
    alike = _named(database, [], _SOUNDS)
    return [
        (_only(tool, columns), schema, table)
        for tool in TOOLS
        if tool.name in names
        for schema, table, columns in alike
        if table != tool.table and _needed(tool) <= columns
    ][:_MOST_ALIKE]


def _needed(tool: Tool) -> set[str]:
    # by the name or digest if the tool writes one, else by the number; other columns may be missing
    return {tool.label or tool.digest or tool.version, *tool.also}


def _named(database: Database, names: list[str], pattern: str) -> list[tuple[str, str, set[str]]]:
    """Schema, name and columns of tables of these names, or whose name fits."""
    rows = database.rows(
        "SELECT n.nspname, c.relname, ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid"
        " AND attnum > 0 AND NOT attisdropped) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND (c.relname = ANY(%s) OR c.relname ~* %s)"
        " AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND NOT (n.nspname = ANY(%s)"
        " AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'supabase_admin')) ORDER BY 1, 2",
        names,
        pattern,
        _OF_THE_PLATFORM,
    )
    return [(schema, table, set(columns)) for schema, table, columns in rows]


def _only(tool: Tool, columns: set[str]) -> Tool:
    """The tool with those columns that its table has."""
    done = tuple((column, condition) for column, condition in tool.done if column in columns)

    def known(column: str) -> str:
        return column if column in columns else ""

    return replace(
        tool,
        version=known(tool.version),
        label=known(tool.label),
        digest=known(tool.digest),
        group=known(tool.group),
        order=known(tool.order),
        at=known(tool.at),
        sequence=known(tool.sequence),
        checksum=tool.checksum if tool.checksum[0] in columns else ("", ""),
        kind=known(tool.kind),
        done=done,
    )


def marks(database: Database, tool: Tool, schema: str, table: str) -> list[Mark] | Refusal:
    """The rows of a tool's table, in the order in which the migrations were applied where a column has it."""
    version, label, digest, group, at, kind = (
        f"coalesce({identifier(column)}::text, '')" if column else "''"
        for column in (tool.version, tool.label, tool.digest, tool.group, tool.at, tool.kind)
    )
    checksum = f"coalesce(({tool.checksum[1]})::text, '')" if tool.checksum[1] else "''"
    done = " AND ".join(f"{identifier(c)} {condition}" for c, condition in tool.done) or "true"
    sequence = [
        column for column in (tool.order or tool.sequence, tool.version, tool.label) if column
    ]
    order = f" ORDER BY {', '.join(map(identifier, sequence))}" if sequence else ""
    rows = database.attempt(
        f"SELECT {version}, {label}, {digest}, coalesce({done}, false), {group}, {at}, {checksum}, {kind}"  # noqa: S608  (names are quoted, the rest is our own)
        f" FROM {relation(table, schema)}{order} LIMIT {_MOST}"
    )
    return rows if isinstance(rows, Refusal) else [Mark(*row) for row in rows]
