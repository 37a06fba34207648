"""Objects of every kind by what a statement calls them: whether they are there, under which oid, whose they are."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from smoke.database.catalogue.records import POLICIES, RULES, TRIGGERS
from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Finding, Thing, Wanted
from smoke.database.migration.functions import find_routine, function_words, routine
from smoke.database.migration.planner import Planner
from smoke.database.migration.sight import Sight, called, no_object
from smoke.database.migration.tree import Name, inner, name_of, strings

RELATIONS = {
    "TABLE": ("rp", "table"),
    "ANY": ("", "table"),
    "VIEW": ("v", "view"),
    "MATVIEW": ("m", "materialized view"),
    "INDEX": ("iI", "index"),
    "SEQUENCE": ("S", "sequence"),
    "FOREIGN_TABLE": ("f", "foreign table"),
}
PARTS = {
    "TRIGGER": "trigger",
    "POLICY": "policy",
    "RULE": "rule",
    "TABCONSTRAINT": "constraint",
    "COLUMN": "column",
}
PLAIN = {
    "SCHEMA": "schema",
    "EXTENSION": "extension",
    "ROLE": "role",
    "PUBLICATION": "publication",
    "EVENT_TRIGGER": "event trigger",
    "FDW": "foreign data wrapper",
    "FOREIGN_SERVER": "server",
    "LANGUAGE": "language",
    "DATABASE": "database",
    "ACCESS_METHOD": "access method",
    "TABLESPACE": "tablespace",
    "SUBSCRIPTION": "subscription",
}
IN_SCHEMA = {
    "STATISTIC_EXT": "statistics",
    "COLLATION": "collation",
    "CONVERSION": "conversion",
    "TSCONFIGURATION": "text search configuration",
    "TSDICTIONARY": "text search dictionary",
    "TSPARSER": "text search parser",
    "TSTEMPLATE": "text search template",
}


class Kept(NamedTuple):
    """In which catalogue objects of a kind are, and the rows that say of a name its oid and owner."""

    catalogue: str
    rows: ObjectKind


def _plain(catalogue: str, name: str, owner: str = "", oid: str = "oid") -> Kept:
    whose = f"pg_get_userbyid({owner})" if owner else "NULL"
    return Kept(catalogue, ObjectKind(f"SELECT {name}, {oid}::int8, {whose} FROM {catalogue}"))  # noqa: S608  (our own text)


def _placed(catalogue: str, prefix: str, *, owned: bool = True) -> Kept:
    whose = f"pg_get_userbyid(o.{prefix}owner)" if owned else "NULL"
    sql = (
        f"SELECT n.nspname, o.{prefix}name, o.oid::int8, {whose} FROM {catalogue} o"  # noqa: S608  (our own text)
        f" JOIN pg_namespace n ON n.oid = o.{prefix}namespace WHERE {{where}}"
    )
    return Kept(catalogue, ObjectKind(sql, key=2, schema="n.nspname", name=f"o.{prefix}name"))


KEPT = {
    "schema": _plain("pg_namespace", "nspname", "nspowner"),
    "extension": _plain("pg_extension", "extname", "extowner"),
    "role": _plain("pg_roles", "rolname"),
    "publication": _plain("pg_publication", "pubname", "pubowner"),
    "event trigger": _plain("pg_event_trigger", "evtname", "evtowner"),
    "foreign data wrapper": _plain("pg_foreign_data_wrapper", "fdwname", "fdwowner"),
    "server": _plain("pg_foreign_server", "srvname", "srvowner"),
    "language": _plain("pg_language", "lanname", "lanowner"),
    "database": _plain("pg_database", "datname", "datdba"),
    "access method": _plain("pg_am", "amname"),
    "tablespace": _plain("pg_tablespace", "spcname", "spcowner"),
    "subscription": _plain("pg_stat_subscription", "subname", oid="subid"),
    "statistics": _placed("pg_statistic_ext", "stx"),
    "collation": _placed("pg_collation", "coll"),
    "conversion": _placed("pg_conversion", "con"),
    "text search configuration": _placed("pg_ts_config", "cfg"),
    "text search dictionary": _placed("pg_ts_dict", "dict"),
    "text search parser": _placed("pg_ts_parser", "prs", owned=False),
    "text search template": _placed("pg_ts_template", "tmpl", owned=False),
}
PARTS_OF_TABLES = {
    "policy": POLICIES,
    "rule": RULES,
    "constraint": ObjectKind(
        "SELECT n.nspname, c.relname, con.conname, con.oid::int8 FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {where}",
        key=3,
        schema="n.nspname",
        name="c.relname",
    ),
    "column": ObjectKind(
        "SELECT n.nspname, c.relname, a.attname, a.attnum::int FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT a.attisdropped AND {where}",
        key=3,
        schema="n.nspname",
        name="c.relname",
    ),
}
_OF_DOMAINS = ObjectKind(
    "SELECT contypid::int8, conname, oid::int8 FROM pg_constraint WHERE contypid <> 0", key=2
)
_CATALOGUES = {
    "relation": "pg_class",
    "column": "pg_class",
    "type": "pg_type",
    "function": "pg_proc",
    "trigger": "pg_trigger",
    "policy": "pg_policy",
    "rule": "pg_rewrite",
    "constraint": "pg_constraint",
    "role": "pg_authid",
}


class Found(NamedTuple):
    """An object that is there; of a column `oid` is its number."""

    oid: int
    owner: str | None = None


class Reference(msgspec.Struct, frozen=True):
    """An object as a statement calls it: its kind in words, for a relation the relkinds that are meant (empty: any)."""

    thing: Thing
    word: str
    kinds: str = ""

    @property
    def catalogue(self) -> str:
        """Where its comment is kept."""
        kind = self.thing.kind
        return _CATALOGUES.get(kind) or KEPT[kind].catalogue

    def find(self, sight: Sight, at: tuple[str, str] | None = None) -> Found | None:
        """The object under its last name, or under schema and name `at`; None when there is none."""
        return find(sight, self.thing, at, self.kinds)

    def words(self, sight: Sight) -> str:
        """Kind and name for a person."""
        if self.thing.kind == "function":
            return f"{self.word} {function_words(sight, self.thing)}"
        on = f" on {called(self.thing.parent)}" if self.thing.parent else ""
        return f"{self.word} {called(self.thing)}{on}"


def find(
    sight: Sight, thing: Thing, at: tuple[str, str] | None = None, kinds: str = ""
) -> Found | None:
    """What is there of a thing's kind under its last name, or under schema and name `at`."""
    schema, name = at or (thing.schema, thing.name)
    row: tuple[Any, ...] | None
    if thing.kind == "relation":
        relation = sight.here(thing, at)
        fits = relation is not None and (not kinds or relation.kind in kinds)
        return Found(relation.oid, relation.owner) if relation is not None and fits else None
    if thing.kind == "function":
        routine = find_routine(sight, thing, at)
        return Found(routine.oid, routine.owner) if routine else None
    if thing.kind == "type":
        row = sight.type_row(schema, name)
        return Found(row[0], row[2]) if row else None
    if thing.parent is not None:
        number = _part(sight, thing.kind, thing.parent, name)
        return None if number is None else Found(number)
    kept = KEPT[thing.kind].rows
    row = sight.catalog.one(kept, *(schema, name)[-kept.key :])
    return Found(*row) if row else None


def _part(sight: Sight, kind: str, parent: Thing, name: str) -> int | None:
    catalog = sight.catalog
    whole = parent.schema, parent.name
    row: tuple[Any, ...] | None
    if parent.kind == "type":
        found = sight.type_row(*whole)
        if kind == "constraint":
            row = found and catalog.one(_OF_DOMAINS, found[0], name)
            return row[0] if row else None
    else:
        relation = sight.here(parent)
        if relation is None:
            return None
        whole = relation.schema, relation.name
    if kind == "trigger":
        return next((row[5] for row in catalog.rows(TRIGGERS, *whole) if row[0] == name), None)
    row = catalog.one(PARTS_OF_TABLES[kind], *whole, name)
    return row[0] if row else None


def refer(planner: Planner, kind: str, node: Any) -> Reference | None:
    """The object that a generic node names; None for a kind that smoke does not know."""
    form, value = inner(node)
    if kind in RELATIONS:
        return of_relation(planner, kind, name_of(value.items))
    if kind in ("TYPE", "DOMAIN"):
        name = name_of(value.names if form == "type_name" else value.items)
        return Reference(planner.typed(name), kind.lower())
    if kind in ("FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE"):
        return Reference(routine(planner, value), kind.lower())
    if kind in PARTS:
        *place, part = strings(value.items)
        table = (place[-2] if len(place) > 1 else None), place[-1]
        return part_of(planner, kind, part, planner.relation(table))
    if kind == "DOMCONSTRAINT":
        domain, constraint = value.items
        names = name_of(domain.type_name.names)
        return of_type(planner, "constraint", names, constraint.string.sval)
    if kind in PLAIN:
        return of_plain(planner, kind, value.sval if form == "string" else strings(value.items)[-1])
    if kind in IN_SCHEMA:
        schema, own = name_of(value.items)
        word = IN_SCHEMA[kind]
        return Reference(planner.world.get(word, own, planner.home(schema)), word)
    return None


def of_relation(planner: Planner, kind: str, name: Name, *, alias: str = "") -> Reference:
    """A table, view, index or sequence."""
    kinds, word = RELATIONS[kind]
    return Reference(planner.relation(name, alias=alias), word, kinds)


def part_of(planner: Planner, kind: str, name: str, table: Thing) -> Reference:
    """A column, constraint, trigger, policy or rule of a table."""
    return Reference(planner.part(PARTS[kind], name, table), PARTS[kind])


def of_type(planner: Planner, kind: str, name: Name, part: str) -> Reference:
    """A constraint of a domain, a column of a composite type."""
    word = "attribute" if kind == "column" else kind
    return Reference(planner.part(kind, part, planner.typed(name)), word)


def of_plain(planner: Planner, kind: str, name: str) -> Reference:
    """A schema, extension, role …: something without a schema of its own."""
    return Reference(planner.world.get(PLAIN[kind], name), PLAIN[kind])


class There(Wanted, frozen=True):
    """There is something of that kind and name."""

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        if find(sight, thing) is None:
            return no_object(thing)
        return Finding(True, f"{thing.kind} {called(thing)} is there")


def claim_there(planner: Planner, kind: str, name: str) -> Thing:
    """There is something of that kind and name."""
    return planner.world.made_there(planner.world.get(kind, name), There())
