"""JSONPath (RFC 9535): compiled once, with a hint for what people write instead.

Most paths of a scenario lead to one place by names and indexes (`$.order.id`, `$['a b'][0]`, `$[-1]`): those are
followed here, and the library is imported only for the others.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from enum import Enum
from typing import Any

from smoke.model.run import JsonValue


class PathGives(Enum):
    """What a path gives where it leads somewhere."""

    ONE = "one value"
    LIST = "a list"
    ONE_OR_LIST = "the value where there is one, a list where there are several"


class PathError(ValueError):
    """The path is not JSONPath; the message says what to write."""


# RFC 9535, 2.3.5.1: member-name-shorthand; 2.3.1: a quoted name, here without escapes; 2.3.3: an index without
# leading zeros. What is not of this form, or not ASCII, goes to the library, which knows all of it. (A set of
# characters from all of Unicode costs a millisecond of start-up.)
_STEP = re.compile(
    r"\.(?P<name>[A-Za-z_][0-9A-Za-z_]*)"
    r"|\['(?P<single>[^'\\\x00-\x1f]*)'\]"
    r"|\[\"(?P<double>[^\"\\\x00-\x1f]*)\"\]"
    r"|\[(?P<index>0|-?[1-9][0-9]{0,14})\]"
)


@functools.lru_cache(maxsize=1024)
def steps_of(path: str) -> tuple[str | int, ...] | None:
    """The names and indexes of a path that leads to one place; None for any other path, right or wrong."""
    if not path.startswith("$") or not path.isascii():
        return None
    steps: list[str | int] = []
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            return None
        index = match["index"]
        name = match["name"] or match["single"] or match["double"] or ""
        steps.append(int(index) if index is not None else name)
        at = match.end()
    return tuple(steps)


def follow(steps: Sequence[str | int], value: JsonValue) -> list[JsonValue]:
    """The value that lies at names and indexes; none when there is nothing."""
    for step in steps:
        if isinstance(step, str):
            if not isinstance(value, dict) or step not in value:
                return []
            value = value[step]
        else:
            if not isinstance(value, list) or not -len(value) <= step < len(value):
                return []
            value = value[step]
    return [value]


@functools.lru_cache(maxsize=1024)
def _compile(path: str) -> Any:
    if not path.startswith("$"):
        raise PathError(f"a JSONPath begins with $: write '{_hint(path)}'")
    from jsonpath_rfc9535 import JSONPathEnvironment
    from jsonpath_rfc9535.exceptions import JSONPathError

    try:
        return JSONPathEnvironment().compile(path)
    except (JSONPathError, RecursionError) as error:
        hint = _hint(path)
        more = f': write "{hint}"' if hint != path and steps_of(hint) is not None else ""
        raise PathError(f"not a JSONPath ({_trouble(error, path)}){more}") from error


def _trouble(error: Exception, path: str) -> str:
    """Where a path stops being one. The library's own words change with its version."""
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    token = getattr(error, "token", None)
    index = token[1] if isinstance(token, tuple) else getattr(token, "index", None)
    if not isinstance(index, int):
        return "RFC 9535 has no such form"
    rest = path[index:]
    return f"it cannot be read from '{rest[:30]}' on" if rest else "it ends too soon"


def _hint(path: str) -> str:
    """What was probably meant: a leading $, and names with other characters in brackets."""
    rest = path.removeprefix("$").removeprefix(".")
    steps = []
    for step in rest.split("."):
        name, bracket, index = step.partition("[")
        plain = re.fullmatch(r"[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_\u0080-\U0010ffff]*|\*", name)
        steps.append((f".{name}" if plain else f"['{name}']") if name else "")
        steps.append(f"{bracket}{index}")
    return "$" + "".join(steps)


def check_path(path: str) -> str:
    """What is wrong with a path; empty when nothing is."""
    if steps_of(path) is not None:
        return ""
    try:
        _compile(path)
    except PathError as error:
        return str(error)
    return ""


def find(path: str, value: JsonValue) -> list[JsonValue]:
    """All values at a path, in document order. Raises PathError."""
    steps = steps_of(path)
    if steps is not None:
        return follow(steps, value)
    return [node.value for node in _compile(path).find(value)]


def located(path: str, value: JsonValue) -> list[tuple[tuple[str | int, ...], JsonValue]]:
    """All values at a path with the names and indexes that lead to each, in document order. Raises PathError."""
    steps = steps_of(path)
    if steps is not None:
        return [(steps, found) for found in follow(steps, value)]
    return [(tuple(node.location), node.value) for node in _compile(path).find(value)]


_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_FILTER = re.compile(r"\[\?[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]")
_MANY = re.compile(r"\*|\.\.|\[[^\]]*[:,][^\]]*\]")


def value_at(path: str, value: JsonValue) -> tuple[bool, JsonValue]:
    """Whether there is something at a path, and what.

    A path with a wildcard, a slice, several names or `..` gives the list of all its values. Any other path gives one
    value; where its filter lets several pass, the list of them.
    """
    found = find(path, value)
    if not found:
        return False, None
    if given_by(path) is PathGives.LIST or len(found) > 1:
        return True, found
    return True, found[0]


def given_by(path: str) -> PathGives:
    """What a path gives where it leads somewhere, as `value_at` has it."""
    if steps_of(path) is not None:
        return PathGives.ONE
    bare = _QUOTED.sub("''", path)
    if _MANY.search(_FILTER.sub("[0]", bare)):
        return PathGives.LIST
    return PathGives.ONE_OR_LIST if "?" in bare else PathGives.ONE
