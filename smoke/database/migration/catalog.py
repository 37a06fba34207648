"""The catalogue's facts about one object at a time, asked for once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from smoke.database.session import Database, Refusal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Relation:
    """A row of pg_class. `kind` is relkind: r table, p partitioned, v view, m materialized, i/I index, S sequence."""

    oid: int
    schema: str
    name: str
    kind: str
    owner: str
    persistence: str
    row_security: bool
    force_row_security: bool
    options: dict[str, str]
    bound: str
    partition_key: str
    tablespace: str
    replica_identity: str
    access_method: str
    parents: tuple[tuple[str, str], ...]
    of_type: str


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    type_oid: int
    typmod: int
    not_null: bool
    default: str | None
    identity: str
    generated: str
    collation: str
    storage: str
    statistics: int
    options: dict[str, str]
    sequence: str
    local: bool
    compression: str
    usual_storage: str
    checked: bool
    """False for a NOT NULL that was added NOT VALID (PostgreSQL 18)."""


@dataclass(frozen=True, slots=True)
class Constraint:
    name: str
    code: str
    definition: str
    validated: bool
    deferrable: bool
    deferred: bool
    columns: tuple[str, ...]
    target: tuple[str, str] | None
    target_columns: tuple[str, ...]
    on_update: str
    on_delete: str
    match: str
    set_columns: tuple[str, ...]
    index: str
    enforced: bool
    local: bool
    no_inherit: bool


@dataclass(frozen=True, slots=True)
class Index:
    schema: str
    name: str
    table: tuple[str, str]
    definition: str
    valid: bool
    constraint: str


def options_of(values: list[str] | None) -> dict[str, str]:
    """`name=value` texts as a mapping."""
    return dict(value.partition("=")[::2] for value in values or [])


def with_values(row: tuple[Any, ...], changed: dict[int, Any]) -> list[Any]:
    """A row with other values at some places."""
    return [changed.get(place, value) for place, value in enumerate(row)]


class Catalog:
    """Facts by name, each read once; the transaction sees one state of the database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._seen: dict[tuple[Any, ...], Any] = {}
        row = database.row(
            "SELECT current_setting('server_version_num')::int, current_user, current_schemas(false)::text[]"
        )
        assert row is not None
        self.version: int = row[0]
        self.user: str = row[1]
        self.path: tuple[str, ...] = tuple(row[2])
        self.qualified = False
        """Whether the server prints every name with its schema: a script with a search path of its own needs it."""

    def once(self, key: tuple[Any, ...], ask: Callable[[], T]) -> T:
        """The answer to a question, asked the first time only."""
        if key not in self._seen:
            self._seen[key] = ask()
        found: T = self._seen[key]
        return found

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of a question, kept by the question."""
        return self.once((sql, *parameters), lambda: self.database.rows(sql, *parameters))

    def one(self, sql: str, *parameters: object) -> tuple[Any, ...] | None:
        """The first row of a question."""
        found = self.rows(sql, *parameters)
        return found[0] if found else None

    def schema_exists(self, name: str) -> bool:
        """Whether the schema is there."""
        return self.one("SELECT 1 FROM pg_namespace WHERE nspname = %s", name) is not None

    def relation(self, schema: str, name: str) -> Relation | None:
        """The table, view, index or sequence of that name."""
        return self.once(("relation", schema, name), lambda: self._relation(schema, name))

    def _relation(self, schema: str, name: str) -> Relation | None:
        row = self.one(
            "SELECT c.oid, n.nspname, c.relname, c.relkind::text, pg_get_userbyid(c.relowner),"
            " c.relpersistence::text, c.relrowsecurity, c.relforcerowsecurity, c.reloptions,"
            " coalesce(pg_get_expr(c.relpartbound, c.oid), ''),"
            " CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) ELSE '' END,"
            " coalesce((SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace), ''),"
            " c.relreplident::text, coalesce((SELECT amname FROM pg_am WHERE oid = c.relam), ''),"
            " ARRAY(SELECT pn.nspname || '.' || p.relname FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent"
            " JOIN pg_namespace pn ON pn.oid = p.relnamespace WHERE h.inhrelid = c.oid ORDER BY h.inhseqno),"
            " coalesce((SELECT tn.nspname || '.' || ty.typname FROM pg_type ty JOIN pg_namespace tn ON tn.oid = ty.typnamespace"
            " WHERE ty.oid = c.reloftype), '')"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relname = %s",
            schema,
            name,
        )
        if row is None:
            return None
        values = list(row)
        values[8] = options_of(values[8])
        values[14] = tuple(
            (parent.partition(".")[0], parent.partition(".")[2]) for parent in values[14]
        )
        return Relation(*values)

    def toast_options(self, relation: Relation) -> dict[str, str] | None:
        """The storage parameters of a table's TOAST table, by their names in a script (`toast.…`); None without one."""
        row = self.one(
            "SELECT t.reloptions FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid WHERE c.oid = %s",
            relation.oid,
        )
        return (
            {f"toast.{name}": value for name, value in options_of(row[0]).items()} if row else None
        )

    def columns(self, relation: Relation) -> dict[str, Column]:
        """The columns by name, in order."""
        rows = self.rows(
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.atttypid::int8, a.atttypmod, a.attnotnull,"
            " pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text,"
            " coalesce((SELECT collname FROM pg_collation WHERE oid = a.attcollation"
            "   AND a.attcollation <> t.typcollation), ''), a.attstorage::text,"
            " coalesce((to_jsonb(a) ->> 'attstattarget')::int, -1), a.attoptions,"
            # not pg_get_serial_sequence, which wants the right to use the schema
            " coalesce((SELECT quote_ident(sn.nspname) || '.' || quote_ident(s.relname) FROM pg_depend d"
            "   JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_namespace sn ON sn.oid = s.relnamespace"
            "   WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass"
            "   AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i') LIMIT 1), ''),"
            " a.attislocal, a.attcompression::text, t.typstorage::text,"
            " NOT EXISTS (SELECT FROM pg_constraint v WHERE v.conrelid = a.attrelid AND v.contype = 'n'"
            "   AND v.conkey = ARRAY[a.attnum] AND NOT v.convalidated)"
            " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_type t ON t.oid = a.atttypid"
            " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
            " WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
            relation.oid,
        )
        return {row[0]: Column(*with_values(row, {11: options_of(row[11])})) for row in rows}

    def constraints(self, relation: Relation) -> tuple[Constraint, ...]:
        """The constraints of a table, in the order of their names."""
        return self._constraints("con.conrelid", relation.oid)

    def domain_constraints(self, type_oid: int) -> tuple[Constraint, ...]:
        """The constraints of a domain."""
        return self._constraints("con.contypid", type_oid)

    def _constraints(self, column: str, oid: int) -> tuple[Constraint, ...]:
        names = (
            "ARRAY(SELECT a.attname::text FROM unnest({keys}) WITH ORDINALITY k(num, pos) JOIN pg_attribute a"
            " ON a.attrelid = {relation} AND a.attnum = k.num ORDER BY k.pos)"
        )
        rows = self.rows(
            # the names of columns and relations in it are ours
            "SELECT con.conname, con.contype::text, pg_get_constraintdef(con.oid), con.convalidated, con.condeferrable,"  # noqa: S608
            f" con.condeferred, {names.format(keys='con.conkey', relation='con.conrelid')},"
            " n.nspname, t.relname,"
            f" {names.format(keys='con.confkey', relation='con.confrelid')},"
            " con.confupdtype::text, con.confdeltype::text, con.confmatchtype::text,"
            " ARRAY(SELECT a.attname::text FROM jsonb_array_elements_text(CASE jsonb_typeof(to_jsonb(con) -> 'confdelsetcols')"
            "   WHEN 'array' THEN to_jsonb(con) -> 'confdelsetcols' ELSE '[]' END) s"
            "   JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = s::int ORDER BY 1),"
            " coalesce((SELECT relname FROM pg_class WHERE oid = con.conindid), ''),"
            " coalesce((to_jsonb(con) ->> 'conenforced')::bool, true), con.conislocal, con.connoinherit"
            " FROM pg_constraint con LEFT JOIN pg_class t ON t.oid = con.confrelid"
            " LEFT JOIN pg_namespace n ON n.oid = t.relnamespace"
            f" WHERE {column} = %s ORDER BY 1",
            oid,
        )
        return tuple(
            Constraint(
                *with_values(
                    (*row[:7], row[7:9], *row[9:]),
                    {
                        6: tuple(row[6]),
                        7: (row[7], row[8]) if row[8] else None,
                        8: tuple(row[9]),
                        12: tuple(row[13]),
                    },
                )
            )
            for row in rows
        )

    _INDEXES = (
        "SELECT n.nspname, ic.relname, tn.nspname, t.relname, pg_get_indexdef(i.indexrelid),"
        " i.indisvalid AND i.indisready,"
        " coalesce((SELECT conname FROM pg_constraint WHERE conindid = i.indexrelid AND conrelid = i.indrelid"
        "   AND contype IN ('p', 'u', 'x') LIMIT 1), '')"
        " FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_namespace n ON n.oid = ic.relnamespace"
        " JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace WHERE "
    )

    def indexes(self, relation: Relation) -> tuple[Index, ...]:
        """The indexes of a table."""
        rows = self.rows(self._INDEXES + "i.indrelid = %s ORDER BY 2", relation.oid)
        return tuple(Index(row[0], row[1], (row[2], row[3]), *row[4:]) for row in rows)

    def index(self, schema: str, name: str) -> Index | None:
        """The index of that name."""
        row = self.one(self._INDEXES + "n.nspname = %s AND ic.relname = %s", schema, name)
        return None if row is None else Index(row[0], row[1], (row[2], row[3]), *row[4:])

    def elsewhere(self, name: str, schema: str) -> tuple[str, ...]:
        """Other schemas that have a relation of that name."""
        rows = self.rows(
            "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relname = %s AND n.nspname <> %s AND n.nspname !~ '^pg_(toast|temp)' ORDER BY 1 LIMIT 5",
            name,
            schema,
        )
        return tuple(row[0] for row in rows)

    def type_id(self, sql: str) -> tuple[int, int] | None:
        """Oid and modifier of a type's name as the server reads it; None when it knows no such type."""
        described = self.database.describe(f"SELECT NULL::{sql} AS t")
        if isinstance(described, Refusal):  # of a pseudo-type there are no values
            asked = self.database.attempt("SELECT to_regtype(%s)::oid::int8", sql)
            known = asked[0][0] if not isinstance(asked, Refusal) and asked else None
            return (known, -1) if known else None
        row = self.database.row("SELECT to_regtype(%s)::oid::int8", sql)
        oid = row[0] if row and row[0] else described[0][1]
        # of a domain the protocol describes the base type, whose modifier is not the column's
        return oid, described[0][2] if oid == described[0][1] else -1

    def base_type(self, oid: int) -> int:
        """What a domain is over; any other type is its own."""
        row = self.one("SELECT typbasetype::int8 FROM pg_type WHERE oid = %s", oid)
        return self.base_type(row[0]) if row and row[0] else oid

    def type_name(self, oid: int, typmod: int = -1) -> str:
        """A type's name as the server prints it."""
        row = self.one("SELECT format_type(%s::oid, %s)", oid, typmod)
        return str(row[0]) if row else ""
