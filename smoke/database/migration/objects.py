"""Claims that are alike for every kind of object: DROP, RENAME, SET SCHEMA, OWNER TO, COMMENT ON."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Finding, Shape, Thing
from smoke.database.migration.defined import drop_cast
from smoke.database.migration.others import claim_extension_schema
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.references import (
    PARTS,
    RELATIONS,
    Reference,
    of_attribute,
    of_domain_constraint,
    of_plain,
    of_relation,
    part_of,
    refer,
    words_of,
)
from smoke.database.migration.rights import claim_owner, role_name
from smoke.database.migration.sight import called
from smoke.database.migration.sight import judge as judged
from smoke.database.migration.tree import enum_name, name_of, range_name


def drop(planner: Planner, node: Any) -> Planned:
    """DROP of anything: it is no longer there."""
    kind = enum_name(node, "remove_type").removeprefix("OBJECT_")
    for item in node.objects:
        if kind == "TABCONSTRAINT":
            return Unjudged("smoke does not know how to look up this DROP")
        if kind == "CAST":
            drop_cast(planner, item)
            continue
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
        for schema, name in thing.former:  # renamed first, then dropped
            taken = planner.world.taken(thing.kind, name, schema, thing.parent, thing)
            if not taken and _exists(reference, schema, name):
                return Finding(False, f"{reference.word} {name} is still there under its old name")
        if (still := _still_there(planner, reference)) is not None:
            return still
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
    if kind == "ATTRIBUTE":
        _rename(planner, of_attribute(planner, range_name(node.relation), node.subname), new)
    elif kind in ("COLUMN", "TABCONSTRAINT", "TRIGGER", "POLICY", "RULE"):
        table = planner.relation(range_name(node.relation))
        word = {"COLUMN": "column", "TABCONSTRAINT": "constraint"}.get(kind) or PARTS[kind]
        _rename(planner, part_of(planner, word, node.subname, table), new)
    elif kind in RELATIONS:
        # ALTER TABLE renames views, indexes and sequences as well
        known = "ANY" if kind in ("TABLE", "INDEX") else kind
        relation = of_relation(planner, known, range_name(node.relation), alias=new)
        # of a table that is made nowhere here, IF EXISTS says that it may never have been there
        made = any(c.facet in ("there", "name") for c in relation.thing.claims)
        _rename(planner, relation, new, perhaps=node.missing_ok and not made)
    elif kind in ("SCHEMA", "ROLE", "DATABASE"):
        _rename(planner, of_plain(planner, kind, node.subname), new)
    elif kind == "DOMCONSTRAINT":
        domain = name_of(node.object.list.items)
        _rename(planner, of_domain_constraint(planner, domain, node.subname), new)
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


def _twins(planner: Planner, thing: Thing) -> list[Thing]:
    """A key's index, an index's key: they have one name, and who renames one renames the other."""
    if thing.kind == "relation":
        return planner.world.constraints_of_index(thing.schema, thing.name)
    if thing.kind != "constraint" or thing.parent is None:
        return []
    index = planner.world.find("relation", thing.name, thing.parent.schema)
    return [index] if index is not None and index.shape is Shape.INDEX else []


def _rename(planner: Planner, reference: Reference, new: str, *, perhaps: bool = False) -> None:
    thing, world = reference.thing, planner.world
    for renamed in (thing, *_twins(planner, thing)):
        world.rename(renamed, new)

    def judge() -> Finding:
        table = thing.parent if thing.parent and thing.parent.kind == "relation" else None
        if table is not None and planner.here(table) is None:
            return planner.no_relation(table)
        if table is not None and world.replaces(table) and (unlike := planner.unlike(table)):
            return Finding(False, f"{called(table)} is the old one: {unlike.words}")
        there = reference.oid() is not None
        last = (thing.schema, thing.name)
        words = words_of(planner, reference)
        for schema, name in thing.former:
            if (schema, name) == last or world.taken(thing.kind, name, schema, thing.parent, thing):
                continue
            if _exists(reference, schema, name):
                other = "" if there else f", and there is no {words}"
                return Finding(False, f"{reference.word} {name} still has its old name{other}")
        if not there:
            none = f", nor {reference.word} {thing.former[0][1]}" if perhaps else ""
            return Finding(None if perhaps else False, f"there is no {words}{none}")
        if world.replaces(thing):  # something has that name: is it what this script made?
            others = world.others(thing, "name")
            for claim in others:
                found = judged(claim, planner)
                if found.holds is not True:
                    return Finding(
                        found.holds, f"{words} is not the one that was renamed: {found.words}"
                    )
            if not others and world.swapped(thing):
                return Finding(None, f"{words} is there, but names that go round show nothing")
        return _still_there(planner, reference) or Finding(True, f"{words} is there")

    world.made(thing, world.claim(thing, "name", judge))


def _still_there(planner: Planner, reference: Reference) -> Finding | None:
    """What speaks for it that a thing never left its old name, which something else should have by now."""
    thing = reference.thing
    for other in planner.world.successors(thing):
        if (unlike := planner.unlike(other)) is not None:
            return Finding(
                False,
                f"{reference.word} {called(other)} is there, but not as the file makes it anew, "
                f"so it is still the old one: {unlike.words}",
            )
    return None


def _exists(reference: Reference, schema: str, name: str) -> bool:
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
        known = "ANY" if kind == "TABLE" else kind
        reference: Reference | None = of_relation(planner, known, range_name(node.relation))
    elif kind == "EXTENSION":
        extension = planner.world.get("extension", node.object.string.sval)
        claim_extension_schema(planner, extension, node.newschema)
        return None
    else:
        reference = refer(planner, kind, node.object)
    if reference is None:
        return Unjudged(f"smoke does not know how to look up a {kind.lower().replace('_', ' ')}")
    for other in reference.thing.needed_by:  # an index goes where its table goes
        if other.kind == "relation" and other.shape in (Shape.INDEX, Shape.UNNAMED, Shape.SEQUENCE):
            planner.world.move(other, other.name, node.newschema)
    planner.world.rename(reference.thing, reference.thing.name, node.newschema)
    thing = reference.thing

    def judge() -> Finding:
        there = reference.oid() is not None
        old = [
            s
            for s, n in thing.former
            if s != thing.schema
            and not planner.world.taken(thing.kind, n, s, thing.parent, thing)
            and _exists(reference, s, n)
        ]
        words = words_of(planner, reference)
        if not old and (still := _still_there(planner, reference)) is not None:
            return still
        if old:
            return Finding(
                False, f"{reference.word} {thing.name} is still in schema {old[0]}", half=there
            )
        return Finding(there, f"{words} is there" if there else f"there is no {words}")

    planner.world.made(thing, planner.world.claim(thing, "name", judge))
    return None


def alter_owner(planner: Planner, node: Any) -> Planned:
    """ALTER … OWNER TO."""
    kind = enum_name(node, "object_type").removeprefix("OBJECT_")
    reference = refer(planner, kind, node.object)
    if reference is None or reference.word in ("role", "subscription"):
        return Unjudged(f"smoke does not know how to look up the owner of a {kind.lower()}")
    claim_owner(planner, reference.thing, role_name(node.newowner), reference.owner)
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
        said = f"the comment on {words} is '{found}'" if found else f"{words} has no comment"
        return Finding(found == wanted, said)

    planner.world.claim(reference.thing, "comment", judge)
    return None


_COMMENTS = ObjectKind(
    "SELECT c.relname, d.objoid::int8, d.objsubid, d.description FROM pg_description d JOIN pg_class c ON c.oid = d.classoid"
    " UNION ALL SELECT c.relname, d.objoid::int8, 0, d.description FROM pg_shdescription d JOIN pg_class c ON c.oid = d.classoid",
    key=3,
)


def _comment(planner: Planner, reference: Reference, oid: int) -> str | None:
    if reference.word == "column":
        table = planner.here(reference.thing.parent) if reference.thing.parent else None
        row = planner.catalog.one(_COMMENTS, "pg_class", table.oid if table else 0, oid)
    else:
        catalogue = "pg_authid" if reference.catalogue == "pg_roles" else reference.catalogue
        row = planner.catalog.one(_COMMENTS, catalogue, oid, 0)
    return row[0] if row else None
