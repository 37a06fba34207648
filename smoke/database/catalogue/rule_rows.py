"""Whatever can refuse a row by its name: constraints of tables and domains, indexes, triggers, and what depends on each.

The rows are those of `records`, with what only a question about rules wants: their oids, and an index's parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smoke.database.catalogue.records import (
    CONSTRAINT_ROW,
    INDEX_ROW,
    TRIGGERS,
    Constraint,
    Index,
    constraint_of,
    index_of,
)
from smoke.database.catalogue.snapshot import ObjectKind, Row, narrowed
from smoke.database.session import Database

_MOST = 2000


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """Which rules are asked for: each field narrows them, None and "" do not.

    `table` is a domain's name, too. `codes` are those of `RuleRow`; `width` is how many columns (or parts) a rule has.
    """

    schema: str | None = None
    table: str | None = None
    name: str | None = None
    codes: str = ""
    width: int | None = None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A constraint (`code` is its contype), an index that no constraint stands behind (`i`), or a trigger (`g`).

    `index` is the oid of the index that it works by; of a foreign key it is the other table's.
    """

    code: str
    schema: str
    table: str
    name: str
    definition: str
    columns: tuple[str, ...]
    valid: bool
    unique: bool
    deferrable: bool
    deferred: bool
    oid: int
    index: int


def _constraint_rule(row: Row) -> tuple[int, int, bool, Constraint]:
    return row[0], row[1], row[2], constraint_of(row[3:])


def _index_rule(row: Row) -> tuple[int, bool, tuple[str, ...], Index]:
    return row[0], row[1], tuple(row[2]), index_of(row[3:])


_CONSTRAINT_RULES = ObjectKind(
    "SELECT n.nspname, coalesce(c.relname, d.typname), con.oid::int8, con.conindid::int8, coalesce(x.indisvalid, true),"
    f"{CONSTRAINT_ROW} JOIN pg_namespace n ON n.oid = con.connamespace"
    " LEFT JOIN pg_class c ON c.oid = con.conrelid LEFT JOIN pg_type d ON d.oid = con.contypid"
    " LEFT JOIN pg_index x ON x.indexrelid = con.conindid AND x.indrelid = con.conrelid"
    " WHERE {where} ORDER BY 1, 2, con.conname",
    key=2,
    value=_constraint_rule,
)
_INDEX_RULES = ObjectKind(
    "SELECT c.nspname, c.relname, ic.oid::int8, i.indisunique,"  # noqa: S608  (our own text)
    " ARRAY(SELECT coalesce(a.attname::text, pg_get_indexdef(i.indexrelid, k.pos::int, true))"
    "   FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(num, pos)"
    "   LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num AND k.num <> 0"
    f"   WHERE k.pos <= i.indnkeyatts ORDER BY k.pos),{INDEX_ROW}"
    " WHERE {where} ORDER BY 1, 2, ic.relname",
    key=2,
    value=_index_rule,
)
_OURS = "n.nspname !~ '^pg_(toast|temp)' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"


def rule_rows(database: Database, asked: RuleFilter) -> list[RuleRow]:
    """The first two thousand by schema, table and name, in a question for each of three kinds at most. Raises SmokeError."""
    found: list[RuleRow] = []
    if not asked.codes or set(asked.codes) - {"i", "g"}:
        found += _constraints(database, asked)
    if not asked.codes or "i" in asked.codes:
        found += _indexes(database, asked)
    if (not asked.codes or "g" in asked.codes) and asked.width is None:
        found += _triggers(database, asked)
    return sorted(found, key=lambda row: (row.schema, row.table, row.name))[:_MOST]


def _constraints(database: Database, asked: RuleFilter) -> list[RuleRow]:
    codes = list(asked.codes) or None
    rows = narrowed(
        database,
        _CONSTRAINT_RULES,
        {
            _OURS: (),
            "n.nspname = %s": asked.schema,
            "coalesce(c.relname, d.typname) = %s": asked.table,
            "con.conname = %s": asked.name,
            "con.contype::text = ANY (%s::text[])": codes,
            "cardinality(con.conkey) = %s": asked.width,
        },
        most=_MOST,
    )
    return [
        RuleRow(
            *(has.code, schema, table, has.name, has.definition, has.columns),
            valid=has.validated and usable,
            unique=has.code in "pu",
            deferrable=has.deferrable,
            deferred=has.deferred,
            oid=oid,
            index=index,
        )
        for (schema, table), (oid, index, usable, has) in rows
    ]


def _indexes(database: Database, asked: RuleFilter) -> list[RuleRow]:
    rows = narrowed(
        database,
        _INDEX_RULES,
        {
            f"con.oid IS NULL AND {_OURS}": (),
            "n.nspname = %s": asked.schema,
            "c.relname = %s": asked.table,
            "ic.relname = %s": asked.name,
            "i.indnkeyatts = %s": asked.width,
        },
        most=_MOST,
    )
    return [
        RuleRow(
            *("i", schema, table, has.name, has.definition, parts, has.valid),
            unique=unique,
            deferrable=False,
            deferred=False,
            oid=oid,
            index=oid,
        )
        for (schema, table), (oid, unique, parts, has) in rows
    ]


def _triggers(database: Database, asked: RuleFilter) -> list[RuleRow]:
    rows = narrowed(
        database,
        TRIGGERS,
        {
            "t.tgconstraint = 0": (),  # the others are constraints
            "n.nspname = %s": asked.schema,
            "c.relname = %s": asked.table,
            "t.tgname = %s": asked.name,
        },
        most=_MOST,
    )
    return [
        RuleRow(
            *("g", schema, table, name, definition, ()),
            valid=enabled != "D",
            unique=False,
            deferrable=False,
            deferred=False,
            oid=oid,
            index=0,
        )
        for (schema, table), (name, enabled, definition, _, _, oid) in rows
    ]


_DEPENDANTS = """
SELECT w.oid, d.said FROM unnest(%s::text[], %s::oid[], %s::oid[]) w(class, oid, index) CROSS JOIN LATERAL (
  SELECT DISTINCT CASE WHEN classid = 'pg_rewrite'::regclass
    THEN (SELECT 'view ' || ev_class::regclass FROM pg_rewrite WHERE oid = objid)
    ELSE pg_describe_object(classid, objid, objsubid) END AS said FROM pg_depend
  WHERE deptype IN ('n', 'a') AND ((refclassid = w.class::regclass AND refobjid = w.oid)
    OR (refclassid = 'pg_class'::regclass AND refobjid = w.index AND w.index <> 0))
  AND NOT (classid = 'pg_class'::regclass AND objid = w.index) ORDER BY 1 LIMIT 50) d ORDER BY w.oid, d.said
"""
_CLASSES = {"i": "pg_class", "g": "pg_trigger"}


def dependants(database: Database, rows: Sequence[RuleRow]) -> dict[RuleRow, tuple[str, ...]]:
    """What would go with each of them, as the server calls it, in one question. Raises SmokeError."""
    # a foreign key leans on the index of the other table: what else does so depends on that, not on the key
    indexes = [0 if row.code == "f" else row.index for row in rows]
    classes = [_CLASSES.get(row.code, "pg_constraint") for row in rows]
    said: dict[int, list[str]] = {}
    if rows:
        oids = [row.oid for row in rows]
        for oid, name in database.rows(_DEPENDANTS, classes, oids, indexes):
            said.setdefault(int(oid), []).append(str(name))
    return {row: tuple(said.get(row.oid, ())) for row in rows}
