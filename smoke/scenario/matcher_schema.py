"""The JSON Schema of matchers, for editors: each with what it asks for, what it takes, and an example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from smoke.scenario.matcher import MATCHERS, TYPES
from smoke.scenario.value_types import MARK

_VALUE = {"$ref": "#/$defs/Matcher"}
_RULES = {"$ref": "#/$defs/MatcherRules"}
_PART = {"$ref": "#/$defs/ObjectPart"}
_TEMPLATE = {"type": "string", "pattern": r"\{\{", "description": "A template"}

MATCHER_WORDS: Mapping[str, tuple[str, Any]] = MappingProxyType(
    {
        "equals": ("The same value; a plain value means this", "tea"),
        "not": ("Another value, or none that meets the matcher in it", {"contains": "error"}),
        "exists": ("Whether there is such a value, null included", False),
        "type": (
            "Its JSON type: array, boolean, integer, null, number, object or string",
            "integer",
        ),
        "matches": ("A regular expression found in the text", "^ORD-[0-9]+$"),
        "contains": (
            "A part of a text; an item of a list, or one that meets a matcher; keys of an object",
            {"greater": 2},
        ),
        "one_of": ("Equal to one of a list", ["placed", "paid"]),
        "greater": ("A larger number", 0),
        "less": ("A smaller number", 100),
        "at_least": ("That number, or a larger one", 12),
        "at_most": ("That number, or a smaller one", 12),
        "length": ("A number, or a matcher, for how many items, characters or keys", 3),
        "starts_with": ("How the text begins", "ORD-"),
        "ends_with": ("How the text ends", "/thank-you"),
        "each": (
            "That all items of a list meet a matcher, or equal a value; an empty list has none that could",
            {"has": {"sku": {"type": "string"}}},
        ),
        "any": ("That one item of a list meets a matcher, or equals a value", {"greater": 2}),
        "has": (
            "An object with these keys, whatever else it has: equal values, or matchers; the same within it",
            {"status": "paid", "customer": {"id": {"exists": True}}},
        ),
        "unordered": (
            "A list with just these items, equal or meeting a matcher, whatever their order",
            ["tea", {"starts_with": "pot"}],
        ),
        "within": (
            "A number, a time or a date that is off by no more than that: `{of: '{{ now }}', by: 5m}`. It takes two dates or two times, never one of each",
            {"of": 250, "by": 0.5},
        ),
        "after": ("A later date or time", "2026-11-29T03:10:00Z"),
        "before": ("An earlier date or time", "2026-12-24"),
        "empty": ("Whether a text, list or object has nothing in it; null has not", True),
    }
)
"""By matcher: what it asks for, and an argument."""


def _or_template(kind: str, **rules: Any) -> dict[str, Any]:
    """Values of a kind, or a text that is a template: what is said of one kind holds for no other."""
    return {"type": [kind, "string"], "pattern": r"\{\{", **rules}


_NUMBER = _or_template("number")
_SWITCH = _or_template("boolean")
_LIST = _or_template("array", minItems=1)
_TEXT = {"type": "string", "minLength": 1}
_ARGUMENTS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "after": _TEXT,
        "any": _VALUE,
        "at_least": _NUMBER,
        "at_most": _NUMBER,
        "before": _TEXT,
        "contains": {"not": {"const": ""}, "anyOf": [_RULES, {}]},
        "each": _VALUE,
        "empty": _SWITCH,
        "ends_with": _TEXT,
        "equals": {},
        "exists": _SWITCH,
        "greater": _NUMBER,
        "has": _or_template("object", minProperties=1, additionalProperties=_PART),
        "length": {"anyOf": [{"type": "number"}, _RULES, _TEMPLATE]},
        "less": _NUMBER,
        "matches": {"type": "string"},
        "not": _VALUE,
        "one_of": _LIST,
        "starts_with": _TEXT,
        "type": {"anyOf": [{"enum": [*TYPES]}, _TEMPLATE]},
        "unordered": _or_template("array", minItems=1, items=_VALUE),
        "within": _or_template(
            "object",
            properties={
                "of": {
                    "type": ["number", "string"],
                    "description": "The number, or the time",
                    "examples": [250, "{{ now }}"],
                },
                "by": {
                    "type": ["number", "string"],
                    "minimum": 0,
                    "description": "How far it may be off; of a time, a length such as 5m or '3 days'",
                    "examples": [0.5, "5m"],
                },
            },
            required=["of", "by"],
            additionalProperties=False,
        ),
    }
)  # fmt: skip


def definitions() -> dict[str, Any]:
    """What `$ref`s of matchers lead to: one, or a value to be equal to; its keys; a part of an object.

    Keys stand at the top, and not in one of several alternatives: editors offer them where nothing is written yet.
    """
    is_one = {"type": "object", "anyOf": [{"required": [name]} for name in MATCHERS]}
    names = f"^({'|'.join(MATCHERS)})$"  # editors tell what they are from `properties`
    alone = {"patternProperties": {names: {}}, "additionalProperties": False}
    return {
        "Matcher": {
            "properties": _properties(),
            "if": is_one,
            "then": alone,
            "description": "What a value must satisfy: matchers, or a value to be equal to",
        },
        "MatcherRules": {
            "type": "object",
            "properties": _properties(),
            "additionalProperties": False,
            "minProperties": 1,
            "description": "Matchers: all of them must hold",
        },
        "ObjectPart": {
            "properties": _properties(),
            "if": is_one,
            "then": alone,
            "else": {"additionalProperties": _PART},
        },
        "ValueRules": {
            "type": "object",
            "properties": {
                "value": {"description": "What the matchers look at, mostly a template"},
                **_properties(),
            },
            "required": ["value"],
            "minProperties": 2,
            "additionalProperties": False,
        },
    }


def with_matchers(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, with matchers where a field is marked as one."""
    for part in list(_parts(schema)):
        kind = part.pop(MARK, "")
        if kind == "one":
            part["anyOf"] = [_VALUE]
        elif kind == "each":
            for item in (part, *part.get("anyOf", ())):
                if item.get("type") == "object":
                    item["additionalProperties"] = _VALUE
    return schema


def condition() -> dict[str, Any]:
    """What `when` takes: a template or a plain value, or a value with matchers beside it."""
    return {
        "anyOf": [
            {"type": ["string", "number", "boolean", "null"]},
            {"$ref": "#/$defs/ValueRules"},
        ]
    }


def _properties() -> dict[str, Any]:
    return {
        name: {**_ARGUMENTS[name], "description": f"{said}.", "examples": [example]}
        for name, (said, example) in MATCHER_WORDS.items()
    }


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
