"""Numbers keep their spelling, and are compared digit by digit."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from smoke.model.made_up import is_unique, sent_in
from smoke.model.numbers import WrittenNumber, exact, has_written, json_text, loads, same


@pytest.mark.parametrize(
    "text", ["1.10", "-0", "1e400", "1E2", "1.5", "10", "[1.10,2]", '{"a":1.0}']
)
def test_a_number_is_written_as_it_was_read(text: str) -> None:
    assert json_text(loads(text)) == text
    assert repr(pickle.loads(pickle.dumps(loads("1.10")))) == "1.10"


def test_what_json_cannot_say_is_refused_both_ways() -> None:
    for word in ("NaN", "Infinity", "-Infinity"):
        with pytest.raises(ValueError, match="is not JSON"):
            loads(word)
    with pytest.raises(ValueError, match="JSON"):
        json_text([float("nan"), WrittenNumber("1.10")])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, '{"a":[1.10,{}],"ä":[]}'),
        ({"spaced": True}, '{"a": [1.10, {}], "ä": []}'),
        ({"ascii_only": True}, '{"a":[1.10,{}],"\\u00e4":[]}'),
        ({"indent": 2}, '{\n  "a": [\n    1.10,\n    {}\n  ],\n  "ä": []\n}'),
    ],
)
def test_every_layout_keeps_the_spelling(options: dict[str, Any], text: str) -> None:
    assert json_text(loads('{"a":[1.10,{}],"ä":[]}'), **options) == text


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1.0, True),
        (1.10, 1.1, True),
        (1, True, False),
        (False, False, True),
        ("1", 1, False),
        ([1, 2], [1.0, 2], True),
        ([1], [1, 2], False),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, {"a": 2}, False),
        (WrittenNumber("0.30000000000000001"), 0.3, False),
        (float("inf"), float("inf"), True),
    ],
)
def test_same(left: Any, right: Any, equal: bool) -> None:
    assert same(left, right) is equal


def test_an_exponent_beyond_all_bounds_is_compared_as_a_float_is() -> None:
    assert exact(WrittenNumber("1e-99999999999999999999")) == 0


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (WrittenNumber("1.10"), True),
        ([1, {"a": (WrittenNumber("1.10"),)}], True),
        ([1.5, "1.10", {"a": None}], False),
    ],
)
def test_where_a_number_keeps_its_spelling_is_found(value: Any, found: bool) -> None:
    assert has_written(value) is found


def test_words_with_a_sent_value_are_found_as_they_stand() -> None:
    assert sent_in("order ORD47110-X!", ["47110", "ord47", "nowhere"]) == ("ORD47110",)
    assert sent_in("İ 47110", ["47110"]) == ("47110",)
    assert sent_in("nothing", ["47110"]) == ()


@pytest.mark.parametrize(
    ("kind", "value", "unique"),
    [("uuid", "x" * 32, True), ("hex", "x" * 11, False), ("name", "x" * 99, False)],
)
def test_a_value_is_one_runs_alone_from_a_length_on(kind: str, value: str, unique: bool) -> None:
    assert is_unique(kind, value) is unique
