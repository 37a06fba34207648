"""Claims on types: enumerations and their values, composites, ranges."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.records import COLUMNS, ENUMS
from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Facet, Finding, Thing, Wanted
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.sight import Sight, called, no_object
from smoke.database.migration.tree import (
    Name,
    enum_name,
    name_of,
    options,
    range_name,
    strings,
)


def labels(sight: Sight, thing: Thing) -> list[str] | None:
    """The values of an enumeration in their order; None when there is no such enumeration."""
    row = sight.type_row(thing.schema, thing.name)
    if row is None or row[1] != "e":
        return None
    return list(sight.catalog.one(ENUMS, thing.schema, thing.name) or ())


def _new_type(planner: Planner, name: Name) -> Thing:
    return planner.world.make("type", name[1], planner.home(name[0]))


def create_enum(planner: Planner, node: Any) -> Planned:
    """CREATE TYPE … AS ENUM: the type, and each value in this order."""
    thing = planner.world.made_there(_new_type(planner, name_of(node.type_name)), EnumThere())
    before: Thing | None = None
    for label in strings(node.vals):
        value = planner.world.make("value", label, parent=thing)
        planner.world.claim(value, Facet.THERE, HasValue(after=before))
        before = value
    return None


class EnumThere(Wanted, frozen=True):
    """The enumeration is there, and is the one that was made."""

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        """Whether it is; an old one of the name has values that were not made."""
        found = labels(sight, thing)
        if found is None:
            return no_object(thing, "enumeration")
        said = {part.name for part in thing.parts}
        more = [label for label in found if label not in said]
        if more and sight.world.replaces(thing):
            words = f"{called(thing)} is the old one: it has the value '{more[0]}'"
            return Finding(False, words, old=True)
        return Finding(True, f"enumeration {called(thing)} is there ({', '.join(found)})")


class HasValue(Wanted, frozen=True):
    """The enumeration has the value, behind or before another one."""

    after: Thing | None = None
    before: Thing | None = None

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        enum, name = thing.parent, thing.name
        assert enum is not None
        found = labels(sight, enum)
        if found is None:
            return no_object(enum, "enumeration")
        listed = f"{called(enum)} ({', '.join(found)})"
        if name not in found:
            return Finding(False, f"{called(enum)} has no value '{name}' ({', '.join(found)})")
        place = found.index(name)
        for other, right in ((self.after, 1), (self.before, -1)):
            known = other is not None and other.name in found
            if other is not None and known and (place - found.index(other.name)) * right < 0:
                return Finding(False, f"'{name}' stands elsewhere in {listed}", half=True)
        return Finding(True, f"{called(enum)} has the value '{name}'")


def alter_enum(planner: Planner, node: Any) -> Planned:
    """ALTER TYPE … ADD VALUE, RENAME VALUE."""
    enum, world = planner.typed(name_of(node.type_name)), planner.world
    if node.old_val:
        value = planner.part("value", node.old_val, enum)
        world.rename(value, node.new_val)
        world.claim(value, Facet.NAME, ValueRenamed(node.old_val))
        return None
    said = node.new_val_neighbor and not node.skip_if_new_val_exists
    other = planner.part("value", node.new_val_neighbor, enum) if said else None
    wanted = HasValue(after=other) if node.new_val_is_after else HasValue(before=other)
    world.claim(world.make("value", node.new_val, parent=enum), Facet.THERE, wanted)
    return None


class ValueRenamed(Wanted, frozen=True):
    """A value of an enumeration has its new name, and no longer the old one."""

    old: str

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        enum = thing.parent
        assert enum is not None
        found = labels(sight, enum)
        if found is None:
            return no_object(enum, "enumeration")
        kept = self.old in found and self.old != thing.name
        kept = kept and not sight.world.taken(thing, "", self.old)
        words = f"{called(enum)} has the values {', '.join(found)}"
        return Finding(thing.name in found and not kept, words, old=kept)


def create_range(planner: Planner, node: Any) -> Planned:
    """CREATE TYPE … AS RANGE: of that subtype."""
    thing = _new_type(planner, name_of(node.type_name))
    subtype = options(node.params).get("subtype")
    planner.world.made_there(thing, RangeThere(subtype.type_name if subtype is not None else None))
    return None


_RANGES = ObjectKind("SELECT rngtypid::int8, rngsubtype::int8 FROM pg_range")


class RangeThere(Wanted, frozen=True):
    """There is a range type over that one (a tree)."""

    subtype: Any

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        row = sight.type_row(thing.schema, thing.name)
        if row is None or row[1] != "r":
            return no_object(thing)
        found = sight.catalog.one(_RANGES, row[0])
        wanted = sight.type_id(self.subtype) if self.subtype is not None else None
        same = found is not None and wanted is not None and found[0] == wanted[0]
        return Finding(same, f"range type {called(thing)} is there")


def create_composite(planner: Planner, node: Any) -> Planned:
    """CREATE TYPE … AS (…)."""
    thing = _new_type(planner, range_name(node.typevar))
    planner.world.made_there(thing, CompositeThere())
    for item in node.coldeflist:
        _claim_attribute(planner, thing, item.column_def.colname, item.column_def.type_name)
    return None


class CompositeThere(Wanted, frozen=True):
    """There is a composite type of that name."""

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        if _attributes(sight, thing) is None:
            return no_object(thing)
        return Finding(True, f"type {called(thing)} is there")


def _attributes(sight: Sight, thing: Thing) -> dict[str, str] | None:
    row = sight.type_row(thing.schema, thing.name)
    if row is None or row[1] != "c":
        return None
    return {
        found.name: found.type for found in sight.catalog.rows(COLUMNS, thing.schema, thing.name)
    }


def _claim_attribute(planner: Planner, thing: Thing, name: str, type_name: Any) -> None:
    attribute = planner.world.make("column", name, parent=thing)
    planner.world.claim(attribute, Facet.THERE, Attribute(type_name))


class Attribute(Wanted, frozen=True):
    """A composite type has the attribute, of that type (a tree); None: it has none of the name."""

    type_name: Any

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        whole = thing.parent
        assert whole is not None
        found = _attributes(sight, whole)
        if found is None:
            return no_object(whole)
        kind = found.get(thing.name)
        if self.type_name is None:
            words = "still has" if kind is not None else "does not have"
            return Finding(kind is None, f"type {called(whole)} {words} {called(thing)}")
        if kind is None:
            return Finding(False, f"type {called(whole)} has no attribute {called(thing)}")
        wanted = sight.type_words(self.type_name)
        return Finding(kind == wanted, f"attribute {called(thing)} of {called(whole)} is {kind}")


def alter_composite(planner: Planner, node: Any) -> Planned:
    """ALTER TYPE … ADD, DROP, ALTER ATTRIBUTE."""
    thing = planner.typed(range_name(node.relation))
    for item in node.cmds:
        command = item.alter_table_cmd
        definition = getattr(command, "def").column_def
        match enum_name(command, "subtype"):
            case "AT_AddColumn":
                _claim_attribute(planner, thing, definition.colname, definition.type_name)
            case "AT_AlterColumnType":
                _claim_attribute(planner, thing, command.name, definition.type_name)
            case "AT_DropColumn":
                planner.world.drop(planner.part("column", command.name, thing), Attribute(None))
            case other:
                return Unjudged(f"smoke does not know how to look up {other}")
    return None
