"""Claims of CREATE AGGREGATE, COLLATION, OPERATOR, TEXT SEARCH …, and of CREATE CAST."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind, Row
from smoke.database.migration.claims import Finding, Thing, Wanted
from smoke.database.migration.functions import find_routine, function_thing, function_words
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.references import IN_SCHEMA, find
from smoke.database.migration.sight import OfRow, Sight, called, no_object
from smoke.database.migration.tree import enum_name, inner, name_of, options, scalar, strings


def define(planner: Planner, node: Any) -> Planned:
    """CREATE of what is defined by a list of options: there, and the same where smoke can compare it."""
    kind = enum_name(node, "kind").removeprefix("OBJECT_")
    if kind == "AGGREGATE":
        return _aggregate(planner, node)
    if kind != "TYPE" and kind not in IN_SCHEMA:
        return Unjudged(f"smoke does not know how to look up a {kind.lower().replace('_', ' ')}")
    word = "type" if kind == "TYPE" else IN_SCHEMA[kind]
    schema, name = name_of(node.defnames)
    thing = planner.world.make(word, name, planner.home(schema))
    given = {key.lower(): value for key, value in options(node.definition).items()}
    planner.world.made_there(
        thing, _collation(given) if kind == "COLLATION" else Defined(not given)
    )
    return None


class Defined(Wanted, frozen=True):
    """There is something of that name; how it is made is not compared. A `shell` type is nothing but a name."""

    shell: bool

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        if find(sight, thing) is None:
            return no_object(thing)
        words = f"{thing.kind} {called(thing)} is there"
        if thing.kind == "type":
            if self.shell:
                return Finding(True, words)
            row = sight.type_row(thing.schema, thing.name)
            if row is not None and row[1] != "b":
                return Finding(False, f"{words}, but it is no base type")
        return Finding(None, f"{words}; smoke does not compare how it is made")


_AGGREGATE = {
    "sfunc": "a.aggtransfn::regproc::text",
    "stype": "a.aggtranstype::int8::text",
    "initcond": "a.agginitval",
    "finalfunc": "nullif(a.aggfinalfn::regproc::text, '-')",
    "combinefunc": "nullif(a.aggcombinefn::regproc::text, '-')",
    "parallel": "CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END",
}
_AGGREGATES = ObjectKind(
    f"SELECT p.oid::int8, {', '.join(_AGGREGATE.values())} FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid"  # noqa: S608  (our own text)
)
_OLD_NAMES = {"sfunc1": "sfunc", "stype1": "stype", "initcond1": "initcond"}


def _aggregate(planner: Planner, node: Any) -> Planned:
    given = {
        _OLD_NAMES.get(name.lower(), name.lower()): value
        for name, value in options(node.definition).items()
    }
    types = _aggregate_types(node, given)
    if types is None:
        return Unjudged("an aggregate in the way of old: smoke does not look it up")
    thing = function_thing(planner, name_of(node.defnames), types, made=True)
    planner.world.made_there(thing, AggregateThere(given))
    return None


class AggregateThere(Wanted, frozen=True):
    """There is an aggregate with these options (trees)."""

    given: dict[str, Any]

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        found = find_routine(sight, thing)
        words = f"aggregate {function_words(sight, thing)}"
        if found is None or found.kind != "a":
            return Finding(False, f"there is no {words} in this database")
        row = sight.catalog.one(_AGGREGATES, found.oid)
        assert row is not None
        for option, value in zip(_AGGREGATE, row, strict=True):
            if not _same_option(sight, option, self.given.get(option), value):
                return Finding(False, f"{words} is there with another {option} ({value})")
        other = sorted(set(self.given) - {*_AGGREGATE, "basetype"})
        if other:
            return Finding(None, f"{words} is there; smoke does not compare {', '.join(other)}")
        return Finding(True, f"{words} is there with this definition")


def _aggregate_types(node: Any, given: dict[str, Any]) -> list[Any] | None:
    if "basetype" in given:
        base = given["basetype"]
        return [] if (scalar(base) or "").lower() == "any" else [base.type_name]
    if not node.args:
        return None
    arguments = inner(node.args[0])[1]
    return [n.function_parameter.arg_type for n in arguments.items] if arguments else []


def _same_option(sight: Sight, option: str, wanted: Any, found: str | None) -> bool:
    if option == "stype":
        known = sight.type_id(wanted.type_name) if wanted is not None else None
        return known is not None and str(known[0]) == found
    text = scalar(wanted)
    if option == "parallel":
        return (text or "unsafe").lower() == found
    if option == "initcond" or text is None or found is None:
        return text == found
    return text == found.rpartition(".")[2].strip('"')


_COLLATIONS = ObjectKind(
    "SELECT n.nspname, c.collname, to_jsonb(c) FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE {where}",
    key=2,
    schema="n.nspname",
    name="c.collname",
)


def _collation(given: dict[str, Any]) -> CollationThere:
    provider = (scalar(given.get("provider")) or "libc").lower()
    sure = (scalar(given.get("deterministic")) or "true").lower() in ("true", "on", "1", "yes")
    letter = {"libc": "c", "icu": "i", "builtin": "b"}.get(provider)
    return CollationThere(letter, sure, scalar(given.get("locale")), "from" in given)


class CollationThere(OfRow, frozen=True):
    """There is a collation of that provider and locale (None: not said), or a copy of another one."""

    rows = _COLLATIONS
    provider: str | None
    deterministic: bool
    locale: str | None
    copied: bool

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        del sight
        words, has = f"collation {called(thing)} is there", row[0]
        if self.copied:
            return Finding(None, f"{words}; smoke does not compare it")
        names = {has.get(key) for key in ("colllocale", "colliculocale", "collcollate")} - {None}
        sure = self.deterministic == has["collisdeterministic"]
        provided = self.provider == has["collprovider"]
        same = sure and provided and (self.locale is None or self.locale in names)
        if not same and sure and self.provider == "i":
            # the server keeps a locale of ICU in another spelling
            return Finding(None, f"{words} with locale {names}")
        return Finding(same, f"{words} with locale {', '.join(names)}")


def create_cast(planner: Planner, node: Any) -> Planned:
    """CREATE CAST: from that type to that, in that way."""
    context = {"COERCION_IMPLICIT": "i", "COERCION_ASSIGNMENT": "a"}.get(
        enum_name(node, "context"), "e"
    )
    calls = node.HasField("func")
    value = CastThere(
        context,
        "f" if calls else "i" if node.inout else "b",
        strings(node.func.objname)[-1] if calls else None,
    )
    planner.world.made_there(_cast(planner, node.sourcetype, node.targettype), value)
    return None


def drop_cast(planner: Planner, item: Any) -> None:
    """DROP CAST."""
    source, target = (n.type_name for n in item.list.items)
    planner.world.drop(_cast(planner, source, target), CastGone())


def _cast(planner: Planner, source: Any, target: Any) -> Thing:
    words = [planner.type_words(kind) for kind in (source, target)]
    return planner.world.get("cast", f"({words[0]} as {words[1]})")


_CASTS = ObjectKind(
    "SELECT '(' || format_type(c.castsource, NULL) || ' as ' || format_type(c.casttarget, NULL) || ')',"
    " c.castcontext::text, c.castmethod::text, p.proname FROM pg_cast c"
    " LEFT JOIN pg_proc p ON p.oid = c.castfunc"
)


class CastThere(Wanted, frozen=True):
    """There is a cast in that context, by that method and function."""

    context: str
    method: str
    function: str | None

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        row = sight.catalog.one(_CASTS, thing.name)
        if row is None:
            return Finding(False, f"there is no cast {thing.name} in this database")
        same = row[:2] == (self.context, self.method) and self.function in (None, row[2])
        return Finding(same, f"cast {thing.name} is there" + ("" if same else " in another way"))


class CastGone(Wanted, frozen=True):
    """There is no such cast."""

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        there = sight.catalog.one(_CASTS, thing.name) is not None
        return Finding(not there, f"cast {thing.name} is {'still' if there else 'not'} there")
