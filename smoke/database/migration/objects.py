"""Claims that are alike for every kind of object: DROP, RENAME, SET SCHEMA, OWNER TO, COMMENT ON.

`Reference` says for one object how to find out whether it is there; the statements ask through it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from smoke.database.migration.functions import find_routine, function_words, routine
from smoke.database.migration.planner import Planned, Planner, Unjudged, called
from smoke.database.migration.rights import claim_owner, role_name
from smoke.database.migration.tree import Name, enum_name, inner, name_of, range_name, strings
from smoke.database.migration.world import Finding, Thing

RELATIONS = {
    "TABLE": ("rp", "table"),
    "VIEW": ("v", "view"),
    "MATVIEW": ("m", "materialized view"),
    "INDEX": ("iI", "index"),
    "SEQUENCE": ("S", "sequence"),
    "FOREIGN_TABLE": ("f", "foreign table"),
}
_PARTS = {"TRIGGER": "trigger", "POLICY": "policy", "RULE": "rule"}
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
    "SUBSCRIPTION": ("subscription", "pg_stat_subscription", "subname", None),
}
_IN_SCHEMA = {
    "STATISTIC_EXT": ("statistics", "pg_statistic_ext", "stxname", "stxnamespace"),
    "COLLATION": ("collation", "pg_collation", "collname", "collnamespace"),
    "TSCONFIGURATION": ("text search configuration", "pg_ts_config", "cfgname", "cfgnamespace"),
    "TSDICTIONARY": ("text search dictionary", "pg_ts_dict", "dictname", "dictnamespace"),
}
_PART_SQL = {
    "trigger": "SELECT oid FROM pg_trigger WHERE tgrelid = %s AND tgname = %s AND NOT tgisinternal",
    "policy": "SELECT oid FROM pg_policy WHERE polrelid = %s AND polname = %s",
    "rule": "SELECT oid FROM pg_rewrite WHERE ev_class = %s AND rulename = %s",
    "constraint": "SELECT oid FROM pg_constraint WHERE conrelid = %s AND conname = %s",
    "column": "SELECT attnum FROM pg_attribute WHERE attrelid = %s AND attname = %s AND NOT attisdropped",
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
    if kind in _PARTS or kind in ("TABCONSTRAINT", "COLUMN"):
        return _of_part(planner, kind, strings(inner(node)[1].items))
    if kind in _PLAIN:
        value = inner(node)[1]
        name = value.sval if inner(node)[0] == "string" else strings(value.items)[-1]
        return of_plain(planner, kind, name)
    if kind in _IN_SCHEMA:
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
    word = {"TABCONSTRAINT": "constraint", "COLUMN": "column"}.get(kind) or _PARTS[kind]
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
        row = relation and planner.catalog.one(_PART_SQL[word], relation.oid, thing.name)
        return row[0] if row else None

    return Reference(thing, word, oid, lambda: None, catalogue)


def of_plain(planner: Planner, kind: str, name: str) -> Reference:
    """A schema, extension, role …: something without a schema of its own."""
    word, catalogue, column, owner_column = _PLAIN[kind]
    thing = planner.world.get(word, name)

    def oid() -> int | None:
        key = "subid" if kind == "SUBSCRIPTION" else "oid"
        row = planner.catalog.one(
            f"SELECT {key}::int8 FROM {catalogue} WHERE {column} = %s", thing.name
        )
        return row[0] if row else None

    def owner() -> str | None:
        row = owner_column and planner.catalog.one(
            f"SELECT pg_get_userbyid({owner_column}) FROM {catalogue} WHERE {column} = %s",  # noqa: S608
            thing.name,
        )
        return row[0] if row else None

    return Reference(thing, word, oid, owner, catalogue)


def _of_schema_object(planner: Planner, kind: str, name: Name) -> Reference:
    word, catalogue, column, schema_column = _IN_SCHEMA[kind]
    thing = planner.world.get(word, name[1], planner.home(name[0]))

    def oid() -> int | None:
        row = planner.catalog.one(
            f"SELECT o.oid::int8 FROM {catalogue} o JOIN pg_namespace n ON n.oid = o.{schema_column}"  # noqa: S608
            f" WHERE n.nspname = %s AND o.{column} = %s",
            thing.schema,
            thing.name,
        )
        return row[0] if row else None

    return Reference(thing, word, oid, lambda: None, catalogue)


def words_of(planner: Planner, reference: Reference) -> str:
    """Kind and name for a person."""
    thing = reference.thing
    if thing.kind == "function":
        return f"{reference.word} {function_words(planner, thing)}"
    on = f" on {called(thing.parent)}" if thing.parent else ""
    return f"{reference.word} {called(thing)}{on}"


def drop(planner: Planner, node: Any) -> Planned:
    """DROP of anything: it is no longer there."""
    kind = enum_name(node, "remove_type").removeprefix("OBJECT_")
    for item in node.objects:
        if kind == "TABCONSTRAINT":
            return Unjudged("smoke does not know how to look up this DROP")
        reference = refer(planner, kind, item)
        if reference is None:
            return Unjudged(
                f"smoke does not know how to look up a {kind.lower().replace('_', ' ')}"
            )
        _claim_gone(planner, reference, missing_ok=node.missing_ok)
    return None


def drop_roles(planner: Planner, node: Any) -> Planned:
    """DROP ROLE."""
    for role in node.roles:
        _claim_gone(planner, of_plain(planner, "ROLE", role.role_spec.rolename), missing_ok=True)
    return None


def _claim_gone(planner: Planner, reference: Reference, *, missing_ok: bool) -> None:
    thing = reference.thing

    def judge() -> Finding:
        table = thing.parent
        if table is not None and not missing_ok and planner.here(table) is None:
            return planner.no_relation(table)
        there = reference.oid() is not None
        words = words_of(planner, reference)
        if reference.word == "index" and there:
            found = planner.catalog.index(thing.schema, thing.name)
            if found is not None and found.constraint:
                words += (
                    f" (it belongs to constraint {found.constraint}, which DROP INDEX cannot drop)"
                )
        if there:
            return Finding(False, f"{words} is still there")
        other = (
            planner.catalog.elsewhere(thing.name, thing.schema) if thing.kind == "relation" else ()
        )
        also = f" (one of that name is in schema {', '.join(other)})" if other else ""
        return Finding(True, f"{words} is not there{also}")

    planner.world.drop(thing, judge)
    if thing.kind == "schema":
        for inside in planner.world.things:
            if inside.schema == thing.name and inside.alive:
                planner.world.drop(inside, judge)


def rename(planner: Planner, node: Any) -> Planned:
    """ALTER … RENAME: under the new name, and not under the old one."""
    kind = enum_name(node, "rename_type").removeprefix("OBJECT_")
    new = node.newname
    if kind in ("COLUMN", "ATTRIBUTE", "TABCONSTRAINT", "TRIGGER", "POLICY", "RULE"):
        if kind == "ATTRIBUTE":
            return Unjudged("smoke does not know how to look up the new name of an attribute")
        table = planner.relation(range_name(node.relation))
        word = {"COLUMN": "column", "TABCONSTRAINT": "constraint"}.get(kind) or _PARTS[kind]
        _rename(planner, part_of(planner, word, node.subname, table), new)
    elif kind in RELATIONS:
        _rename(planner, of_relation(planner, kind, range_name(node.relation), alias=new), new)
    elif kind in ("SCHEMA", "ROLE", "DATABASE"):
        _rename(planner, of_plain(planner, kind, node.subname), new)
    elif kind == "DOMCONSTRAINT":
        return Unjudged("smoke does not know how to look up the new name of a domain's constraint")
    else:
        reference = refer(planner, kind, node.object)
        if reference is None:
            return Unjudged(
                f"smoke does not know how to look up a {kind.lower().replace('_', ' ')}"
            )
        if reference.thing.kind == "function":
            new += "(" + reference.thing.name.rpartition("(")[2]
        _rename(planner, reference, new)
    return None


def _rename(planner: Planner, reference: Reference, new: str) -> None:
    thing, world = reference.thing, planner.world
    world.rename(thing, new)

    def judge() -> Finding:
        if (
            thing.parent is not None
            and thing.parent.kind == "relation"
            and planner.here(thing.parent) is None
        ):
            return planner.no_relation(thing.parent)
        there = reference.oid() is not None
        last = (thing.schema, thing.name)
        words = words_of(planner, reference)
        for schema, name in thing.former:
            if (schema, name) == last or world.taken(thing.kind, name, schema, thing.parent, thing):
                continue
            if _exists(planner, reference, schema, name):
                other = "" if there else f", and there is no {words}"
                return Finding(
                    False, f"{reference.word} {name} still has its old name{other}", half=there
                )
        if not there:
            return Finding(False, f"there is no {words}")
        if world.replaces(thing):  # something has that name: is it what this script made?
            for other in world.others(thing, "name"):
                found = other.judge()
                if found.holds is not True:
                    return Finding(
                        found.holds, f"{words} is not the one that was renamed: {found.words}"
                    )
        return Finding(True, f"{words} is there")

    world.made(thing, world.claim(thing, "name", judge))


def _exists(planner: Planner, reference: Reference, schema: str, name: str) -> bool:
    """Whether the same kind of thing is there under another name."""
    thing = reference.thing
    kept = (thing.schema, thing.name)
    thing.schema, thing.name = schema, name
    try:
        return reference.oid() is not None
    finally:
        thing.schema, thing.name = kept


def set_schema(planner: Planner, node: Any) -> Planned:
    """ALTER … SET SCHEMA."""
    kind = enum_name(node, "object_type").removeprefix("OBJECT_")
    if kind in RELATIONS:
        reference: Reference | None = of_relation(planner, kind, range_name(node.relation))
    elif kind == "EXTENSION":
        return _extension_schema(planner, node.object.string.sval, node.newschema)
    else:
        reference = refer(planner, kind, node.object)
    if reference is None:
        return Unjudged(f"smoke does not know how to look up a {kind.lower().replace('_', ' ')}")
    planner.world.rename(reference.thing, reference.thing.name, node.newschema)
    thing = reference.thing

    def judge() -> Finding:
        there = reference.oid() is not None
        old = [
            s for s, n in thing.former if s != thing.schema and _exists(planner, reference, s, n)
        ]
        words = words_of(planner, reference)
        if old:
            return Finding(
                False, f"{reference.word} {thing.name} is still in schema {old[0]}", half=there
            )
        return Finding(there, f"{words} is there" if there else f"there is no {words}")

    planner.world.claim(thing, "name", judge)
    return None


def _extension_schema(planner: Planner, name: str, schema: str) -> Planned:
    thing = planner.world.get("extension", name)

    def judge() -> Finding:
        row = planner.catalog.one(
            "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = %s",
            thing.name,
        )
        if row is None:
            return Finding(False, f"there is no extension {called(thing)} in this database")
        return Finding(row[0] == schema, f"extension {called(thing)} is in schema {row[0]}")

    planner.world.claim(thing, "schema", judge)
    return None


def alter_owner(planner: Planner, node: Any) -> Planned:
    """ALTER … OWNER TO."""
    kind = enum_name(node, "object_type").removeprefix("OBJECT_")
    reference = refer(planner, kind, node.object)
    if reference is None or reference.word in ("role", "subscription"):
        return Unjudged(f"smoke does not know how to look up the owner of a {kind.lower()}")
    claim_owner(planner, reference.thing, role_name(planner, node.newowner), reference.owner)
    return None


def comment(planner: Planner, node: Any) -> Planned:
    """COMMENT ON: the same text, or none."""
    kind = enum_name(node, "objtype").removeprefix("OBJECT_")
    reference = refer(planner, kind, node.object)
    if reference is None:
        return Unjudged(f"smoke does not know how to look up the comment on a {kind.lower()}")

    def judge() -> Finding:
        oid = reference.oid()
        words = words_of(planner, reference)
        if oid is None:
            return Finding(False, f"there is no {words} in this database")
        found = _comment(planner, reference, oid)
        wanted = node.comment or None
        said = f"'{found}'" if found else "none"
        return Finding(found == wanted, f"the comment on {words} is {said}")

    planner.world.claim(reference.thing, "comment", judge)
    return None


def _comment(planner: Planner, reference: Reference, oid: int) -> str | None:
    if reference.word == "column":
        table = planner.here(reference.thing.parent) if reference.thing.parent else None
        row = planner.catalog.one("SELECT col_description(%s, %s)", table.oid if table else 0, oid)
    elif reference.catalogue in ("pg_database", "pg_roles"):
        row = planner.catalog.one(
            "SELECT shobj_description(%s, %s)",
            oid,
            "pg_authid" if reference.catalogue == "pg_roles" else "pg_database",
        )
    else:
        row = planner.catalog.one("SELECT obj_description(%s, %s)", oid, reference.catalogue)
    return row[0] if row else None
