"""Relations, columns, constraints and indexes as values, and the questions that read them."""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern
from types import MappingProxyType

import msgspec

from smoke.database.catalogue.snapshot import ObjectKind, Row


class Relation(msgspec.Struct, frozen=True):
    """A row of pg_class. `kind` is relkind: r table, p partitioned, v view, m materialized, i/I index, S sequence."""

    oid: int
    schema: str
    name: str
    kind: str
    owner: str
    persistence: str
    row_security: bool
    force_row_security: bool
    options: Mapping[str, str]
    bound: str
    partition_key: str
    tablespace: str
    replica_identity: str
    access_method: str
    parents: tuple[tuple[str, str], ...]
    of_type: str
    toast_options: Mapping[str, str] | None
    """The storage parameters of its TOAST table, by their names in a script (`toast.…`); None without one."""


class RelationColumn(msgspec.Struct, frozen=True):
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
    options: Mapping[str, str]
    sequence: str
    local: bool
    compression: str
    usual_storage: str
    checked: bool
    """False for a NOT NULL that was added NOT VALID (PostgreSQL 18)."""


class Constraint(msgspec.Struct, frozen=True):
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


class Numbering(msgspec.Struct, frozen=True):
    """A sequence that fills a column. `own`: it belongs to the column; the default may draw from another one, too."""

    column: str
    sequence: str
    """As SQL names it, with its schema."""
    name: str
    oid: int
    own: bool


class Index(msgspec.Struct, frozen=True):
    schema: str
    name: str
    table: tuple[str, str]
    definition: str
    valid: bool
    constraint: str
    replica_identity: bool
    clustered: bool


_NONE: Mapping[str, str] = MappingProxyType({})


def options_of(values: list[str] | None) -> Mapping[str, str]:
    """`name=value` texts as a mapping."""
    return dict(value.partition("=")[::2] for value in values) if values else _NONE


def _relation(row: Row) -> Relation:
    oid, schema, name, kind, owner, persistence, secured, forced, options, *more = row
    bound, key, tablespace, identity, method, parents, of_type, toasted, toast = more
    return Relation(
        *(oid, schema, name, kind, owner, persistence, secured, forced, options_of(options)),
        *(bound, key, tablespace, identity, method),
        tuple((p.partition(".")[0], p.partition(".")[2]) for p in parents),
        of_type,
        {f"toast.{name}": value for name, value in options_of(toast).items()} if toasted else None,
    )


def _column(row: Row) -> RelationColumn:
    # names and types that stand in every table are kept once
    name, kind = intern(row[0]), intern(row[1])
    return RelationColumn(*(name, kind, *row[2:11], options_of(row[11]), *row[12:]))


def constraint_of(row: Row) -> Constraint:
    """A row of `CONSTRAINT_ROW`."""
    target = tuple(row[7]) if row[7] else None
    columns, theirs, kept = (tuple(map(intern, row[place])) for place in (6, 8, 12))
    return Constraint(*(*row[:6], columns, target, theirs, *row[9:12], kept, *row[13:]))


def index_of(row: Row) -> Index:
    """A row of `INDEX_ROW`."""
    return Index(row[0], row[1], (row[2], row[3]), *row[4:])


RELATIONS = ObjectKind(
    "SELECT n.nspname, c.relname, c.oid, n.nspname, c.relname, c.relkind::text, pg_get_userbyid(c.relowner),"
    " c.relpersistence::text, c.relrowsecurity, c.relforcerowsecurity, c.reloptions,"
    " CASE WHEN c.relispartition THEN coalesce(pg_get_expr(c.relpartbound, c.oid), '') ELSE '' END,"
    " CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) ELSE '' END,"
    " coalesce(s.spcname, ''), c.relreplident::text, coalesce(m.amname, ''),"
    " CASE WHEN c.relispartition OR c.relkind IN ('r', 'f', 'i') THEN"
    " ARRAY(SELECT pn.nspname || '.' || p.relname FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent"
    " JOIN pg_namespace pn ON pn.oid = p.relnamespace WHERE h.inhrelid = c.oid ORDER BY h.inhseqno) ELSE '{}' END,"
    " CASE WHEN ty.oid IS NULL THEN '' ELSE tn.nspname || '.' || ty.typname END, t.oid IS NOT NULL, t.reloptions"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace"
    " LEFT JOIN pg_am m ON m.oid = c.relam LEFT JOIN pg_class t ON t.oid = c.reltoastrelid AND c.reltoastrelid <> 0"
    " LEFT JOIN pg_type ty ON ty.oid = c.reloftype AND c.reloftype <> 0 LEFT JOIN pg_namespace tn ON tn.oid = ty.typnamespace"
    " WHERE {where} ORDER BY 1, 2",
    key=2,
    schema="n.nspname",
    name="c.relname",
    value=_relation,
)
ELSEWHERE = ObjectKind(
    "SELECT c.relname, (array_agg(n.nspname::text ORDER BY n.nspname))[1:6] FROM pg_class c"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname !~ '^pg_(toast|temp)' AND {where} GROUP BY c.relname",
    name="c.relname",
)
COLUMNS = ObjectKind(
    "SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.atttypid::int8, a.atttypmod, a.attnotnull,"
    " pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text,"
    " coalesce(l.collname, ''), a.attstorage::text,"
    " coalesce(a.attstattarget::int, -1), a.attoptions,"
    # not pg_get_serial_sequence, which wants the right to use the schema
    " CASE WHEN a.attidentity = '' AND NOT a.atthasdef THEN '' ELSE"
    " coalesce((SELECT quote_ident(sn.nspname) || '.' || quote_ident(s.relname) FROM pg_depend d"
    "   JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_namespace sn ON sn.oid = s.relnamespace"
    "   WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass"
    "   AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i') LIMIT 1), '') END,"
    " a.attislocal, a.attcompression::text, t.typstorage::text,"
    " NOT a.attnotnull OR NOT EXISTS (SELECT FROM pg_constraint v WHERE v.conrelid = a.attrelid AND v.contype = 'n'"
    "   AND v.conkey = ARRAY[a.attnum] AND NOT v.convalidated)"
    " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation l ON l.oid = a.attcollation AND a.attcollation <> t.typcollation"
    " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
    " WHERE a.attnum > 0 AND NOT a.attisdropped AND {where} ORDER BY a.attrelid, a.attnum",
    key=2,
    schema="n.nspname",
    name="c.relname",
    value=_column,
)


def _names(keys: str, table: str) -> str:
    return (
        f"CASE WHEN {keys} IS NULL THEN '{{}}' ELSE ARRAY(SELECT a.attname::text FROM unnest({keys}) WITH ORDINALITY k(num, pos) JOIN pg_attribute a"  # noqa: S608  (our own text)
        f" ON a.attrelid = {table} AND a.attnum = k.num ORDER BY k.pos) END"
    )


CONSTRAINT_ROW = (
    " con.conname, con.contype::text, pg_get_constraintdef(con.oid), con.convalidated, con.condeferrable,"  # noqa: S608  (our own text)
    " con.condeferred, " + _names("con.conkey", "con.conrelid") + ","
    " CASE WHEN t.oid IS NULL THEN NULL ELSE ARRAY[tn.nspname, t.relname]::text[] END,"
    " " + _names("con.confkey", "con.confrelid") + ","
    " con.confupdtype::text, con.confdeltype::text, con.confmatchtype::text,"
    # as JSON what only later versions have: slow, and so only where it may say anything
    " CASE WHEN con.confdeltype NOT IN ('n', 'd') THEN '{}' ELSE"
    " ARRAY(SELECT a.attname::text FROM jsonb_array_elements_text(CASE jsonb_typeof(to_jsonb(con) -> 'confdelsetcols')"
    "   WHEN 'array' THEN to_jsonb(con) -> 'confdelsetcols' ELSE '[]' END) s"
    "   JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = s::int ORDER BY 1) END,"
    " coalesce(i.relname, ''), con.convalidated OR coalesce((to_jsonb(con) ->> 'conenforced')::bool, true), con.conislocal,"
    " con.connoinherit FROM pg_constraint con LEFT JOIN pg_class t ON t.oid = con.confrelid"
    " LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace LEFT JOIN pg_class i ON i.oid = con.conindid"
)
CONSTRAINTS = ObjectKind(
    f"SELECT n.nspname, c.relname, {CONSTRAINT_ROW} JOIN pg_class c ON c.oid = con.conrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {where} ORDER BY 1, 2, con.conname",
    key=2,
    schema="n.nspname",
    name="c.relname",
    value=constraint_of,
)
DOMAIN_CONSTRAINTS = ObjectKind(
    f"SELECT con.contypid::int8, {CONSTRAINT_ROW} WHERE con.contypid <> 0 ORDER BY con.conname",
    value=constraint_of,
)
INDEX_ROW = (
    " n.nspname, ic.relname, c.nspname, c.relname, pg_get_indexdef(i.indexrelid),"
    " i.indisvalid AND i.indisready, coalesce(con.conname, ''), i.indisreplident, i.indisclustered"
    " FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_namespace n ON n.oid = ic.relnamespace"
    " JOIN (SELECT t.oid, t.relname, tn.nspname FROM pg_class t JOIN pg_namespace tn ON tn.oid = t.relnamespace) c"
    " ON c.oid = i.indrelid LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.conrelid = i.indrelid"
    " AND con.contype IN ('p', 'u', 'x')"
)
_INDEX_WHERE = " WHERE {where} ORDER BY ic.relname"
INDEXES_OF_TABLES = ObjectKind(
    f"SELECT c.nspname, c.relname, {INDEX_ROW}{_INDEX_WHERE}",
    key=2,
    schema="c.nspname",
    name="c.relname",
    value=index_of,
)
INDEXES = ObjectKind(
    f"SELECT n.nspname, ic.relname, {INDEX_ROW}{_INDEX_WHERE}",
    key=2,
    schema="n.nspname",
    name="ic.relname",
    value=index_of,
)
NUMBERINGS = ObjectKind(
    "SELECT n.nspname, c.relname, a.attname, quote_ident(sn.nspname) || '.' || quote_ident(s.relname), s.relname, s.oid::int8,"
    " d.classid = 'pg_class'::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef def ON def.adrelid = c.oid AND def.adnum = a.attnum"
    " JOIN pg_depend d ON"
    " (d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid"
    "  AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i'))"
    " OR (d.classid = 'pg_attrdef'::regclass AND d.objid = def.oid AND d.refclassid = 'pg_class'::regclass)"
    " JOIN pg_class s ON s.relkind = 'S' AND s.oid IN (d.objid, d.refobjid)"
    " JOIN pg_namespace sn ON sn.oid = s.relnamespace WHERE {where} ORDER BY a.attname, s.oid",
    key=2,
    schema="n.nspname",
    name="c.relname",
    value=lambda row: Numbering(*row),
)
TRIGGERS = ObjectKind(
    "SELECT n.nspname, c.relname, t.tgname, t.tgenabled::text, pg_get_triggerdef(t.oid), pn.nspname, p.proname, t.oid::int8"
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace pn ON pn.oid = p.pronamespace"
    " WHERE NOT t.tgisinternal AND {where} ORDER BY t.tgname",
    key=2,
    schema="n.nspname",
    name="c.relname",
)
RULES = ObjectKind(
    "SELECT n.nspname, c.relname, r.rulename, r.oid::int8, r.ev_enabled::text, pg_get_ruledef(r.oid) FROM pg_rewrite r"
    " JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {where}",
    key=3,
    schema="n.nspname",
    name="c.relname",
)
POLICIES = ObjectKind(
    "SELECT n.nspname, c.relname, p.polname, p.oid::int8, polcmd::text, polpermissive, pg_get_expr(polqual, polrelid),"
    " pg_get_expr(polwithcheck, polrelid),"
    " ARRAY(SELECT coalesce(r.rolname, '') FROM unnest(polroles) u(oid) LEFT JOIN pg_roles r ON r.oid = u.oid)"
    " FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {where} ORDER BY p.polname",
    key=3,
    schema="n.nspname",
    name="c.relname",
)
EXTENSIONS = ObjectKind(
    "SELECT e.extname, n.nspname, e.extversion, a.default_version FROM pg_extension e"
    " JOIN pg_namespace n ON n.oid = e.extnamespace LEFT JOIN pg_available_extensions a ON a.name = e.extname"
)
ROUTINE_NAMES = ObjectKind(
    "SELECT DISTINCT p.proname, n.nspname, p.provolatile = 'v' FROM pg_proc p"
    " JOIN pg_namespace n ON n.oid = p.pronamespace"
)
DOMAINS = ObjectKind("SELECT oid::int8, typbasetype::int8 FROM pg_type WHERE typtype = 'd'")
ENUMS = ObjectKind(
    "SELECT n.nspname, t.typname,"
    " ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)"
    " FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND {where} ORDER BY 1",
    key=2,
    schema="n.nspname",
    name="t.typname",
    value=lambda row: tuple(row[0]),
)
TYPES = ObjectKind(
    "SELECT n.nspname, t.typname, t.oid::int8, t.typtype::text, pg_get_userbyid(t.typowner), t.typrelid::int8,"
    " t.typarray::int8, format_type(t.oid, -1) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"
    " WHERE n.nspname = 'pg_catalog' OR ({where})",
    key=2,
    schema="n.nspname",
    name="t.typname",
    always="pg_catalog",
)
