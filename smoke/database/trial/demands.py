"""What a schema demands of its rows: rules over columns, columns that may not be empty, and what they are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from smoke.database.trial.copied import Copy

Table = tuple[str, str]
"""Schema and name."""


class Demanded(StrEnum):
    """What kind of demand."""

    UNIQUE = "unique"
    CHECK = "check"
    REFERENCE = "foreign key"
    EXCLUSION = "exclusion"
    NOT_NULL = "not null"
    TYPE = "type"


@dataclass(frozen=True, slots=True)
class Demand:
    """One of them. `parts` are SQL: the key of a unique rule, the columns of a foreign key, a column.

    `condition` is the predicate of a unique index, or the expression of a check; `columns` are all that a unique rule's
    key is made of.
    """

    kind: Demanded
    table: Table
    name: str
    parts: tuple[str, ...] = ()
    condition: str = ""
    columns: tuple[str, ...] = ()
    target: Table = ("", "")
    target_columns: tuple[str, ...] = ()
    nulls_equal: bool = False


@dataclass(frozen=True, slots=True)
class CopyColumn:
    """A column. `filled`: it has a default, or fills itself; `computed`: it is made of others, nobody writes it."""

    name: str
    type: str
    base: str
    length: int
    required: bool
    filled: bool
    computed: bool


@dataclass(slots=True)
class Schema:
    """The demands and columns of all tables, and where each table's rows and indexes are kept."""

    demands: dict[tuple[Demanded, Table, str], Demand] = field(default_factory=dict)
    columns: dict[Table, dict[str, CopyColumn]] = field(default_factory=dict)
    tables: dict[int, tuple[Table, int]] = field(default_factory=dict)
    indexes: dict[int, tuple[Table, str, int]] = field(default_factory=dict)

    def of(self, table: Table, *kinds: Demanded) -> list[Demand]:
        """The demands of one table."""
        return [d for d in self.demands.values() if d.table == table and d.kind in kinds]


_OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_NAMES = "ARRAY(SELECT quote_ident(a.attname) FROM unnest({keys}) WITH ORDINALITY k(num, pos) JOIN pg_attribute a ON a.attrelid = {table} AND a.attnum = k.num ORDER BY k.pos)"
_CONSTRAINTS = (
    "SELECT con.contype::text, n.nspname, c.relname, con.conname, pg_get_expr(con.conbin, con.conrelid), "  # noqa: S608  (our own text)
    + _NAMES.format(keys="con.conkey", table="con.conrelid")
    + ", coalesce(fn.nspname, ''), coalesce(f.relname, ''), "
    + _NAMES.format(keys="con.confkey", table="con.confrelid")
    + " FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " LEFT JOIN pg_class f ON f.oid = con.confrelid LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace"
    f" WHERE con.contype IN ('c', 'f', 'x') AND con.convalidated AND {_OURS}"
)
_UNIQUE = (
    "SELECT n.nspname, c.relname, ic.relname,"  # noqa: S608  (our own text)
    " ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) k ORDER BY k),"
    " coalesce(pg_get_expr(i.indpred, i.indrelid), ''),"
    " coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),"
    " ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum > 0 AND (a.attnum IN"
    "  (SELECT k.num FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(num, pos) WHERE k.pos <= i.indnkeyatts)"
    "  OR (i.indexprs IS NOT NULL AND a.attnum IN (SELECT d.refobjsubid FROM pg_depend d"
    "   WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refobjid = i.indrelid))) ORDER BY a.attnum)"
    " FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid"
    f" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE i.indisunique AND i.indisvalid AND {_OURS}"
)
_COLUMNS = (
    "SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), coalesce(b.typname, t.typname),"  # noqa: S608  (our own text)
    " CASE WHEN coalesce(b.typname, t.typname) IN ('varchar', 'bpchar') THEN greatest(a.atttypmod, t.typtypmod) - 4 ELSE 0 END,"
    " a.attnotnull OR t.typnotnull, a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL, a.attgenerated <> ''"
    " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype"
    f" WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND {_OURS} ORDER BY c.oid, a.attnum"
)
_KEPT = (
    "SELECT c.oid::int8, n.nspname, c.relname, coalesce(pg_relation_filenode(c.oid), 0)::int8, coalesce(i.indrelid, 0)::int8"  # noqa: S608  (our own text)
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid"
    f" WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I') AND {_OURS}"
)
_OF = {"c": Demanded.CHECK, "f": Demanded.REFERENCE, "x": Demanded.EXCLUSION}


def schema_of(copy: Copy) -> Schema:
    """What the copy demands now."""
    found = Schema()
    for demand in (*_constraints(copy), *_unique_rules(copy)):
        found.demands[demand.kind, demand.table, demand.name] = demand
    for schema, table, *values in copy.rows(_COLUMNS):
        column, place = CopyColumn(*values), (schema, table)
        found.columns.setdefault(place, {})[column.name] = column
        typed = Demand(Demanded.TYPE, place, column.name, (column.name,), column.type)
        found.demands[Demanded.TYPE, place, column.name] = typed
        if column.required:
            needed = Demand(Demanded.NOT_NULL, place, column.name, (column.name,))
            found.demands[Demanded.NOT_NULL, place, column.name] = needed
    kept = copy.rows(_KEPT)
    for oid, schema, name, node, of in kept:
        if not of:
            found.tables[oid] = ((schema, name), node)
    for oid, _, name, node, of in kept:
        if of in found.tables:
            found.indexes[oid] = (found.tables[of][0], name, node)
    return found


def _constraints(copy: Copy) -> Iterator[Demand]:
    for code, schema, table, name, expression, columns, *target in copy.rows(_CONSTRAINTS):
        yield Demand(
            _OF[code],
            (schema, table),
            name,
            tuple(columns),
            expression or "",
            target=(target[0], target[1]),
            target_columns=tuple(target[2]),
        )


def _unique_rules(copy: Copy) -> Iterator[Demand]:
    for schema, table, name, parts, predicate, equal, used in copy.rows(_UNIQUE):
        yield Demand(
            Demanded.UNIQUE,
            (schema, table),
            name,
            tuple(parts),
            predicate,
            tuple(used),
            nulls_equal=equal,
        )


def new_demands(before: Schema, after: Schema) -> list[Demand]:
    """What is demanded now and was not, of tables that were there."""
    return [
        demand
        for key, demand in after.demands.items()
        if demand.table in before.columns
        and before.demands.get(key) != demand
        # that a new column has a type is demanded of no row
        and not (demand.kind is Demanded.TYPE and key not in before.demands)
    ]
