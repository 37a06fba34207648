"""Does the deployment write to the database that this DSN reads? A marked order, placed by a scenario, tells.

`judge_same` decides from what was seen; `find_marker` looks. Placing and removing the order is the scenario's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from smoke.database.session import Database, Refusal
from smoke.sql import identifier, relation

MOST_TABLES = 200
LARGEST_TABLE = 256 * 1024 * 1024
"""Bytes of a table that is searched: a search reads every row, since it cannot know an index."""


class Sameness(StrEnum):
    """Whether two roads lead to one database."""

    SAME = "same"
    DIFFERENT = "different"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class MarkerPlace:
    """Where a marker was found: table, column, and the row's key (primary key's columns and values)."""

    table: str
    column: str
    key: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """What a search saw. `skipped` are tables that were not read, with the reason."""

    places: tuple[MarkerPlace, ...]
    searched: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SameAnswer:
    """The verdict and the sentence that explains it."""

    verdict: Sameness
    reason: str


def judge_same(before: Search, after: Search, *, placed: bool, marker: str) -> SameAnswer:
    """Same when the marker came with the order; different when every text was read and it did not. Pure.

    `placed` says that the deployment confirmed the order; without that nothing can be told.
    """
    if before.places:
        return SameAnswer(
            Sameness.CANNOT_TELL, f"the marker {marker} was in the database before the order"
        )
    if after.places:
        place = after.places[0]
        where = f"{place.table}.{place.column}"
        if placed:
            return SameAnswer(Sameness.SAME, f"the order's marker {marker} is in {where}")
        return SameAnswer(
            Sameness.SAME,
            f"the order was not confirmed, but its marker {marker} is in {where}",
        )
    if not placed:
        return SameAnswer(
            Sameness.CANNOT_TELL, "the deployment did not confirm the order: nothing to look for"
        )
    if after.skipped:
        table, why = after.skipped[0]
        more = f" and {len(after.skipped) - 1} more" if len(after.skipped) > 1 else ""
        return SameAnswer(
            Sameness.CANNOT_TELL,
            f"the order's marker {marker} is in none of {len(after.searched)} tables, but {table}{more} was not read: {why}",
        )
    if not after.searched:
        return SameAnswer(Sameness.CANNOT_TELL, "there is no table with text that could be read")
    return SameAnswer(
        Sameness.DIFFERENT,
        f"the order was confirmed, but its marker {marker} is in none of {len(after.searched)} tables: "
        "the deployment writes to another database",
    )


_TABLES = """
SELECT n.nspname, c.relname, c.relkind::text, pg_table_size(c.oid),
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
       c.relrowsecurity AND NOT pg_has_role(c.relowner, 'USAGE')
           AND NOT (SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user),
       ARRAY(SELECT a.attname::text FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
             LEFT JOIN pg_type b ON b.oid = t.typbasetype
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
               AND (coalesce(b.typcategory, t.typcategory) = 'S' OR t.typname IN ('json', 'jsonb', 'uuid')
                    OR t.typelem IN ('text'::regtype, 'varchar'::regtype)) ORDER BY a.attnum),
       ARRAY(SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid
             AND a.attnum = ANY (i.indkey::int2[]) WHERE i.indrelid = c.oid AND i.indisprimary)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ({only} IS NULL OR c.relname = ANY ({only}) OR n.nspname || '.' || c.relname = ANY ({only}))
ORDER BY c.relname ~ 'order' DESC, pg_table_size(c.oid)
"""


def find_marker(database: Database, marker: str, tables: Sequence[str] | None = None) -> Search:
    """Where a text stands in the text columns of the tables (all of them when none are named). Raises ValueError.

    The marker must be long enough to be found by nothing else. The search is bounded by the size of a table and
    the session's time limit; what it leaves out is told.
    """
    if len(marker) < 8:
        raise ValueError("a marker has at least eight characters")
    from smoke.sql import literal

    names = ", ".join(literal(table) for table in tables or ())
    only = f"ARRAY[{names}]::text[]" if names else "NULL::text[]"
    rows = database.rows(_TABLES.replace("{only}", only))
    places: list[MarkerPlace] = []
    searched: list[str] = []
    skipped: list[tuple[str, str]] = []
    for schema, table, _, size, reads, hidden, columns, key in rows:
        name = relation(table, schema)
        if not columns:
            continue
        why = _why_not(size, len(searched), reads=reads, hidden=hidden)
        if why:
            skipped.append((name, why))
            continue
        found = database.attempt(*_question(name, columns, key, marker))
        if isinstance(found, Refusal):
            skipped.append((name, found.message))
            continue
        searched.append(name)
        for column, *values in found:
            places.append(MarkerPlace(name, column, tuple(zip(key, map(str, values), strict=True))))
    return Search(tuple(places), tuple(searched), tuple(skipped))


def _why_not(size: int, searched: int, *, reads: bool, hidden: bool) -> str:
    if not reads:
        return "the role may not read it"
    if hidden:
        return "row-level security may hide rows from this role"
    if size > LARGEST_TABLE:
        return f"it is larger than {LARGEST_TABLE >> 20} MiB"
    return f"only {MOST_TABLES} tables are searched" if searched >= MOST_TABLES else ""


def _question(
    table: str, columns: Iterable[str], key: Sequence[str], marker: str
) -> tuple[str, str]:
    quoted = [identifier(column) for column in columns]
    # the first column that holds it; position() takes the marker for what it is, LIKE would take % and _ for more
    arms = " ".join(
        f"WHEN position(m.marker IN t.{column}::text) > 0 THEN {_text(column)}" for column in quoted
    )
    keys = "".join(f", t.{identifier(column)}::text" for column in key)
    sql = (
        f"SELECT found{''.join(f', k{i}' for i in range(len(key)))} FROM ("  # noqa: S608  (names are quoted, the value is a parameter)
        f"SELECT CASE {arms} END{keys} FROM {table} t, (SELECT %s::text) AS m(marker)"
        f") AS f(found{''.join(f', k{i}' for i in range(len(key)))}) WHERE found IS NOT NULL LIMIT 5"
    )
    return sql.replace("%", "%%").replace("%%s::text", "%s::text"), marker


def _text(column: str) -> str:
    from smoke.sql import literal

    bare = column[1:-1].replace('""', '"') if column.startswith('"') else column
    return literal(bare)
