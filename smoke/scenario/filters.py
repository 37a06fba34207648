"""The filters of templates: a fixed list of pure functions."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import quote

from smoke.model.numbers import json_text
from smoke.model.run import JsonValue

MAX_TEXT = 16 * 1024 * 1024
"""Characters that a filter may give at most: filters in a row could multiply."""


class FilterError(ValueError):
    """The value is not one that the filter takes."""


def _text(value: JsonValue) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None or isinstance(value, (list, dict)):
        raise FilterError(f"takes a text, not {kind(value)}")
    return json_text(value)


def kind(value: JsonValue) -> str:
    """What a value is, in JSON's words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "an object"


def _int(value: JsonValue) -> JsonValue:
    if isinstance(value, bool) or value is None:
        raise FilterError(f"takes a number or digits, not {kind(value)}")
    text = _text(value).strip()
    if not re.fullmatch(r"[-+]?[0-9]{1,300}", text):
        raise FilterError("takes a whole number")
    return int(text)


def _string(value: JsonValue) -> JsonValue:
    return value if isinstance(value, str) else json_text(value, spaced=True)


def _edge(index: int) -> Callable[[JsonValue], JsonValue]:
    def take(value: JsonValue) -> JsonValue:
        if not isinstance(value, (list, str)):
            raise FilterError(f"takes a list or a text, not {kind(value)}")
        if not value:
            raise FilterError("there is nothing in it")
        return value[index]

    return take


def _length(value: JsonValue) -> JsonValue:
    if not isinstance(value, (list, str, dict)):
        raise FilterError(f"takes a list, a text or an object, not {kind(value)}")
    return len(value)


def _replace(value: JsonValue, old: JsonValue, new: JsonValue) -> JsonValue:
    if not isinstance(old, str) or not isinstance(new, str) or not old:
        raise FilterError("takes two texts, the first not empty")
    text = _text(value)
    if len(text) + text.count(old) * len(new) > MAX_TEXT:
        raise FilterError(f"would give more than {MAX_TEXT:,} characters")
    return text.replace(old, new)


def _slug(value: JsonValue) -> JsonValue:
    return re.sub(r"[^a-z0-9]+", "-", _text(value).lower()).strip("-")


ARGUMENTS: Mapping[str, int] = MappingProxyType({"default": 1, "replace": 2})
"""How many arguments a filter takes; one that is not here takes none."""

FILTERS: Mapping[str, Callable[..., JsonValue]] = MappingProxyType(
    {
        "base64": lambda value: base64.b64encode(_text(value).encode()).decode(),
        "default": lambda value, other: other if value is None or value == "" else value,
        "first": _edge(0),
        "int": _int,
        "json": json_text,
        "last": _edge(-1),
        "length": _length,
        "lower": lambda value: _text(value).lower(),
        "replace": _replace,
        "sha256": lambda value: hashlib.sha256(_text(value).encode()).hexdigest(),
        "slug": _slug,
        "string": _string,
        "trim": lambda value: _text(value).strip(),
        "upper": lambda value: _text(value).upper(),
        "urlencode": lambda value: quote(_text(value), safe=""),
    }
)
"""Name to function of the value and the filter's arguments; each raises FilterError for what it cannot take."""
