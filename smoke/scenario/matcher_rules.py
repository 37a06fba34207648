"""What is wrong with a matcher as it is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from smoke.diagnostic import nearest
from smoke.scenario.matcher import MATCHERS, TYPES, is_matcher, is_number
from smoke.scenario.patterns import check_pattern
from smoke.scenario.template import TemplateSyntaxError, sample

_TEXT_PARTS = ("contains", "ends_with", "matches", "starts_with")
_OF_MATCHERS = ("any", "each", "length", "not")
"""Matchers whose argument is a matcher, or a value to be equal to."""
_OF_TIMES = ("after", "before")
_WITHIN = ("of", "by")

Place = tuple[str | int, ...]


def problems(spec: Any) -> Iterator[tuple[Place, str]]:
    """What is wrong with a matcher as it is written: the path inside it, and the message."""
    if not isinstance(spec, dict) or not any(key in MATCHERS for key in spec):
        return
    for key, value in spec.items():
        if key not in MATCHERS:
            yield (
                (key,),
                _unknown("a matcher", key, MATCHERS, "; an object is compared with `equals`"),
            )
        elif _templated(value) and key != "matches":
            continue
        else:
            message = _argument_problem(key, value)
            if message:
                yield (key,), message
            else:
                yield from (((key, *path), text) for path, text in _inside(key, value))


def maybe_meant(spec: Any) -> tuple[str, str] | None:
    """The key of a plain object that is spelt nearly as a matcher's, and that matcher, if all its keys are."""
    if not isinstance(spec, dict) or not spec or any(key in MATCHERS for key in spec):
        return None
    near = {key: nearest(key, MATCHERS) for key in spec}
    if all(near.values()):
        first = next(iter(spec))
        return first, str(near[first])
    return None


def _inside(key: str, value: Any) -> Iterator[tuple[Place, str]]:
    """What is wrong with the matchers within the argument of one."""
    if key in _OF_MATCHERS:
        yield from problems(value)
    elif key == "unordered":
        for index, item in enumerate(value):
            yield from (((index, *path), text) for path, text in problems(item))
    elif key == "has":
        yield from _of_part(value)
    elif key == "within":
        yield from _of_within(value)


def _of_part(part: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    for key, value in part.items():
        if not isinstance(value, dict):
            continue
        found = problems(value) if any(name in MATCHERS for name in value) else _of_part(value)
        yield from (((key, *path), text) for path, text in found)


def _of_within(value: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    for key in value:
        if key not in _WITHIN:
            yield (
                (key,),
                _unknown(
                    "within",
                    key,
                    _WITHIN,
                    ": it takes {of: a number or a time, by: how far it may be off}",
                ),
            )
    missing = [key for key in _WITHIN if key not in value]
    if missing:
        yield (
            (),
            f"within needs '{missing[0]}': {{of: a number or a time, by: how far it may be off}}",
        )
        return
    yield from _of_bounds(value["of"], value["by"])


def _of_bounds(of: Any, by: Any) -> Iterator[tuple[Place, str]]:
    """What is wrong with the bounds of `within`: two numbers, or a time and how long before or behind it."""
    if is_number(by) and by < 0:
        yield ("by",), "within takes a distance, which is never below zero"
    elif not (is_number(by) or _templated(by)):
        from smoke.scenario.filtering import FilterError
        from smoke.scenario.moments import distance

        try:
            distance(by)
        except FilterError as error:
            yield ("by",), f"within {error}"
        else:
            if is_number(of):
                yield ("by",), "within takes a number as 'by', where 'of' is one"
    if not (is_number(of) or _templated(of)):
        from smoke.scenario.moments import moment_problem

        if moment_problem(of):
            yield ("of",), "within takes a number as 'of', or a time such as '{{ now }}'"


def _unknown(what: str, key: str, known: Collection[str], otherwise: str) -> str:
    near = nearest(key, known)
    return f"{what} has no key '{key}'" + (f": did you mean '{near}'?" if near else otherwise)


def _templated(value: Any) -> bool:
    return isinstance(value, str) and "{{" in value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_full(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kind) and bool(value)


_ARGUMENTS: Mapping[str, tuple[Callable[[Any], bool], str]] = MappingProxyType(
    {
        "at_least": (is_number, "a number"),
        "at_most": (is_number, "a number"),
        "empty": (lambda value: isinstance(value, bool), "true or false"),
        "ends_with": (_is_text, "a text"),
        "exists": (lambda value: isinstance(value, bool), "true or false"),
        "greater": (is_number, "a number"),
        "has": (_is_full(dict), "an object with something in it"),
        "length": (lambda value: is_number(value) or is_matcher(value), "a number or a matcher"),
        "less": (is_number, "a number"),
        "one_of": (_is_full(list), "a list with something in it"),
        "starts_with": (_is_text, "a text"),
        "unordered": (_is_full(list), "a list with something in it"),
        "within": (_is_full(dict), "{of: a number or a time, by: how far it may be off}"),
    }
)
"""By matcher: whether an argument can be used, and what it takes."""


def _argument_problem(key: str, value: Any) -> str:
    if key == "type" and value not in TYPES:
        return f"a type is one of {', '.join(TYPES)}"
    if key == "matches":
        if not isinstance(value, str):
            return "a regular expression is a text"
        return _pattern_problem(value)
    if key in _OF_TIMES:
        from smoke.scenario.moments import moment_problem

        wrong = moment_problem(value)
        return f"{key} {wrong}" if wrong else ""
    if key in _TEXT_PARTS and value == "":
        return f"{key} takes a text with something in it: every text would do"
    fits, wanted = _ARGUMENTS.get(key, (None, ""))
    if fits is not None and not fits(value):
        return f"{key} takes {wanted}"
    return ""


def _pattern_problem(pattern: str) -> str:
    try:
        return check_pattern(sample(pattern))
    except TemplateSyntaxError:
        return ""  # told with its place by the check of all templates
