"""What all filters share: the words for what they cannot take, and how a value is taken as a text."""

from __future__ import annotations

from smoke.model.numbers import json_text
from smoke.model.run import JsonValue

MAX_TEXT = 16 * 1024 * 1024
"""Characters that a filter may give at most: filters in a row could multiply."""


class FilterError(ValueError):
    """The value is not one that the filter takes. The message repeats nothing of it: it may be a secret."""


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


def text_of(value: JsonValue) -> str:
    """A text, or a number as it is written. Raises FilterError."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None or isinstance(value, (list, dict)):
        raise FilterError(f"takes a text, not {kind(value)}")
    return json_text(value)
