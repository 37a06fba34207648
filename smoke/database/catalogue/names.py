"""What is there by its name, for looking up what a name was meant to be: no system catalogue's own names.

Of each: schema, name, whether this connection's search path leads to it, and what follows the name where it is shown.
"""

from __future__ import annotations

from typing import NamedTuple

from smoke.database.catalogue.snapshot import ObjectKind, narrowed
from smoke.database.session import Database
from smoke.sql import relation

_MOST = 5000


class NamedObject(NamedTuple):
    """Something of a kind: `found` says that this connection's search path leads to it."""

    schema: str
    name: str
    found: bool
    shown: str

    @property
    def sql(self) -> str:
        """As SQL names it."""
        return relation(self.name, self.schema) + self.shown


def _named(row: tuple[object, ...]) -> NamedObject:
    schema, name, found, shown = row
    return NamedObject(str(schema), str(name), bool(found), str(shown))


class TableColumns(NamedTuple):
    """A table or view that is no partition, with its columns in their order."""

    schema: str
    name: str
    found: bool
    kind: str
    columns: tuple[str, ...]

    @property
    def sql(self) -> str:
        """As SQL names it."""
        return relation(self.name, self.schema)


TABLES_WITH_COLUMNS = ObjectKind(
    "SELECT n.nspname, c.relname, pg_table_is_visible(c.oid), c.relkind::text, ARRAY(SELECT a.attname::text FROM pg_attribute a"
    " WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')"
    " AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND {where} ORDER BY 1, 2",
    key=0,
    value=lambda row: TableColumns(row[0], row[1], row[2], row[3], tuple(row[4])),
)
TABLE_NAMES = ObjectKind(
    "SELECT n.nspname, c.relname, pg_table_is_visible(c.oid), '' FROM pg_class c JOIN pg_namespace n"
    " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'"
    " AND n.nspname <> 'information_schema' AND {where} ORDER BY 1, 2",
    key=0,
    value=_named,
)
FUNCTION_NAMES = ObjectKind(
    "SELECT n.nspname, p.proname, pg_function_is_visible(p.oid),"
    " '(' || pg_get_function_identity_arguments(p.oid) || ')' FROM pg_proc p JOIN pg_namespace n"
    " ON n.oid = p.pronamespace WHERE p.prokind <> 'a' AND n.nspname <> 'information_schema'"
    " AND {where} ORDER BY 1, 2, 4",
    key=0,
    value=_named,
)
TYPE_NAMES = ObjectKind(
    "SELECT n.nspname, t.typname, pg_type_is_visible(t.oid), '' FROM pg_type t JOIN pg_namespace n"
    " ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid WHERE t.typcategory <> 'A'"
    " AND coalesce(c.relkind, 'c') = 'c' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
    " AND {where} ORDER BY 1, 2",
    key=0,
    value=_named,
)


def tables(database: Database) -> list[NamedObject]:
    """Tables, views and foreign tables. Raises SmokeError."""
    return [named for _, named in narrowed(database, TABLE_NAMES, {}, most=_MOST)]


def columns_of_tables(database: Database, schema: str | None = None) -> list[TableColumns]:
    """Tables and views with their columns, of all schemas or one. Raises SmokeError."""
    asked = {"n.nspname = %s": schema}
    return [table for _, table in narrowed(database, TABLES_WITH_COLUMNS, asked, most=_MOST)]


def functions(database: Database, name: str) -> list[NamedObject]:
    """Functions and procedures with their arguments; of the server's own those of a name. Raises SmokeError."""
    asked = {"(n.nspname !~ '^pg_' OR p.proname = %s)": name}
    return [named for _, named in narrowed(database, FUNCTION_NAMES, asked, most=_MOST)]


def types(database: Database) -> list[NamedObject]:
    """Types that are no table's own and no arrays. Raises SmokeError."""
    return [named for _, named in narrowed(database, TYPE_NAMES, {}, most=_MOST)]
