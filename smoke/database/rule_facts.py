"""What advice wants to know of a rule beside its definition: columns that fill themselves, where it leads."""

from __future__ import annotations

from dataclasses import dataclass

from smoke.database.catalogue.catalog import Catalog
from smoke.database.lookup import Rule
from smoke.database.session import Database


@dataclass(frozen=True, slots=True)
class Generated:
    """A column that the database fills itself; `sequence` as SQL names it, empty where there is none."""

    column: str
    sequence: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a foreign key leads."""

    schema: str
    table: str
    columns: tuple[str, ...]


def generated(database: Database, rule: Rule) -> tuple[Generated, ...]:
    """Those of the rule's columns that are an identity or have a sequence as their default. Raises SmokeError."""
    rows = database.rows(
        "SELECT DISTINCT ON (a.attname) a.attname, quote_ident(sn.nspname) || '.' || quote_ident(sc.relname)"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid"
        " LEFT JOIN pg_attrdef def ON def.adrelid = c.oid AND def.adnum = a.attnum"
        " JOIN pg_depend d ON"
        " (d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid"
        "  AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i'))"
        " OR (d.classid = 'pg_attrdef'::regclass AND d.objid = def.oid AND d.refclassid = 'pg_class'::regclass)"
        " JOIN pg_class sc ON sc.relkind = 'S' AND sc.oid IN (d.objid, d.refobjid)"
        " JOIN pg_namespace sn ON sn.oid = sc.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s AND a.attname = ANY (%s::text[]) ORDER BY a.attname",
        rule.schema,
        rule.table,
        list(rule.columns),
    )
    return tuple(Generated(str(column), str(sequence)) for column, sequence in rows)


def reference(database: Database, rule: Rule) -> Reference | None:
    """Where a foreign key leads; None when it is gone meanwhile. Raises SmokeError."""
    catalog = Catalog(database, [rule.table])
    table = catalog.relation(rule.schema, rule.table)
    for found in catalog.constraints(table) if table is not None else ():
        if found.name == rule.name and found.target is not None:
            return Reference(*found.target, found.target_columns)
    return None
