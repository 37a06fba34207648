"""Claims on functions and procedures: which one, its body, and what it promises."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from smoke.database.catalogue.records import options_of
from smoke.database.catalogue.snapshot import ObjectKind, Row
from smoke.database.migration.claims import Arguments, Facet, Finding, Of, Thing, Wanted, together
from smoke.database.migration.plain_tree import plain
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.sight import Sight
from smoke.database.migration.tree import (
    Name,
    enum_name,
    expression_sql,
    inner,
    name_of,
    options,
    parse_one,
    scalar,
    strings,
    type_sql,
)
from smoke.sql import identifier, relation


@dataclass(frozen=True, slots=True)
class Routine:
    """A row of pg_proc."""

    oid: int
    name: str
    kind: str
    owner: str
    language: str
    source: str
    definition: str
    volatility: str
    strict: bool
    definer: bool
    leakproof: bool
    parallel: str
    config: Mapping[str, str]
    result: str
    set_of: bool
    defaults: int
    argument_types: tuple[int, ...]


def _routine(row: Row) -> Routine:
    return Routine(*(*row[:12], options_of(row[12]), *row[13:16], tuple(row[16])))


_ROUTINES = ObjectKind(
    "SELECT n.nspname, p.proname, p.oid::int8, p.proname, p.prokind::text, pg_get_userbyid(p.proowner), l.lanname, p.prosrc,"
    " CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) ELSE '' END,"
    " p.provolatile::text, p.proisstrict, p.prosecdef, p.proleakproof, p.proparallel::text, p.proconfig,"
    " coalesce(pg_get_function_result(p.oid), ''), p.proretset, p.pronargdefaults::int,"
    " ARRAY(SELECT unnest(p.proargtypes::oid[])::int8)"
    " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang"
    " WHERE {where} ORDER BY p.oid",
    key=2,
    schema="n.nspname",
    name="p.proname",
    value=_routine,
)


def routines(sight: Sight, schema: str, name: str) -> list[Routine]:
    """Every function of that name."""
    return sight.catalog.rows(_ROUTINES, schema, name)


def function_thing(
    planner: Planner, name: Name, types: list[Any] | None, *, made: bool = False
) -> Thing:
    """The function of a name and input types (None: whichever there is); a `made` one lies in the first schema."""
    schema, own = name
    takes = None if types is None else tuple(_oid(planner, t) for t in types)
    if schema is None:
        schema = planner.home(None) if made else _schema_of(planner, own, takes)
    thing = planner.world.find("function", own, schema, arguments=takes)
    if thing is None and takes is None:
        same = planner.world.overloads(schema, own)
        thing = same[0] if len(same) == 1 else None
    return thing or planner.world.new("function", own, schema=schema, arguments=takes)


def _schema_of(planner: Planner, own: str, takes: Arguments) -> str:
    """Where an unqualified function is found: first one with these arguments, else one of that name."""
    for known in planner.path:
        if planner.world.find("function", own, known, arguments=takes):
            return known
    places = ("pg_catalog", *planner.path)
    for known in places:
        if any(f.argument_types == takes for f in routines(planner, known, own)):
            return known
    named = (known for known in places if takes is None and routines(planner, known, own))
    return next(named, planner.home(None))


def _oid(sight: Sight, type_name: Any) -> int | str:
    found = sight.type_id(type_name)
    return found[0] if found else type_sql(type_name)


def routine(planner: Planner, given: Any) -> Thing:
    """The function that DROP, GRANT, COMMENT … name."""
    types = None if given.args_unspecified else [n.type_name for n in given.objargs]
    return function_thing(planner, name_of(given.objname), types)


def find_routine(sight: Sight, thing: Thing, at: tuple[str, str] | None = None) -> Routine | None:
    """The function of a thing under its last name, or under schema and name `at`."""
    schema, name = at or (thing.schema, thing.name)
    found = routines(sight, schema, name)
    if thing.arguments is None:  # not one that another statement speaks of, with its arguments
        others = sight.world.overloads(schema, name)
        said = {other.arguments for other in others if other is not thing}
        found = [f for f in found if f.argument_types not in said]
        return found[0] if found else None
    return next((f for f in found if f.argument_types == thing.arguments), None)


def function_words(sight: Sight, thing: Thing) -> str:
    """A function's name with its types for a person."""
    takes = ("?",) if thing.arguments is None else thing.arguments
    types = [sight.canon.type_name(t) if isinstance(t, int) else t for t in takes]
    return f"{relation(thing.name, thing.schema)}({', '.join(types)})"


_INPUT = ("FUNC_PARAM_IN", "FUNC_PARAM_INOUT", "FUNC_PARAM_VARIADIC", "FUNC_PARAM_DEFAULT")


def create_function(planner: Planner, node: Any) -> Planned:
    """CREATE FUNCTION or PROCEDURE."""
    inputs = [
        p.function_parameter
        for p in node.parameters
        if enum_name(p.function_parameter, "mode") in _INPUT
    ]
    name = name_of(node.funcname)
    thing = function_thing(planner, name, [p.arg_type for p in inputs], made=True)
    value = FunctionThere(node, tuple(inputs), planner.world.statement, planner.expression_path)
    planner.world.made_there(thing, value)
    return None


class FunctionThere(Wanted, frozen=True):
    """There is the function that CREATE FUNCTION (a tree) makes."""

    node: Any
    inputs: tuple[Any, ...]
    statement: int
    path: tuple[str, ...]

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        """Whether there is, and all that the statement says of it holds."""
        node, found = self.node, find_routine(sight, thing)
        words = function_words(sight, thing)
        kind = "procedure" if node.is_procedure else "function"
        if found is None:
            others = routines(sight, thing.schema, thing.name)
            also = "; one with other arguments is there" if others else ""
            return Finding(False, f"there is no {kind} {words} in this database{also}")
        if (found.kind == "p") != node.is_procedure:
            return Finding(False, f"{words} is there, but it is no {kind}")
        altered = sight.world.altered_since(thing, self.statement)
        differs = _differences(sight, found, node, altered)
        if differs:
            return Finding(False, f"{kind} {words} is there with another {', '.join(differs)}")
        same = _same_body(sight, found, self) if node.HasField("sql_body") else True
        if not same:
            how = "differs" if same is False else "cannot be compared"
            return Finding(same, f"{kind} {words} is there, but its body {how}")
        return Finding(True, f"{kind} {words} is there with this definition")


FLAGS = {"volatile": "v", "stable": "s", "immutable": "i"}


def _written(node: Any) -> tuple[dict[str, Any], dict[str, str | None]]:
    """The options that a CREATE FUNCTION says, and the settings."""
    given: dict[str, Any] = {}
    config: dict[str, str | None] = {}
    for item in node.options:
        element = item.def_elem
        if element.defname == "set":
            config.update(_setting(element.arg.variable_set_stmt))
        else:
            given[element.defname] = element.arg if element.HasField("arg") else None
    return given, config


def _differences(
    sight: Sight, found: Routine, node: Any, altered: AbstractSet[tuple[Facet, Of]]
) -> list[str]:
    """What of a function differs from what CREATE FUNCTION (a tree) says and no later statement alters."""
    given, config = _written(node)
    differs: list[str] = []
    language = scalar(given.get("language")) or "sql"
    if language.lower() != found.language:
        differs.append(f"language ({found.language})")
    if "as" in given:
        texts = [n.string.sval for n in inner(given["as"])[1].items]
        if _lines(texts[-1]) != _lines(found.source) and found.language != "c":
            differs.append("body")
    said = {option: scalar(given.get(option)) for option in _SAID}
    same = {
        "volatility": FLAGS.get(said["volatility"] or "volatile") == found.volatility,
        "strict": (said["strict"] == "true") == found.strict,
        "security": (said["security"] == "true") == found.definer,
        "leakproof": (said["leakproof"] == "true") == found.leakproof,
        "parallel": (said["parallel"] or "unsafe")[0] == found.parallel,
    }
    other = parse_one(found.definition).create_function_stmt
    theirs = options(other.options)
    for option, usual in costs(found).items():
        same[option] = number(given.get(option), usual) == number(theirs.get(option), usual)
    differs += [
        _SAID.get(option, option)
        for option, alike in same.items()
        if not alike and (Facet.OPTION, option) not in altered
    ]
    later = {str(of) for facet, of in altered if facet is Facet.SETTING}
    if "" not in later and not _config_same(config, found.config, later):
        kept = ", ".join(f"{k}={v}" for k, v in found.config.items())
        differs.append(f"SET ({kept})" if kept else "SET (it has no settings)")
    return differs + _signature(sight, other, node)


_SAID = {
    "volatility": "volatility",
    "strict": "strictness",
    "security": "security (definer or invoker)",
    "leakproof": "leakproof",
    "parallel": "parallel safety",
}


def costs(found: Routine) -> dict[str, str]:
    """What the planner is told of a function, and what it takes when nothing is said."""
    return {
        "cost": "1" if found.language in ("c", "internal") else "100",
        "rows": "1000" if found.set_of else "0",
        "support": "",
        "window": "false",
    }


def number(value: Any, usual: str) -> float | str | None:
    """The value of an option, as a number where it is one."""
    list_of: Any
    kind, list_of = inner(value) if value is not None else ("", None)
    text = ".".join(strings(list_of.items)) if kind == "list" else scalar(value)
    text = usual if value is None else text
    try:
        return float(text or "")
    except ValueError:
        return text


def _signature(sight: Sight, found: Any, node: Any) -> list[str]:
    """What differs in the arguments' names, modes and defaults, and in the result."""
    differs: list[str] = []
    mine, theirs = ([p.function_parameter for p in n.parameters] for n in (node, found))
    if [_parameter(sight, p) for p in mine] != [_parameter(sight, p) for p in theirs]:
        differs.append("names or types of arguments")
    for a, b in zip(mine, theirs, strict=False):
        if a.HasField("defexpr") != b.HasField("defexpr") or (
            a.HasField("defexpr")
            and not sight.canon.same(
                expression_sql(a.defexpr), expression_sql(b.defexpr), {}, cast=type_sql(b.arg_type)
            )
        ):
            differs.append("default of an argument")
    has_table = any(enum_name(p, "mode") == "FUNC_PARAM_TABLE" for p in theirs)
    if node.HasField("return_type") and not has_table:
        mine_type = sight.type_id(_single(node.return_type))
        their_type = sight.type_id(_single(found.return_type), ())
        if (mine_type, node.return_type.setof) != (their_type, found.return_type.setof):
            differs.append(f"result ({type_sql(found.return_type)})")
    return differs


def _parameter(sight: Sight, parameter: Any) -> tuple[object, ...]:
    mode = enum_name(parameter, "mode")
    mode = "FUNC_PARAM_IN" if mode == "FUNC_PARAM_DEFAULT" else mode
    return mode, parameter.name, _oid(sight, parameter.arg_type)


def _lines(body: str) -> str:
    """A body with one kind of line end: clients change them on the way."""
    return body.replace("\r\n", "\n")


def _single(type_name: Any) -> Any:
    copy = type(type_name)()
    copy.CopyFrom(type_name)
    copy.setof = False
    return copy


def _setting(statement: Any) -> dict[str, str | None]:
    return {statement.name.lower(): setting_text(statement)}


def setting_text(statement: Any) -> str | None:
    """The value of a SET as pg_proc and pg_db_role_setting keep it; None where only the server knows it."""
    if enum_name(statement, "kind") != "VAR_SET_VALUE":
        return None
    values = [scalar(n) or "" for n in statement.args]
    if statement.name.lower() in ("search_path", "temp_tablespaces"):
        # kept quoted where the name needs it; the empty one is kept as ""
        return ", ".join('""' if value == "" else _listed(value) for value in values)
    return ", ".join(values)


def _listed(name: str) -> str:
    return identifier(name) if name != "$user" else '"$user"'


def _config_same(wanted: dict[str, str | None], found: Mapping[str, str], but: set[str]) -> bool:
    values = {k.lower(): v for k, v in found.items()}
    return all(
        name in wanted
        and name in values
        and ((value := wanted[name]) is None or loose(value) == loose(values[name]))
        for name in (wanted.keys() | values.keys()) - but
    )


def loose(value: str) -> str:
    """A setting's value but for quotes, blanks and case."""
    return value.replace('"', "").replace("'", "").replace(" ", "").lower()


def _same_body(sight: Sight, found: Routine, wanted: FunctionThere) -> bool | None:
    """Whether SQL bodies (RETURN …, BEGIN ATOMIC) are the same, statement by statement."""
    other = parse_one(found.definition).create_function_stmt
    mine, theirs = _statements(wanted.node.sql_body), _statements(other.sql_body)
    if len(mine) != len(theirs):
        return False
    names = {p.name: sight.type_words(p.arg_type) for p in wanted.inputs if p.name}
    sources = {found.name: names} if names else {}
    results: list[bool | None] = []
    for a, b in zip(mine, theirs, strict=True):
        (kind, first), (kind2, second) = inner(a), inner(b)
        if kind != kind2:
            results.append(False)
        elif kind == "return_stmt":
            values = [expression_sql(value.returnval) for value in (first, second)]
            results.append(sight.canon.same(values[0], values[1], sources, path=wanted.path))
        else:
            results.append(True if plain(a) == plain(b) else None)
    return together(results)


def _statements(body: Any) -> list[Any]:
    """Statements of a body: nested lists in the parser's tree."""
    kind, value = inner(body)
    if kind != "list":
        return [body]
    found: list[Any] = []
    for item in value.items:
        found += _statements(item)
    return found
