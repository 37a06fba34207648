"""Claims that are alike for every kind of object: DROP, RENAME, SET SCHEMA, OWNER TO, COMMENT ON."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Facet, Finding, Shape, Thing, Wanted
from smoke.database.migration.defined import drop_cast
from smoke.database.migration.others import claim_extension_schema
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.references import (
    PARTS,
    PLAIN,
    RELATIONS,
    Reference,
    of_plain,
    of_relation,
    of_type,
    part_of,
    refer,
)
from smoke.database.migration.rights import claim_owner, role_name
from smoke.database.migration.sight import Sight, called
from smoke.database.migration.sight import judge as judged
from smoke.database.migration.tree import enum_name, name_of, range_name


def _kind(node: Any, field: str) -> str:
    return enum_name(node, field).removeprefix("OBJECT_")


def _unknown(kind: str, of: str = "") -> Unjudged:
    words = kind.lower() if of else kind.lower().replace("_", " ")
    return Unjudged(f"smoke does not know how to look up {of}a {words}")


def drop(planner: Planner, node: Any) -> Planned:
    """DROP of anything: it is no longer there."""
    kind = _kind(node, "remove_type")
    for item in node.objects:
        if kind == "TABCONSTRAINT":
            return Unjudged("smoke does not know how to look up this DROP")
        if kind == "CAST":
            drop_cast(planner, item)
            continue
        reference = refer(planner, kind, item)
        if reference is None:
            return _unknown(kind)
        _claim_gone(planner, reference, missing_ok=node.missing_ok)
    return None


def drop_roles(planner: Planner, node: Any) -> Planned:
    """DROP ROLE."""
    for role in node.roles:
        _claim_gone(planner, of_plain(planner, "ROLE", role.role_spec.rolename), missing_ok=True)
    return None


def _claim_gone(planner: Planner, reference: Reference, *, missing_ok: bool) -> None:
    world, thing = planner.world, reference.thing
    world.drop(thing, Gone(reference, missing_ok))
    if thing.kind == "schema":
        for inside in world.things:
            if inside.schema == thing.name and inside.alive:
                world.drop(inside, Gone(reference, missing_ok))


class Gone(Wanted, frozen=True):
    """Something is no longer there, neither under its name nor under one that it had before."""

    what: Reference
    missing_ok: bool

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        """Whether it is gone; of what was in a schema, whether the schema is."""
        what, thing = self.what, self.what.thing
        table = thing.parent
        if table is not None and not self.missing_ok and sight.here(table) is None:
            return sight.no_relation(table)
        words = what.words(sight)
        if what.find(sight) is not None:
            return Finding(False, f"{words}{_of_constraint(sight, what)} is still there")
        for schema, name in thing.former:  # renamed first, then dropped
            if not sight.world.taken(thing, schema, name) and what.find(sight, (schema, name)):
                return Finding(False, f"{what.word} {name} is still there under its old name")
        if (still := _still_there(sight, what)) is not None:
            return still
        known = thing.kind == "relation"
        other = sight.catalog.elsewhere(thing.name, thing.schema) if known else ()
        also = f" (one of that name is in schema {', '.join(other)})" if other else ""
        return Finding(True, f"{words} is not there{also}")


def _of_constraint(sight: Sight, what: Reference) -> str:
    if what.word != "index":
        return ""
    found = sight.catalog.index(what.thing.schema, what.thing.name)
    if found is None or not found.constraint:
        return ""
    return f" (it belongs to constraint {found.constraint}, which DROP INDEX cannot drop)"


def rename(planner: Planner, node: Any) -> Planned:
    """ALTER … RENAME: under the new name, and not under the old one."""
    kind, new = _kind(node, "rename_type"), node.newname
    perhaps = False
    reference: Reference | None
    if kind == "ATTRIBUTE":
        reference = of_type(planner, "column", range_name(node.relation), node.subname)
    elif kind in PARTS:
        table = planner.relation(range_name(node.relation))
        reference = part_of(planner, kind, node.subname, table)
    elif kind in RELATIONS:
        # ALTER TABLE renames views, indexes and sequences as well
        known = "ANY" if kind in ("TABLE", "INDEX") else kind
        reference = of_relation(planner, known, range_name(node.relation), alias=new)
        # of a table that is made nowhere here, IF EXISTS says that it may never have been there
        made = any(c.facet in (Facet.THERE, Facet.NAME) for c in reference.thing.claims)
        perhaps = node.missing_ok and not made
    elif kind in ("SCHEMA", "ROLE", "DATABASE"):
        reference = of_plain(planner, kind, node.subname)
    elif kind == "DOMCONSTRAINT":
        domain = name_of(node.object.list.items)
        reference = of_type(planner, "constraint", domain, node.subname)
    else:
        reference = refer(planner, kind, node.object)
    if reference is None:
        return _unknown(kind)
    world, thing = planner.world, reference.thing
    for renamed in (thing, *_twins(planner, thing)):
        world.rename(renamed, new)
    if thing.kind == "schema":
        for inside in [t for t in world.things if t.schema == node.subname and t.alive]:
            world.move(inside, inside.name, new)
    world.made(thing, world.claim(thing, Facet.NAME, Renamed(reference, perhaps)))
    return None


def _twins(planner: Planner, thing: Thing) -> list[Thing]:
    """A key's index, an index's key: they have one name, and who renames one renames the other."""
    if thing.kind == "relation":
        return planner.world.constraints_of_index(thing.schema, thing.name)
    if thing.kind != "constraint" or thing.parent is None:
        return []
    index = planner.world.find("relation", thing.name, thing.parent.schema)
    return [index] if index is not None and index.shape is Shape.INDEX else []


class Renamed(Wanted, frozen=True):
    """Something has its new name and no longer an old one; `perhaps`: or it was never there."""

    what: Reference
    perhaps: bool

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        what, world = self.what, sight.world
        table = thing.parent if thing.parent and thing.parent.kind == "relation" else None
        if table is not None and sight.here(table) is None:
            return sight.no_relation(table)
        if table is not None and world.replaces(table) and (unlike := sight.unlike(table)):
            return Finding(False, f"{called(table)} is the old one: {unlike.words}")
        there, words = what.find(sight) is not None, what.words(sight)
        for place in _left(sight, what):
            other = "" if there else f", and there is no {words}"
            said = f"{what.word} {place[1]} still has its old name{other}"
            return Finding(False, said, old=True)
        if not there:
            none = f", nor {what.word} {thing.former[0][1]}" if self.perhaps else ""
            return Finding(None if self.perhaps else False, f"there is no {words}{none}")
        if world.replaces(thing) and (other_one := _not_this(sight, thing, words)) is not None:
            return other_one
        return _still_there(sight, what) or Finding(True, f"{words} is there")


def _left(sight: Sight, what: Reference) -> list[tuple[str, str]]:
    """The old names under which something is still there, and which nothing else should have by now."""
    thing = what.thing
    return [
        place
        for place in thing.former
        if place != (thing.schema, thing.name)
        and not sight.world.taken(thing, *place)
        and what.find(sight, place) is not None
    ]


def _not_this(sight: Sight, thing: Thing, words: str) -> Finding | None:
    """What speaks against it that the thing of a name is the one that this script made."""
    others = sight.world.others(thing, Facet.NAME)
    for claim in others:
        found = judged(claim, sight)
        if found.holds is not True:
            said = f"{words} is not the one that was renamed: {found.words}"
            return Finding(found.holds, said)
    if not others and sight.world.swapped(thing):
        return Finding(None, f"{words} is there, but names that go round show nothing")
    return None


def _still_there(sight: Sight, what: Reference) -> Finding | None:
    """What speaks for it that a thing never left its old name, which something else should have by now."""
    for other in sight.world.successors(what.thing):
        if what.find(sight, (other.schema, other.name)) is None:
            continue  # nothing has that name
        if (unlike := sight.unlike(other)) is not None:
            return Finding(
                False,
                f"{what.word} {called(other)} is there, but not as the file makes it anew, "
                f"so it is still the old one: {unlike.words}",
            )
    return None


def set_schema(planner: Planner, node: Any) -> Planned:
    """ALTER … SET SCHEMA."""
    kind = _kind(node, "object_type")
    reference: Reference | None
    if kind in RELATIONS:
        known = "ANY" if kind == "TABLE" else kind
        reference = of_relation(planner, known, range_name(node.relation))
    elif kind == "EXTENSION":
        extension = planner.world.get(PLAIN[kind], node.object.string.sval)
        claim_extension_schema(planner, extension, node.newschema)
        return None
    else:
        reference = refer(planner, kind, node.object)
    if reference is None:
        return _unknown(kind)
    world, thing = planner.world, reference.thing
    for other in thing.needed_by:  # an index goes where its table goes
        if other.kind == "relation" and other.shape in (Shape.INDEX, Shape.UNNAMED, Shape.SEQUENCE):
            world.move(other, other.name, node.newschema)
    world.rename(thing, thing.name, node.newschema)
    world.made(thing, world.claim(thing, Facet.NAME, Moved(reference)))
    return None


class Moved(Wanted, frozen=True):
    """Something is in its new schema, and no longer in an old one."""

    what: Reference

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        what = self.what
        there, words = what.find(sight) is not None, what.words(sight)
        for schema, _ in (place for place in _left(sight, what) if place[0] != thing.schema):
            said = f"{what.word} {thing.name} is still in schema {schema}"
            return Finding(False, said, half=there, old=True)
        if (still := _still_there(sight, what)) is not None:
            return still
        return Finding(there, f"{words} is there" if there else f"there is no {words}")


def alter_owner(planner: Planner, node: Any) -> Planned:
    """ALTER … OWNER TO."""
    kind = _kind(node, "object_type")
    reference = refer(planner, kind, node.object)
    if reference is None or reference.word in ("role", "subscription"):
        return _unknown(kind, "the owner of ")
    claim_owner(planner, reference.thing, role_name(node.newowner))
    return None


def comment(planner: Planner, node: Any) -> Planned:
    """COMMENT ON: the same text, or none."""
    kind = _kind(node, "objtype")
    reference = refer(planner, kind, node.object)
    if reference is None:
        return _unknown(kind, "the comment on ")
    value = Commented(reference, node.comment or None)
    planner.world.claim(reference.thing, Facet.COMMENT, value)
    return None


_COMMENTS = ObjectKind(
    "SELECT c.relname, d.objoid::int8, d.objsubid, d.description FROM pg_description d JOIN pg_class c ON c.oid = d.classoid"
    " UNION ALL SELECT c.relname, d.objoid::int8, 0, d.description FROM pg_shdescription d JOIN pg_class c ON c.oid = d.classoid",
    key=3,
)


class Commented(Wanted, frozen=True):
    """Something has that comment; None: it has none."""

    what: Reference
    text: str | None

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        found, words = self.what.find(sight), self.what.words(sight)
        if found is None:
            return Finding(False, f"there is no {words} in this database")
        key = found.oid, 0
        if thing.kind == "column":
            table = sight.here(thing.parent) if thing.parent else None
            key = table.oid if table else 0, found.oid
        row = sight.catalog.one(_COMMENTS, self.what.catalogue, *key)
        text = row[0] if row else None
        said = f"the comment on {words} is '{text}'" if text else f"{words} has no comment"
        return Finding(text == self.text, said)
