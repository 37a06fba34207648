"""What is shown of a value that is not as expected: masked first, then cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smoke.model.numbers import json_text
from smoke.model.run import JsonValue, ValueDifference
from smoke.scenario.answer import StepAnswer

_SHOWN = 2000
_NAMED = 3


def listed(places: Sequence[ValueDifference], more: int, answer: StepAnswer) -> str:
    """The first places. Their values stand in the record, where the name of each says whether it is a secret."""
    left = len(places) - _NAMED + more
    named = ", ".join(_cut(each.path, answer) for each in places[:_NAMED])
    return f"{named} and {left} more {'place' if left == 1 else 'places'}" if left > 0 else named


def _cut(text: str, answer: StepAnswer) -> str:
    start, more = answer.cut(text, 120)
    return f"{start}…" if more else start


def words(value: Any, answer: StepAnswer) -> str:
    """A value in a sentence."""
    return _cut(json_text(value, spaced=True), answer)


def short(value: Any, answer: StepAnswer) -> JsonValue:
    """A value for the record: long texts and large structures are cut, the whole is in the evidence."""
    text = value if isinstance(value, str) else json_text(value, spaced=True)
    start, more = answer.cut(text, _SHOWN)
    if not more:
        kept: JsonValue = value
        return kept
    return f"{start}… (+{more} characters)"
