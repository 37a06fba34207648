"""What the database knows of a table: columns, rules, row-level security, size.

Size, estimated rows and whether this role may read are of the moment and asked here; the rest is the catalogue's.
"""

from __future__ import annotations

from dataclasses import dataclass

from smoke.database.catalogue import names
from smoke.database.catalogue.catalog import Catalog
from smoke.database.catalogue.records import POLICIES
from smoke.database.catalogue.rule_rows import RuleFilter
from smoke.database.catalogue.snapshot import narrowed
from smoke.database.lookup import Rule, find_tables, rules, split_name
from smoke.database.session import Database
from smoke.sql import relation

_MOST_POLICIES = 1000
KINDS = {
    "r": "table",
    "p": "partitioned table",
    "v": "view",
    "m": "materialized view",
    "f": "foreign table",
}


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    not_null: bool
    default: str = ""

    def line(self) -> str:
        """The column as a CREATE TABLE would have it."""
        default = f" DEFAULT {self.default}" if self.default else ""
        return f"{self.name} {self.type}{' NOT NULL' if self.not_null else ''}{default}"


@dataclass(frozen=True, slots=True)
class Table:
    """One relation. `rows` is the planner's estimate, None when nobody has counted yet."""

    schema: str
    name: str
    kind: str
    owner: str
    rows: int | None
    bytes: int
    row_security: bool
    policies: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    reads: bool

    def line(self) -> str:
        """One line: what it is, how large, whose."""
        rows = "size not known" if self.rows is None else f"about {self.rows} rows"
        security = ", row-level security on" if self.row_security else ""
        return (
            f"{self.kind} {relation(self.name, self.schema)}, owner {self.owner}, {rows}{security}"
        )


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """What `table` found, and names that a person may have meant."""

    name: str
    found: tuple[Table, ...]
    similar: tuple[str, ...] = ()


def table(database: Database, name: str) -> TableAnswer:
    """Every table, view or foreign table of that name in any schema."""
    found = find_tables(database, name)
    if not found:
        return TableAnswer(name, (), _similar(database, split_name(name)[1]))
    return TableAnswer(name, tuple(_table(database, schema, table) for schema, table in found))


def _similar(database: Database, name: str) -> tuple[str, ...]:
    import difflib

    known = {named.name: named.sql for named in names.tables(database)}
    return tuple(known[close] for close in difflib.get_close_matches(name, known, n=5, cutoff=0.6))


def _table(database: Database, schema: str, name: str) -> Table:
    catalog = Catalog(database, [name])
    found = catalog.relation(schema, name)
    assert found is not None
    row = database.row(
        "SELECT reltuples::bigint, CASE WHEN relkind IN ('r', 'm') THEN pg_relation_size(oid) ELSE 0 END,"
        " has_table_privilege(oid, 'SELECT') FROM pg_class c WHERE oid = %s",
        found.oid,
    )
    assert row is not None
    estimate, size, reads = row
    asked = {"n.nspname = %s": schema, "c.relname = %s": name}
    policies = narrowed(database, POLICIES, asked, most=_MOST_POLICIES)
    return Table(
        schema=schema,
        name=name,
        kind=KINDS.get(found.kind) or found.kind,
        owner=found.owner,
        rows=None if estimate < 0 else estimate,
        bytes=size,
        row_security=found.row_security,
        policies=tuple(str(key[2]) for key, _ in policies),
        columns=tuple(
            Column(column.name, column.type, column.not_null, column.default or "")
            for column in catalog.columns(found).values()
        ),
        rules=tuple(
            rule
            for rule in rules(database, RuleFilter(schema, name), with_dependants=True)
            if rule.code != "n"
        ),
        reads=reads,
    )
