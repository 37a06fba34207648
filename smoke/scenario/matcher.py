"""Matchers: what a value must satisfy. A value without a matcher key means "equals"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from smoke.diagnostic import nearest
from smoke.model.numbers import exact, json_text, same
from smoke.model.run import JsonValue
from smoke.scenario.filters import kind
from smoke.scenario.patterns import PatternError, check_pattern, search
from smoke.scenario.template import TemplateSyntaxError, sample

_TEXT_PARTS = ("contains", "ends_with", "matches", "starts_with")
TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


class Missing:
    """Stands for "there is no such value"."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = Missing()


class Unmet(Struct, frozen=True):
    """What was not met: the expected value as data, and the rest in words."""

    expected: JsonValue
    message: str


class Unfit(str):
    """A remark that no comparison was possible: `not` must not turn it into something that is met."""

    __slots__ = ()


_Test = Callable[[Any, Any], "str | None"]


def is_matcher(spec: Any) -> bool:
    """Whether a value is a mapping of matcher keys, rather than an object to be equal to."""
    return isinstance(spec, dict) and bool(spec) and all(key in MATCHERS for key in spec)


def unmet(spec: Any, actual: Any, *, plain: str = "equals") -> Unmet | None:
    """What of `spec` the actual value (or MISSING) does not meet; None when all is met.

    `plain` is the matcher that a value without matcher keys stands for.
    """
    rules = spec if is_matcher(spec) else {plain: spec}
    for name, argument in rules.items():
        if isinstance(actual, Missing) and not _asks_existence(name, argument):
            return Unmet(_expected(spec), "there is no such value")
        message = MATCHERS[name](actual, argument)
        if message is not None:
            return Unmet(_expected(spec), message)
    return None


def problems(spec: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong with a matcher as it is written: the path inside it, and the message."""
    if not isinstance(spec, dict) or not any(key in MATCHERS for key in spec):
        return
    for key, value in spec.items():
        if key not in MATCHERS:
            near = nearest(key, MATCHERS)
            hint = f": did you mean '{near}'?" if near else "; an object is compared with `equals`"
            yield (key,), f"a matcher has no key '{key}'{hint}"
        elif _templated(value) and key != "matches":
            continue
        else:
            message = _argument_problem(key, value)
            if message:
                yield (key,), message
            elif key in ("not", "length"):
                yield from (((key, *path), text) for path, text in problems(value))


def maybe_meant(spec: Any) -> tuple[str, str] | None:
    """The key of a plain object that is spelt nearly as a matcher's, and that matcher, if all its keys are."""
    if not isinstance(spec, dict) or not spec or any(key in MATCHERS for key in spec):
        return None
    near = {key: nearest(key, MATCHERS) for key in spec}
    if all(near.values()):
        first = next(iter(spec))
        return first, str(near[first])
    return None


def _asks_existence(name: str, argument: Any) -> bool:
    """Whether a rule can be held against a value that is not there: all others need one, `not` too."""
    if name == "not" and is_matcher(argument):
        return all(_asks_existence(key, value) for key, value in argument.items())
    return name == "exists"


def _templated(value: Any) -> bool:
    return isinstance(value, str) and "{{" in value


def _argument_problem(key: str, value: Any) -> str:
    if key == "type" and value not in TYPES:
        return f"a type is one of {', '.join(TYPES)}"
    if key == "matches":
        if not isinstance(value, str):
            return "a regular expression is a text"
        return _pattern_problem(value)
    if key in ("exists", "empty") and not isinstance(value, bool):
        return f"{key} takes true or false"
    if key == "one_of" and (not isinstance(value, list) or not value):
        return "one_of takes a list with something in it"
    if key in ("greater", "less", "at_least", "at_most") and not _is_number(value):
        return f"{key} takes a number"
    if key in ("starts_with", "ends_with") and not isinstance(value, str):
        return f"{key} takes a text"
    if key in _TEXT_PARTS and value == "":
        return f"{key} takes a text with something in it: every text would do"
    if key == "length" and not (_is_number(value) or is_matcher(value)):
        return "length takes a number or a matcher"
    return ""


def _pattern_problem(pattern: str) -> str:
    try:
        return check_pattern(sample(pattern))
    except TemplateSyntaxError:
        return ""  # told with its place by the check of all templates


def _expected(spec: Any) -> JsonValue:
    value: JsonValue = spec
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def of_text(spec: Any) -> Any:
    """The matcher for a value that is always a text (a header): a number to be equal to means its spelling."""
    if _is_number(spec):
        return json_text(spec)
    if not is_matcher(spec):
        return spec
    return {key: _of_text(key, value) for key, value in spec.items()}


def _of_text(key: str, value: Any) -> Any:
    if key == "one_of" and isinstance(value, list):
        return [of_text(item) for item in value]
    return of_text(value) if key in ("equals", "not") else value


def _equals(actual: Any, expected: Any) -> str | None:
    if same(actual, expected):
        return None
    if type(actual) is not type(expected) and str(actual) == str(expected):
        return f"expected {kind(expected)}, got {kind(actual)} that reads the same"
    return ""


def _not(actual: Any, spec: Any) -> str | None:
    if is_matcher(spec):
        inner = unmet(spec, actual)
        if inner is None:
            return "it is met, and must not be"
        return inner.message if isinstance(inner.message, Unfit) else None
    return "it is equal, and must not be" if same(actual, spec) else None


def _exists(actual: Any, wanted: Any) -> str | None:
    if not isinstance(wanted, bool):  # a template may give the text "false"
        return Unfit(f"exists takes true or false, not {_kind_of(wanted)}")
    if wanted is not isinstance(actual, Missing):
        return None
    return "there is no such value" if wanted else "there is such a value, and must not be"


def _type(actual: Any, wanted: Any) -> str | None:
    if wanted not in TYPES:
        return Unfit(f"a type is one of {', '.join(TYPES)}")
    return None if wanted in type_names(actual) else f"it is {kind(actual)}"


def type_names(value: Any) -> tuple[str, ...]:
    """The JSON types of a value; a whole number is an integer and a number."""
    if value is None:
        return ("null",)
    if isinstance(value, bool):
        return ("boolean",)
    if isinstance(value, int):
        return ("integer", "number")
    if isinstance(value, float):
        return ("integer", "number") if value.is_integer() else ("number",)
    if isinstance(value, str):
        return ("string",)
    return ("array",) if isinstance(value, list) else ("object",)


def _matches(actual: Any, pattern: Any) -> str | None:
    if not isinstance(actual, str):
        if not _is_number(actual):
            return Unfit(f"a regular expression is for texts, this is {kind(actual)}")
        actual = json_text(actual)
    if not isinstance(pattern, str) or not pattern:
        return Unfit(f"matches takes a regular expression, not {_kind_of(pattern)}")
    try:
        return None if search(pattern, actual) is not None else ""
    except PatternError as error:
        return Unfit(error)


def _contains(actual: Any, part: Any) -> str | None:
    if isinstance(actual, str):
        if part == "" or not (isinstance(part, str) or _is_number(part)):
            return Unfit(f"contains takes a text, not {_kind_of(part)}")
        return None if (part if isinstance(part, str) else json_text(part)) in actual else ""
    if isinstance(actual, list):
        if is_matcher(part):
            return _any(actual, part)
        return None if any(same(item, part) for item in actual) else ""
    if isinstance(actual, dict):
        if isinstance(part, dict):
            held = all(key in actual and same(actual[key], value) for key, value in part.items())
            return None if held else ""
        return None if isinstance(part, str) and part in actual else ""
    return Unfit(f"{kind(actual)} contains nothing")


def _any(items: list[Any], spec: Any) -> str | None:
    """Whether one of the items meets a matcher. That none could be compared is no answer."""
    remark = ""
    for item in items:
        inner = unmet(spec, item)
        if inner is None:
            return None
        remark = inner.message if isinstance(inner.message, Unfit) else remark
    return remark


def _kind_of(value: Any) -> str:
    return "an empty text" if value == "" else kind(value)


def _one_of(actual: Any, choices: Any) -> str | None:
    if not isinstance(choices, list):
        return Unfit("one_of takes a list")
    return None if any(same(actual, choice) for choice in choices) else ""


def _compare(word: str, holds: Callable[[Any, Any], bool]) -> _Test:
    def test(actual: Any, bound: Any) -> str | None:
        if not _is_number(actual):
            return Unfit(f"{word} is for numbers, this is {kind(actual)}")
        if not _is_number(bound):
            return Unfit(f"{word} takes a number, not {kind(bound)}")
        return None if holds(exact(actual), exact(bound)) else ""

    return test


def _length(actual: Any, spec: Any) -> str | None:
    if not isinstance(actual, (str, list, dict)):
        return Unfit(f"{kind(actual)} has no length")
    inner = unmet(spec, len(actual))
    if inner is None or isinstance(inner.message, Unfit):
        return None if inner is None else inner.message
    return f"its length is {len(actual)}"


def _empty(actual: Any, wanted: Any) -> str | None:
    if actual is not None and not isinstance(actual, (str, list, dict)):
        return Unfit(f"{kind(actual)} is neither empty nor full")
    if not isinstance(wanted, bool):
        return Unfit(f"empty takes true or false, not {_kind_of(wanted)}")
    is_empty = not actual
    if is_empty is wanted:
        return None
    return "it is empty" if is_empty else "it is not empty"


def _edge(word: str, holds: Callable[[str, str], bool]) -> _Test:
    def test(actual: Any, part: Any) -> str | None:
        if not isinstance(actual, str):
            return Unfit(f"{word} is for texts, this is {kind(actual)}")
        if not isinstance(part, str) or not part:
            return Unfit(f"{word} takes a text, not {_kind_of(part)}")
        return None if holds(actual, part) else ""

    return test


MATCHERS: Mapping[str, _Test] = MappingProxyType(
    {
        "at_least": _compare("at_least", lambda actual, bound: bool(actual >= bound)),
        "at_most": _compare("at_most", lambda actual, bound: bool(actual <= bound)),
        "contains": _contains,
        "empty": _empty,
        "ends_with": _edge("ends_with", str.endswith),
        "equals": _equals,
        "exists": _exists,
        "greater": _compare("greater", lambda actual, bound: bool(actual > bound)),
        "length": _length,
        "less": _compare("less", lambda actual, bound: bool(actual < bound)),
        "matches": _matches,
        "not": _not,
        "one_of": _one_of,
        "starts_with": _edge("starts_with", str.startswith),
        "type": _type,
    }
)
"""Name to test: None when the value meets the argument, else a remark (often empty: expected and actual say it)."""
