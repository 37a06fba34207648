"""Matchers: what a value must satisfy. A value without a matcher key means "equals"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from smoke.model.numbers import exact, json_text, same
from smoke.model.run import JsonValue
from smoke.scenario.filtering import FilterError, kind
from smoke.scenario.patterns import PatternError, search

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


def _asks_existence(name: str, argument: Any) -> bool:
    """Whether a rule can be held against a value that is not there: all others need one, `not` too."""
    if name == "not" and is_matcher(argument):
        return all(_asks_existence(key, value) for key, value in argument.items())
    return name == "exists"


def _expected(spec: Any) -> JsonValue:
    value: JsonValue = spec
    return value


def is_number(value: Any) -> bool:
    """Whether it is one to JSON, where true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def of_text(spec: Any) -> Any:
    """The matcher for a value that is always a text (a header): a number to be equal to means its spelling."""
    if is_number(spec):
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
        if not is_number(actual):
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
        if part == "" or not (isinstance(part, str) or is_number(part)):
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


def _any(items: Any, spec: Any) -> str | None:
    """Whether one of the items meets a matcher. That none could be compared is no answer."""
    if not isinstance(items, list):
        return Unfit(f"any is for lists, this is {kind(items)}")
    remark = ""
    for item in items:
        inner = unmet(spec, item)
        if inner is None:
            return None
        remark = inner.message if isinstance(inner.message, Unfit) else remark
    return remark


def _each(items: Any, spec: Any) -> str | None:
    """Whether all items meet a matcher. An empty list has nothing that could: it is not met, nor its opposite."""
    if not isinstance(items, list):
        return Unfit(f"each is for lists, this is {kind(items)}")
    if not items:
        return Unfit("the list is empty: each says nothing of it")
    missed = [inner.message for item in items if (inner := unmet(spec, item)) is not None]
    unfit = next((message for message in missed if isinstance(message, Unfit)), None)
    if unfit is not None:
        return unfit
    return f"{len(missed)} of {len(items)} do not meet it" if missed else None


def _has(actual: Any, part: Any) -> str | None:
    """Whether an object has the keys of another, each with that value, or one that meets a matcher; the same within."""
    if not isinstance(actual, dict) or not isinstance(part, dict):
        other = part if isinstance(actual, dict) else actual
        return Unfit(f"has is for objects, this is {kind(other)}")
    remark = None
    for key, spec in part.items():
        value = actual.get(key, MISSING)
        if is_part(spec):
            message = _has(value, spec) if isinstance(value, dict) else ""
        else:
            inner = unmet(spec, value)
            message = None if inner is None else inner.message
        if isinstance(message, Unfit):
            return message
        remark = remark if message is None else ""
    return remark


def _unordered(actual: Any, wanted: Any) -> str | None:
    if not isinstance(actual, list) or not isinstance(wanted, list):
        other = wanted if isinstance(actual, list) else actual
        return Unfit(f"unordered is for lists, this is {kind(other)}")
    found = unpaired(actual, wanted)
    return found.remark if found.lacking or found.over else None


class Unpaired(Struct, frozen=True):
    """What no item of a list is for, the places of items that nothing asked for, and why one could not be compared."""

    lacking: list[Any]
    over: list[int]
    remark: str = ""


def unpaired(actual: list[Any], wanted: list[Any]) -> Unpaired:
    """What is left when each item that is wanted has one of its own, whatever the order.

    Values are taken first: what is equal is alike to every matcher. At most a hundred matchers are tried.
    """
    from smoke.scenario.pairing import hashable, paired

    places: dict[Any, list[int]] = {}
    for at in reversed(range(len(actual))):
        places.setdefault(hashable(actual[at]), []).append(at)
    lacking: list[Any] = []
    matchers = [item for item in wanted if is_matcher(item)]
    for item in wanted:
        if is_matcher(item):
            continue
        if there := places.get(hashable(item)):
            there.pop()
        else:
            lacking.append(item)
    left = sorted(at for there in places.values() for at in there)
    tried, among = matchers[:_MOST_MATCHERS], left[: 2 * _MOST_MATCHERS]
    missed = [[unmet(spec, actual[at]) for at in among] for spec in tried]
    taken = paired(
        [{at for at, miss in zip(among, of, strict=True) if miss is None} for of in missed]
    )
    alone = set(range(len(matchers))) - set(taken.values())
    remarks = [miss.message for of in missed for miss in of if miss is not None]
    return Unpaired(
        lacking + [matchers[at] for at in sorted(alone)],
        [at for at in left if at not in taken],
        next((remark for remark in remarks if isinstance(remark, Unfit)), ""),
    )


_MOST_MATCHERS = 100


def is_part(spec: Any) -> bool:
    """Whether a value within `has` is an object of which a part is enough."""
    return isinstance(spec, dict) and bool(spec) and not is_matcher(spec)


def _within(actual: Any, spec: Any) -> str | None:
    bounds = [spec.get("of"), spec.get("by")] if isinstance(spec, dict) else []
    if bounds and isinstance(bounds[0], str):
        from smoke.scenario.moments import too_far

        return _fit(lambda: too_far(actual, *bounds))
    if not bounds or not all(map(is_number, bounds)):
        return Unfit("within takes {of: a number or a time, by: how far it may be off}")
    if not is_number(actual):
        return Unfit(f"within is for numbers, this is {kind(actual)}")
    try:
        apart = _EXACT.subtract(*(Decimal(exact(number)) for number in (actual, bounds[0])))
        return None if abs(apart) <= Decimal(exact(bounds[1])) else ""
    except ArithmeticError:  # infinite, or an exponent beyond all bounds
        return Unfit("a number is too large to be compared")


_EXACT = Context(prec=5000)
"""More digits than any number of an answer has."""


def _kind_of(value: Any) -> str:
    return "an empty text" if value == "" else kind(value)


def _one_of(actual: Any, choices: Any) -> str | None:
    if not isinstance(choices, list):
        return Unfit("one_of takes a list")
    return None if any(same(actual, choice) for choice in choices) else ""


def _compare(word: str, holds: Callable[[Any, Any], bool]) -> _Test:
    def test(actual: Any, bound: Any) -> str | None:
        if not is_number(actual):
            return Unfit(f"{word} is for numbers, this is {kind(actual)}")
        if not is_number(bound):
            return Unfit(f"{word} takes a number, not {kind(bound)}")
        return None if holds(exact(actual), exact(bound)) else ""

    return test


def _moment(word: str) -> _Test:
    def test(actual: Any, bound: Any) -> str | None:
        from smoke.scenario.moments import compared

        return _fit(lambda: compared(word, actual, bound))

    return test


def _fit(test: Callable[[], str | None]) -> str | None:
    """The remark of a test that may find that it cannot compare the values."""
    try:
        return test()
    except FilterError as error:
        return Unfit(error)


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
        "after": _moment("after"),
        "any": _any,
        "at_least": _compare("at_least", lambda actual, bound: bool(actual >= bound)),
        "at_most": _compare("at_most", lambda actual, bound: bool(actual <= bound)),
        "before": _moment("before"),
        "contains": _contains,
        "each": _each,
        "empty": _empty,
        "ends_with": _edge("ends_with", str.endswith),
        "equals": _equals,
        "exists": _exists,
        "greater": _compare("greater", lambda actual, bound: bool(actual > bound)),
        "has": _has,
        "length": _length,
        "less": _compare("less", lambda actual, bound: bool(actual < bound)),
        "matches": _matches,
        "not": _not,
        "one_of": _one_of,
        "starts_with": _edge("starts_with", str.startswith),
        "type": _type,
        "unordered": _unordered,
        "within": _within,
    }
)
"""Name to test: None when the value meets the argument, else a remark (often empty: expected and actual say it)."""
