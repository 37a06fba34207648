"""JSONPath (RFC 9535): compiled once, with a hint for what people write instead."""

from __future__ import annotations

import functools
import re
from typing import Any

from smoke.model.run import JsonValue


class PathError(ValueError):
    """The path is not JSONPath; the message says what to write."""


@functools.lru_cache(maxsize=1024)
def _compile(path: str) -> Any:
    from jsonpath_rfc9535 import JSONPathEnvironment
    from jsonpath_rfc9535.exceptions import JSONPathError

    if not path.startswith("$"):
        raise PathError(f"a JSONPath begins with $: write '{_hint(path)}'")
    try:
        return JSONPathEnvironment().compile(path)
    except JSONPathError as error:
        text = str(error).splitlines()[0]
        hint = _hint(path)
        more = f': write "{hint}"' if hint != path and not _broken(hint) else ""
        raise PathError(f"not a JSONPath ({text}){more}") from error


def _broken(path: str) -> bool:
    from jsonpath_rfc9535 import JSONPathEnvironment
    from jsonpath_rfc9535.exceptions import JSONPathError

    try:
        JSONPathEnvironment().compile(path)
    except JSONPathError:
        return True
    return False


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
    try:
        _compile(path)
    except PathError as error:
        return str(error)
    return ""


def find(path: str, value: JsonValue) -> list[JsonValue]:
    """All values at a path, in document order. Raises PathError."""
    return [node.value for node in _compile(path).find(value)]


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
    if len(found) > 1 or _MANY.search(_FILTER.sub("[0]", _QUOTED.sub("''", path))):
        return True, found
    return True, found[0]
