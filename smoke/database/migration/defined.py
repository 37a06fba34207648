"""Claims of CREATE AGGREGATE, COLLATION, OPERATOR, TEXT SEARCH …, and of CREATE CAST."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Finding, Thing
from smoke.database.migration.functions import find_routine, function_thing, function_words
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.references import IN_SCHEMA, PLACED
from smoke.database.migration.sight import called
from smoke.database.migration.tree import enum_name, inner, name_of, options, scalar, strings


def define(planner: Planner, node: Any) -> Planned:
    """CREATE of what is defined by a list of options: there, and the same where smoke can compare it."""
    kind = enum_name(node, "kind").removeprefix("OBJECT_")
    if kind == "AGGREGATE":
        return _aggregate(planner, node)
    if kind == "COLLATION":
        return _collation(planner, node)
    if kind == "TYPE":
        return _type(planner, node)
    if kind not in IN_SCHEMA:
        return Unjudged(f"smoke does not know how to look up a {kind.lower().replace('_', ' ')}")
    word = IN_SCHEMA[kind][0]
    schema, name = name_of(node.defnames)
    thing = planner.world.make(word, name, planner.home(schema))

    def judge() -> Finding:
        if planner.catalog.one(PLACED[kind], thing.schema, thing.name) is None:
            return Finding(False, f"there is no {word} {called(thing)} in this database")
        return Finding(
            None, f"{word} {called(thing)} is there; smoke does not compare how it is made"
        )

    planner.world.made(thing, planner.world.claim(thing, "there", judge))
    return None


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

    def judge() -> Finding:
        found = find_routine(planner, thing)
        words = f"aggregate {function_words(planner, thing)}"
        if found is None or found.kind != "a":
            return Finding(False, f"there is no {words} in this database")
        row = planner.catalog.one(_AGGREGATES, found.oid)
        assert row is not None
        for (option, _), value in zip(_AGGREGATE.items(), row, strict=True):
            wanted = given.get(option)
            if not _same_option(planner, option, wanted, value):
                return Finding(False, f"{words} is there with another {option} ({value})")
        other = sorted(set(given) - {*_AGGREGATE, "basetype"})
        if other:
            return Finding(None, f"{words} is there; smoke does not compare {', '.join(other)}")
        return Finding(True, f"{words} is there with this definition")

    planner.world.made(thing, planner.world.claim(thing, "there", judge))
    return None


def _aggregate_types(node: Any, given: dict[str, Any]) -> list[Any] | None:
    if "basetype" in given:
        base = given["basetype"]
        return [] if (scalar(base) or "").lower() == "any" else [base.type_name]
    if not node.args:
        return None
    arguments = inner(node.args[0])[1]
    return [n.function_parameter.arg_type for n in arguments.items] if arguments else []


def _same_option(planner: Planner, option: str, wanted: Any, found: str | None) -> bool:
    if option == "stype":
        known = planner.type_id(wanted.type_name) if wanted is not None else None
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


def _collation(planner: Planner, node: Any) -> Planned:
    schema, name = name_of(node.defnames)
    thing = planner.world.make("collation", name, planner.home(schema))
    given = {key.lower(): value for key, value in options(node.definition).items()}

    def judge() -> Finding:
        row = planner.catalog.one(_COLLATIONS, thing.schema, thing.name)
        if row is None:
            return Finding(False, f"there is no collation {called(thing)} in this database")
        found = row[0]
        provider = {"libc": "c", "icu": "i", "builtin": "b"}.get(
            (scalar(given.get("provider")) or "libc").lower()
        )
        said = (scalar(given.get("deterministic")) or "true").lower() in ("true", "on", "1", "yes")
        if "from" in given:
            return Finding(None, f"collation {called(thing)} is there; smoke does not compare it")
        locale = scalar(given.get("locale"))
        names = {found.get(key) for key in ("colllocale", "colliculocale", "collcollate")} - {None}
        same = (
            provider == found["collprovider"]
            and said == found["collisdeterministic"]
            and (locale is None or locale in names)
        )
        if not same and provider == "i" and said == found["collisdeterministic"]:
            # the server keeps a locale of ICU in another spelling
            return Finding(None, f"collation {called(thing)} is there with locale {names}")
        return Finding(same, f"collation {called(thing)} is there with locale {', '.join(names)}")

    planner.world.made(thing, planner.world.claim(thing, "there", judge))
    return None


def _type(planner: Planner, node: Any) -> Planned:
    schema, name = name_of(node.defnames)
    thing = planner.world.make("type", name, planner.home(schema))

    def judge() -> Finding:
        row = planner.type_row(thing.schema, thing.name)
        if row is None:
            return Finding(False, f"there is no type {called(thing)} in this database")
        if not node.definition:
            return Finding(True, f"type {called(thing)} is there")
        if row[1] != "b":
            return Finding(False, f"type {called(thing)} is there, but it is no base type")
        return Finding(
            None, f"type {called(thing)} is there; smoke does not compare how it is made"
        )

    planner.world.made(thing, planner.world.claim(thing, "there", judge))
    return None


def create_cast(planner: Planner, node: Any) -> Planned:
    """CREATE CAST: from that type to that, in that way."""
    thing = cast_thing(planner, node.sourcetype, node.targettype)
    context = {"COERCION_IMPLICIT": "i", "COERCION_ASSIGNMENT": "a"}.get(
        enum_name(node, "context"), "e"
    )
    method = "f" if node.HasField("func") else "i" if node.inout else "b"
    function = strings(node.func.objname)[-1] if node.HasField("func") else None

    def judge() -> Finding:
        row = find_cast(planner, thing)
        if row is None:
            return Finding(False, f"there is no cast {thing.name} in this database")
        same = (row[1], row[2]) == (context, method) and (function is None or row[3] == function)
        return Finding(same, f"cast {thing.name} is there" + ("" if same else " in another way"))

    planner.world.made(thing, planner.world.claim(thing, "there", judge))
    return None


def cast_thing(planner: Planner, source: Any, target: Any) -> Thing:
    """The cast between two types."""
    words = [planner.type_words(kind) for kind in (source, target)]
    return planner.world.get("cast", f"({words[0]} as {words[1]})")


def find_cast(planner: Planner, thing: Thing) -> tuple[Any, ...] | None:
    """Oid, context, method and function of a cast."""
    return planner.catalog.one(_CASTS, thing.name)


_CASTS = ObjectKind(
    "SELECT '(' || format_type(c.castsource, NULL) || ' as ' || format_type(c.casttarget, NULL) || ')',"
    " c.oid::int8, c.castcontext::text, c.castmethod::text, p.proname FROM pg_cast c"
    " LEFT JOIN pg_proc p ON p.oid = c.castfunc"
)


def drop_cast(planner: Planner, item: Any) -> None:
    """DROP CAST."""
    source, target = (n.type_name for n in item.list.items)
    thing = cast_thing(planner, source, target)

    def judge() -> Finding:
        there = find_cast(planner, thing) is not None
        return Finding(not there, f"cast {thing.name} is {'still' if there else 'not'} there")

    planner.world.drop(thing, judge)
