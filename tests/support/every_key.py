"""Every key of the scenario language, as its JSON Schema has them, in a file of its own and written wrongly.

The schema is made of the models that read scenarios: a key that is added is here without being named.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from jsonschema import Draft202012Validator
from msgspec import Struct
from msgspec.structs import replace

from smoke.scenario.matcher_schema import definitions
from smoke.scenario.schema import json_schema

SCHEMA = json_schema()
Place = tuple[str | int, ...]
_STEP: Place = ("steps", 0)
_KINDS = frozenset(
    key for one in SCHEMA["$defs"]["Step"]["else"]["else"]["oneOf"] for key in one["required"]
)
_NEEDED: dict[Place, frozenset[str]] = {
    (*_STEP, kind): frozenset(one["then"]["required"])
    for kind, one in SCHEMA["$defs"]["Step"]["else"]["else"]["properties"].items()
}
_FITTING = {"columns": ["a"], "url": "/", "secret": "{{ secrets.X }}"}
OTHERS: tuple[Any, ...] = (True, 12.5, "soonish", [[[]]], {"zzz": {}})
"""One value of each type that JSON has."""


class Key(Struct, frozen=True):
    """A key: where it may stand, what may stand behind it, and those that have to stand beside it."""

    path: Place
    name: str
    schema: dict[str, Any]
    needed: frozenset[str]
    """The keys of its mapping that have to be there."""

    def __str__(self) -> str:
        return "/".join(map(str, (*self.path, self.name)))


class Wrong(Struct, frozen=True):
    """A file with one mistake: its text, and where the mistake is."""

    text: str
    line: int
    columns: tuple[int, ...]
    """Of the key alone where that is wrong; else of the key, the value, and a template in it."""
    meant: str = ""
    """The word that was meant."""


def every_key() -> list[Key]:
    """Each key once, the steps of steps apart."""
    return [*_keys(SCHEMA, ()), *_keys(SCHEMA["$defs"]["Step"], _STEP)]


def _keys(schema: dict[str, Any], path: Place, above: tuple[str, ...] = ()) -> Iterator[Key]:
    """`above` are the definitions that it stands in. Steps within steps, and matchers, are not looked at again for each place."""
    named = schema.get("$ref", "").rpartition("/")[2]
    if named == "Step" or named in definitions() or named in above:
        return
    above = (*above, named) if named else above
    schema = _resolved(schema)
    for each in schema.get("anyOf", ()):
        yield from _keys(each, path, above)
    for name, behind in schema.get("properties", {}).items():
        needed = frozenset(schema.get("required", ())) | _NEEDED.get(path, frozenset())
        yield Key(path, name, behind, needed)
        yield from _keys(behind, (*path, name), above)
    for place, name in (("additionalProperties", "x"), ("items", 0)):
        if isinstance(schema.get(place), dict):
            yield from _keys(schema[place], (*path, name), above)


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def misspelt(key: Key) -> Wrong:
    """The key with its last letter twice."""
    return _written(key, key.name + key.name[-1], {}, at_key=True)


def other_type(key: Key) -> Wrong | None:
    """A value of a type that the key does not take; None where it takes all."""
    fits = _validator(key.schema)
    return next((_written(key, key.name, each) for each in OTHERS if not fits(each)), None)


def other_value(key: Key) -> Wrong | None:
    """A value of a type that it does take, which is not one that it takes; None where all are."""
    takes = _types(key.schema)
    words = {f"{word}{word[-1]}": word for word in _words(key.schema)}
    values = (*words, "", "x\n", "soonish", -1, 0, 10**12, [], {})
    fits = _validator(key.schema)
    for value in values:
        if _type(value) in takes and not fits(value):
            meant = words.get(value, "") if isinstance(value, str) else ""
            return replace(_written(key, key.name, value), meant=meant)
    return None


def unknown_name(key: Key) -> Wrong | None:
    """A template that names nothing; None where no text may stand."""
    return _written(key, key.name, "{{ nothing }}") if "string" in _types(key.schema) else None


def _validator(schema: dict[str, Any]) -> Callable[[Any], bool]:
    return Draft202012Validator({"$defs": SCHEMA["$defs"], **schema}).is_valid


def _alternatives(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    schema = _resolved(schema)
    yield schema
    for each in schema.get("anyOf", ()):
        yield from _alternatives(each)


def _words(schema: dict[str, Any]) -> list[str]:
    """The words that may be chosen from."""
    found = [each.get("enum", [each.get("const")]) for each in _alternatives(schema)]
    return [word for some in found for word in some if isinstance(word, str)]


def _types(schema: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for each in _alternatives(schema):
        named = each.get("type", ())
        found |= {named} if isinstance(named, str) else set(named)
    return found | {"string"} if _words(schema) else found


def _type(value: Any) -> str:
    if isinstance(value, str):
        return "string"
    return {int: "integer", list: "array", dict: "object"}[type(value)]


def _written(key: Key, name: str, value: Any, *, at_key: bool = False) -> Wrong:
    """A file with nothing but the key, and what has to stand beside it."""
    lines = ["name: a"] if key.path or key.name != "name" else []
    steps = key.path[:1] == ("steps",) or (not key.path and key.name == "steps")
    if not steps:
        lines += ["steps:", "  - {name: A, request: GET /}"]
    indent, dash = "", ""
    for part in key.path:
        if part == 0:
            dash = "- "
            continue
        lines.append(f"{indent}{dash}{part}:")
        indent, dash = indent + "  " + ("  " if dash else ""), ""
    if dash:
        lines.append(f"{indent}- ")
    column = len(indent) + len(dash) + 1
    row = f"{name}: {json.dumps(value)}"
    if dash:
        lines[-1] += row
        indent += "  "
    else:
        lines.append(f"{indent}{row}")
    line = len(lines)
    lines += _beside(key, indent)
    behind = column + len(name) + 2
    columns = (column,) if at_key else (column, behind, behind + 1)
    return Wrong("\n".join(lines) + "\n", line, columns)


def _beside(key: Key, indent: str) -> Iterator[str]:
    """What has to stand beside the key, and what its step needs."""
    inside = key.path[:2] == _STEP
    if len(key.path) > (2 if inside else 0):
        for name in sorted(key.needed - {key.name}):
            yield f"{indent}{name}: {json.dumps(_FITTING.get(name, 'x'))}"
    if not inside:
        return
    first = key.path[2] if len(key.path) > 2 else key.name
    if first != "name":
        yield "    name: A"
    if first == "defaults":
        yield "    group: [{name: B, request: GET /}]"
    elif first not in _KINDS and first != "include":
        yield "    request: GET /"
