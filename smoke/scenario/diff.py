"""Where an object or a list is not as expected: its paths, each with what was wanted and what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from smoke.model.numbers import json_text, same
from smoke.model.run import ValueDifference
from smoke.scenario.matcher import MISSING, Missing, is_matcher, is_part, unmet, unpaired

MOST = 20
_SEEN = 1000
"""How many places are counted."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def differences(spec: Any, actual: Any, path: str = "$") -> tuple[tuple[ValueDifference, ...], int]:
    """The first places where `actual` does not meet `spec`, and how many there are beyond.

    None for what is no object or list, or is not compared item by item. `path` leads to `actual`.
    """
    found = list(islice(_of_spec(spec, actual, path), _SEEN))
    return tuple(found[:MOST]), max(0, len(found) - MOST)


def step_to(path: str, step: str | int) -> str:
    """A JSONPath (RFC 9535, 2.5) with one more step behind it."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{step}" if _NAME.fullmatch(step) else f"{path}[{json_text(step)}]"


def _of_spec(spec: Any, actual: Any, path: str) -> Iterator[ValueDifference]:
    if not isinstance(actual, (dict, list)):
        return
    for name, argument in spec.items() if is_matcher(spec) else (("equals", spec),):
        if name == "equals":
            if type(argument) is type(actual):
                yield from _of_equal(argument, actual, path)
        elif name == "has" and isinstance(actual, dict) and isinstance(argument, dict):
            yield from _of_part(argument, actual, path)
        elif name == "each" and isinstance(actual, list):
            for at, item in enumerate(actual):
                yield from _of_value(argument, item, step_to(path, at))
        elif name == "unordered" and isinstance(actual, list) and isinstance(argument, list):
            yield from _of_any_order(argument, actual, path)


def _of_value(spec: Any, value: Any, path: str) -> Iterator[ValueDifference]:
    """What of one value within is not met: its places, or else itself."""
    if unmet(spec, value) is None:
        return
    inner = _of_spec(spec, value, path)
    first = next(inner, None)
    if first is not None:
        yield first
        yield from inner
    elif isinstance(value, Missing):
        yield ValueDifference(path, _wanted(spec), absent="actual", rule=_rule(spec))
    else:
        yield ValueDifference(path, _wanted(spec), value, rule=_rule(spec))


def _rule(spec: Any) -> str:
    """The name of the one matcher that stands there."""
    names = list(spec) if is_matcher(spec) else []
    return names[0] if len(names) == 1 and names[0] != "equals" else ""


def _wanted(spec: Any) -> Any:
    """What was wanted; of one matcher its argument, since the rule is named."""
    return next(iter(spec.values())) if is_matcher(spec) and len(spec) == 1 else spec


def _of_part(part: dict[str, Any], actual: dict[str, Any], path: str) -> Iterator[ValueDifference]:
    for key, spec in part.items():
        value, below = actual.get(key, MISSING), step_to(path, key)
        if is_part(spec) and isinstance(value, dict):
            yield from _of_part(spec, value, below)
        elif is_part(spec) and isinstance(value, Missing):
            yield ValueDifference(below, spec, absent="actual")
        elif is_part(spec):
            yield ValueDifference(below, spec, value)
        else:
            yield from _of_value(spec, value, below)


def _of_any_order(wanted: list[Any], actual: list[Any], path: str) -> Iterator[ValueDifference]:
    found = unpaired(actual, wanted)
    for spec in found.lacking:
        yield ValueDifference(f"{path}[*]", _wanted(spec), absent="actual", rule=_rule(spec))
    for at in found.over:
        yield ValueDifference(step_to(path, at), actual=actual[at], absent="expected")


def _of_equal(expected: Any, actual: Any, path: str) -> Iterator[ValueDifference]:
    """The places where two values differ, those of the expected one first."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key, value in expected.items():
            below = step_to(path, key)
            if key in actual:
                yield from _of_equal(value, actual[key], below)
            else:
                yield ValueDifference(below, value, absent="actual")
        for key, value in actual.items():
            if key not in expected:
                yield ValueDifference(step_to(path, key), actual=value, absent="expected")
    elif isinstance(expected, list) and isinstance(actual, list):
        for at, (value, item) in enumerate(zip(expected, actual, strict=False)):
            yield from _of_equal(value, item, step_to(path, at))
        for at in range(len(actual), len(expected)):
            yield ValueDifference(step_to(path, at), expected[at], absent="actual")
        for at in range(len(expected), len(actual)):
            yield ValueDifference(step_to(path, at), actual=actual[at], absent="expected")
    elif not same(expected, actual):
        yield ValueDifference(path, expected, actual)
