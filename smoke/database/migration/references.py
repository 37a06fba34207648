"""Objects of every kind by what a statement calls them: whether they are there, under which oid, whose they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from smoke.database.catalogue.records import POLICIES, RULES, TRIGGERS
from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Finding, Thing
from smoke.database.migration.functions import find_routine, function_words, routine
from smoke.database.migration.planner import Planner
from smoke.database.migration.sight import called
from smoke.database.migration.tree import Name, inner, name_of, strings

RELATIONS = {
    "TABLE": ("rp", "table"),
    "ANY": ("rpfvmiISc", "table"),
    "VIEW": ("v", "view"),
    "MATVIEW": ("m", "materialized view"),
    "INDEX": ("iI", "index"),
    "SEQUENCE": ("S", "sequence"),
    "FOREIGN_TABLE": ("f", "foreign table"),
}
PARTS = {"TRIGGER": "trigger", "POLICY": "policy", "RULE": "rule"}
_PLAIN = {
    "SCHEMA": ("schema", "pg_namespace", "nspname", "nspowner"),
    "EXTENSION": ("extension", "pg_extension", "extname", "extowner"),
    "ROLE": ("role", "pg_roles", "rolname", None),
    "PUBLICATION": ("publication", "pg_publication", "pubname", "pubowner"),
    "EVENT_TRIGGER": ("event trigger", "pg_event_trigger", "evtname", "evtowner"),
    "FDW": ("foreign data wrapper", "pg_foreign_data_wrapper", "fdwname", "fdwowner"),
    "FOREIGN_SERVER": ("server", "pg_foreign_server", "srvname", "srvowner"),
    "LANGUAGE": ("language", "pg_language", "lanname", "lanowner"),
    "DATABASE": ("database", "pg_database", "datname", "datdba"),
    "ACCESS_METHOD": ("access method", "pg_am", "amname", None),
    "TABLESPACE": ("tablespace", "pg_tablespace", "spcname", "spcowner"),
    "SUBSCRIPTION": ("subscription", "pg_stat_subscription", "subname", None),
}
IN_SCHEMA = {
    "STATISTIC_EXT": ("statistics", "pg_statistic_ext", "stxname", "stxnamespace", "stxowner"),
    "COLLATION": ("collation", "pg_collation", "collname", "collnamespace", "collowner"),
    "CONVERSION": ("conversion", "pg_conversion", "conname", "connamespace", "conowner"),
    "TSCONFIGURATION": (
        "text search configuration",
        "pg_ts_config",
        "cfgname",
        "cfgnamespace",
        "cfgowner",
    ),
    "TSDICTIONARY": (
        "text search dictionary",
        "pg_ts_dict",
        "dictname",
        "dictnamespace",
        "dictowner",
    ),
    "TSPARSER": ("text search parser", "pg_ts_parser", "prsname", "prsnamespace", None),
    "TSTEMPLATE": ("text search template", "pg_ts_template", "tmplname", "tmplnamespace", None),
}
NAMED = {
    kind: ObjectKind(
        f"SELECT {column}, {'subid' if kind == 'SUBSCRIPTION' else 'oid'}::int8,"  # noqa: S608  (our own text)
        f" {f'pg_get_userbyid({owner})' if owner else 'NULL'} FROM {catalogue}"
    )
    for kind, (_, catalogue, column, owner) in _PLAIN.items()
}
PLACED = {
    kind: ObjectKind(
        f"SELECT n.nspname, o.{column}, o.oid::int8, {f'pg_get_userbyid(o.{owner})' if owner else 'NULL'}"  # noqa: S608  (our own text)
        f" FROM {catalogue} o JOIN pg_namespace n ON n.oid = o.{schema} WHERE {{where}}",
        key=2,
        schema="n.nspname",
        name=f"o.{column}",
    )
    for kind, (_, catalogue, column, schema, owner) in IN_SCHEMA.items()
}
_CONSTRAINTS = ObjectKind(
    "SELECT n.nspname, c.relname, con.conname, con.oid::int8 FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {where}",
    key=3,
    schema="n.nspname",
    name="c.relname",
)
_OF_DOMAINS = ObjectKind(
    "SELECT contypid::int8, conname, oid::int8 FROM pg_constraint WHERE contypid <> 0", key=2
)
_COLUMNS = ObjectKind(
    "SELECT n.nspname, c.relname, a.attname, a.attnum::int FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT a.attisdropped AND {where}",
    key=3,
    schema="n.nspname",
    name="c.relname",
)
_PARTS: dict[str, ObjectKind] = {
    "policy": POLICIES,
    "rule": RULES,
    "constraint": _CONSTRAINTS,
    "column": _COLUMNS,
}


@dataclass(frozen=True, slots=True)
class Reference:
    """An object: the thing, its kind in words, its oid (None: not there) and its owner."""

    thing: Thing
    word: str
    oid: Callable[[], int | None]
    owner: Callable[[], str | None]
    catalogue: str
    part: int = 0


def refer(planner: Planner, kind: str, node: Any, *, alias: str = "") -> Reference | None:
    """The object that a generic node names; None for a kind that smoke does not know."""
    if kind in RELATIONS:
        return of_relation(planner, kind, name_of(inner(node)[1].items), alias=alias)
    if kind in ("TYPE", "DOMAIN"):
        found = inner(node)[1]
        names = found.names if inner(node)[0] == "type_name" else found.items
        return _of_type(planner, kind, name_of(names))
    if kind in ("FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE"):
        return _of_function(planner, kind, inner(node)[1])
    if kind in PARTS or kind in ("TABCONSTRAINT", "COLUMN"):
        return _of_part(planner, kind, strings(inner(node)[1].items))
    if kind == "DOMCONSTRAINT":
        domain, name = inner(node)[1].items
        return of_domain_constraint(planner, name_of(domain.type_name.names), name.string.sval)
    if kind in _PLAIN:
        value = inner(node)[1]
        name = value.sval if inner(node)[0] == "string" else strings(value.items)[-1]
        return of_plain(planner, kind, name)
    if kind in IN_SCHEMA:
        return _of_schema_object(planner, kind, name_of(inner(node)[1].items))
    return None


def of_relation(planner: Planner, kind: str, name: Name, *, alias: str = "") -> Reference:
    """A table, view, index or sequence."""
    kinds, word = RELATIONS[kind]
    thing = planner.relation(name, alias=alias)

    def oid() -> int | None:
        relation = planner.here(thing)
        return relation.oid if relation and relation.kind in kinds else None

    def owner() -> str | None:
        relation = planner.here(thing)
        return relation.owner if relation else None

    return Reference(thing, word, oid, owner, "pg_class")


def _of_type(planner: Planner, kind: str, name: Name) -> Reference:
    thing = planner.typed(name)

    def row() -> tuple[Any, ...] | None:
        return planner.type_row(thing.schema, thing.name)

    def oid() -> int | None:
        found = row()
        return found[0] if found else None

    def owner() -> str | None:
        found = row()
        return found[2] if found else None

    return Reference(thing, kind.lower(), oid, owner, "pg_type")


def _of_function(planner: Planner, kind: str, given: Any) -> Reference:
    thing = routine(planner, given)

    def oid() -> int | None:
        found = find_routine(planner, thing)
        return found.oid if found else None

    def owner() -> str | None:
        found = find_routine(planner, thing)
        return found.owner if found else None

    return Reference(thing, kind.lower(), oid, owner, "pg_proc")


def _of_part(planner: Planner, kind: str, names: tuple[str, ...]) -> Reference:
    table = planner.relation((names[-3] if len(names) > 2 else None, names[-2]))
    word = {"TABCONSTRAINT": "constraint", "COLUMN": "column"}.get(kind) or PARTS[kind]
    return part_of(planner, word, names[-1], table)


def part_of(planner: Planner, word: str, name: str, table: Thing) -> Reference:
    """A column, constraint, trigger, policy or rule of a table."""
    thing = planner.part(word, name, table)
    catalogue = {
        "trigger": "pg_trigger",
        "policy": "pg_policy",
        "rule": "pg_rewrite",
        "constraint": "pg_constraint",
        "column": "pg_class",
    }[word]

    def oid() -> int | None:
        relation = planner.here(table)
        if relation is None:
            return None
        if word == "trigger":
            triggers = planner.catalog.rows(TRIGGERS, relation.schema, relation.name)
            return next((row[5] for row in triggers if row[0] == thing.name), None)
        row = planner.catalog.one(_PARTS[word], relation.schema, relation.name, thing.name)
        return row[0] if row else None

    return Reference(thing, word, oid, lambda: None, catalogue)


def of_domain_constraint(planner: Planner, domain: Name, name: str) -> Reference:
    """A constraint of a domain."""
    thing = planner.part("constraint", name, planner.typed(domain))

    def oid() -> int | None:
        assert thing.parent is not None
        found = planner.type_row(thing.parent.schema, thing.parent.name)
        row = found and planner.catalog.one(_OF_DOMAINS, found[0], thing.name)
        return row[0] if row else None

    return Reference(thing, "constraint", oid, lambda: None, "pg_constraint")


def of_attribute(planner: Planner, kind: Name, name: str) -> Reference:
    """An attribute of a composite type."""
    thing = planner.part("column", name, planner.typed(kind))

    def oid() -> int | None:
        assert thing.parent is not None
        row = planner.catalog.one(_COLUMNS, thing.parent.schema, thing.parent.name, thing.name)
        return row[0] if row else None

    return Reference(thing, "attribute", oid, lambda: None, "pg_class")


def of_plain(planner: Planner, kind: str, name: str) -> Reference:
    """A schema, extension, role …: something without a schema of its own."""
    word, catalogue, _, _ = _PLAIN[kind]
    thing = planner.world.get(word, name)

    def oid() -> int | None:
        row = planner.catalog.one(NAMED[kind], thing.name)
        return row[0] if row else None

    def owner() -> str | None:
        row = planner.catalog.one(NAMED[kind], thing.name)
        return row[1] if row else None

    return Reference(thing, word, oid, owner, catalogue)


def _of_schema_object(planner: Planner, kind: str, name: Name) -> Reference:
    word, catalogue = IN_SCHEMA[kind][:2]
    thing = planner.world.get(word, name[1], planner.home(name[0]))

    def oid() -> int | None:
        row = planner.catalog.one(PLACED[kind], thing.schema, thing.name)
        return row[0] if row else None

    def owner() -> str | None:
        row = planner.catalog.one(PLACED[kind], thing.schema, thing.name)
        return row[1] if row else None

    return Reference(thing, word, oid, owner, catalogue)


def words_of(planner: Planner, reference: Reference) -> str:
    """ObjectKind and name for a person."""
    thing = reference.thing
    if thing.kind == "function":
        return f"{reference.word} {function_words(planner, thing)}"
    on = f" on {called(thing.parent)}" if thing.parent else ""
    return f"{reference.word} {called(thing)}{on}"


def claim_there(planner: Planner, kind: str, name: str) -> Thing:
    """There is something of that kind and name."""
    reference = of_plain(planner, kind, name)
    thing = reference.thing

    def judge() -> Finding:
        there = reference.oid() is not None
        words = f"{reference.word} {called(thing)}"
        return Finding(
            there, f"{words} is there" if there else f"there is no {words} in this database"
        )

    claim = planner.world.claim(thing, "there", judge)
    planner.world.made(thing, claim)
    return thing
