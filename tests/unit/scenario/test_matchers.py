"""Matchers: what holds, what does not, and that what cannot be compared never holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.model.numbers import same
from smoke.scenario.matcher import (
    MATCHERS,
    MISSING,
    of_text,
    type_names,
    unmet,
)
from smoke.scenario.matcher_rules import maybe_meant, problems

MET: list[tuple[Any, Any]] = [
    (1, 1),
    (1.0, 1),
    ("x", "x"),
    (None, None),
    ([1, {"a": None}], [1, {"a": None}]),
    ({"equals": {"exists": True}}, {"exists": True}),
    ({"not": 2}, 1),
    ({"not": {"starts_with": "ERR"}}, "ok"),
    ({"not": {"exists": True}}, MISSING),
    ({"exists": False}, MISSING),
    ({"exists": True}, None),
    ({"type": "integer"}, 3.0),
    ({"type": "null"}, None),
    ({"matches": "^ORD-[0-9]+$"}, "ORD-1"),
    ({"matches": "^12"}, 123),
    ({"contains": "a"}, "cat"),
    ({"contains": 7}, "it is 7"),
    ({"contains": 2}, [1, 2]),
    ({"contains": {"greater": 1}}, [0, 2]),
    ({"contains": "key"}, {"key": 1}),
    ({"contains": {"a": 1}}, {"a": 1, "b": 2}),
    ({"one_of": ["a", 2]}, 2),
    ({"greater": 0, "less": 2}, 1),
    ({"at_least": 1, "at_most": 1}, 1),
    ({"length": 2}, "ab"),
    ({"length": {"at_least": 1}}, [1]),
    ({"starts_with": "a", "ends_with": "c"}, "abc"),
    ({"empty": True}, []),
    ({"empty": False}, "x"),
    ({"equals": None}, None),
    ({"exists": True, "not": None}, 0),
    ({"each": {"greater": 0}}, [1, 2]),
    ({"each": 1}, [1, 1.0]),
    ({"any": {"greater": 1}}, [0, 2]),
    ({"any": None}, [1, None]),
    ({"not": {"any": 1}}, []),
    ({"has": {"a": 1}}, {"a": 1, "b": 2}),
    ({"has": {"a": {"b": {"greater": 1}}}}, {"a": {"b": 2, "c": 3}}),
    ({"has": {"a": {"equals": {"b": 2}}, "c": {"exists": False}}}, {"a": {"b": 2}}),
    ({"has": {"a": {}}}, {"a": {}}),
    ({"unordered": [1, "1", True, None, {"a": 1.0}, [1]]}, [[1], {"a": 1}, True, "1", None, 1.0]),
    ({"unordered": [{"greater": 0}, {"greater": 1}, 3]}, [3, 2, 1]),
    ({"unordered": [{"at_least": 1}, {"at_least": 2}, {"at_least": 3}]}, [3, 2, 1]),
    ({"within": {"of": 10, "by": 0.5}}, 10.5),
    ({"within": {"of": 10**30, "by": 0}}, 10**30),
    ({"after": "2026-11-29T03:10:00Z"}, "2026-11-29T04:10:01+01:00"),
    ({"before": "2026-11-29T03:10:00Z"}, "2026-11-29 04:09:59.999+01"),
    ({"after": "2026-11-29"}, "2026-11-30"),
    ({"after": "2026-11-29"}, "2026-11-30T00:00:00+14:00"),
    ({"before": "2026-12-01T00:00:00Z"}, "2026-11-30"),
    ({"after": "2026-11-29T03:10:00"}, "2026-11-29T03:10:00.001"),
    ({"after": "2026-11-29T03:10:00Z"}, "Sun, 29 Nov 2026 03:10:01 GMT"),
    ({"within": {"of": "2026-11-29T03:10:00Z", "by": "5m"}}, "2026-11-29T04:15:00+01:00"),
    ({"within": {"of": "2026-11-29T03:10:00Z", "by": "1 hour 30 minutes"}}, "2026-11-29T01:40:00Z"),
    ({"within": {"of": "2026-11-29T03:10:00Z", "by": 60}}, "Sun, 29 Nov 2026 03:09:00 GMT"),
    ({"within": {"of": "2026-11-29", "by": "3 days"}}, "2026-12-02"),
    ({"not": {"before": "2026-11-29"}}, "2026-11-29"),
]

UNMET: list[tuple[Any, Any]] = [
    (1, "1"),
    ("1", 1),
    (1, True),
    (0, False),
    (None, MISSING),
    (None, ""),
    ({"a": 1}, {"a": 1, "b": 2}),
    ([1, 2], [2, 1]),
    ({"not": 1}, 1.0),
    ({"not": 1}, MISSING),
    ({"not": {"equals": 1}}, MISSING),
    ({"not": {"exists": True}}, None),
    ({"exists": False}, None),
    ({"exists": True}, MISSING),
    ({"exists": False, "type": "object"}, MISSING),
    ({"type": "integer"}, True),
    ({"type": "number"}, "1"),
    ({"matches": "^a"}, "ba"),
    ({"contains": 2}, ["2"]),
    ({"contains": {"greater": 5}}, [1, 2]),
    ({"contains": {"a": 1}}, {"a": 2}),
    ({"one_of": [1]}, "1"),
    ({"greater": 1}, 1),
    ({"length": 2}, "abc"),
    ({"empty": True}, [0]),
    ({"equals": None}, MISSING),
    ({"equals": None}, ""),
    ({"exists": True, "not": None}, None),
    ({"each": {"greater": 0}}, [1, 0]),
    ({"any": {"greater": 1}}, [0, 1]),
    ({"any": 1}, []),
    ({"has": {"a": 1}}, {"b": 1}),
    ({"has": {"a": 1, "b": 2}}, {"a": 2, "b": 2}),
    ({"has": {"a": {"b": 1}}}, {"a": [1]}),
    ({"has": {"a": {}}}, {"a": {"b": 1}}),
    ({"unordered": [1, 1]}, [1]),
    ({"unordered": [1]}, [1, 1]),
    ({"unordered": [True]}, [1]),
    ({"unordered": [{"at_least": 1}, {"at_least": 1}, {"at_least": 1}]}, [1, 1, 0]),
    ({"unordered": [{"at_least": 2}, {"at_least": 2}]}, [2, 1]),
    ({"within": {"of": 10, "by": 0.5}}, 10.51),
    ({"within": {"of": 10**30, "by": 0}}, 10**30 + 1),
    ({"after": "2026-11-29T03:10:00Z"}, "2026-11-29T04:10:00+01:00"),
    ({"before": "2026-11-29T03:10:00Z"}, "2026-11-29T03:10:00Z"),
    ({"before": "2026-11-29T03:10:00+01:00"}, "2026-11-29T02:30:00Z"),
    ({"after": "2026-11-29"}, "2026-11-29T23:59:59Z"),
    ({"after": "2026-11-29T03:10:00Z"}, MISSING),
    ({"within": {"of": "2026-11-29T03:10:00Z", "by": "5m"}}, "2026-11-29T03:15:00.001Z"),
    ({"within": {"of": "2026-11-29", "by": "3 days"}}, "2026-12-03"),
]

UNFIT: list[tuple[Any, Any]] = [
    ({"exists": "false"}, 1),
    ({"exists": "true"}, 1),
    ({"exists": None}, 1),
    ({"empty": "false"}, "x"),
    ({"type": "text"}, "x"),
    ({"matches": "("}, "x"),
    ({"matches": ""}, "x"),
    ({"matches": "x"}, ["x"]),
    ({"contains": ""}, "x"),
    ({"contains": None}, "x"),
    ({"contains": "1"}, 1),
    ({"contains": {"greater": 1}}, ["2"]),
    ({"greater": 1}, "2"),
    ({"greater": "1"}, 2),
    ({"greater": 1}, True),
    ({"less": None}, 1),
    ({"length": 1}, 1),
    ({"length": {"greater": "0"}}, "ab"),
    ({"starts_with": ""}, "x"),
    ({"starts_with": "1"}, 12),
    ({"ends_with": 2}, "12"),
    ({"empty": True}, 0),
    ({"one_of": "abc"}, "a"),
    ({"each": 1}, []),
    ({"each": 1}, {"a": 1}),
    ({"each": {"greater": 1}}, [2, "x"]),
    ({"any": 1}, "1"),
    ({"any": {"greater": 1}}, [0, "x"]),
    ({"has": {"a": 1}}, [1]),
    ({"has": "a"}, {"a": 1}),
    ({"has": {"a": {"greater": 1}}}, {"a": "x"}),
    ({"unordered": [1]}, "1"),
    ({"unordered": "1"}, [1]),
    ({"unordered": [{"greater": 1}]}, ["x"]),
    ({"within": {"of": 1, "by": 1}}, "1"),
    ({"within": {"of": "1", "by": 1}}, 1),
    ({"within": 1}, 1),
    ({"within": {"of": float("inf"), "by": 1}}, float("inf")),
    ({"after": "2026-11-29T03:10:00Z"}, 1_800_000_000),
    ({"after": "2026-11-29T03:10:00Z"}, "soon"),
    ({"after": "2026-11-29T03:10:00Z"}, "2026-02-30T03:10:00Z"),
    ({"before": "2026-11-29T03:10:00Z"}, "2026-11-29T03:00:00"),
    ({"before": "2026-11-29T03:10:00"}, "2026-11-29T03:00:00Z"),
    ({"before": "tomorrow"}, "2026-11-29"),
    ({"before": 5}, "2026-11-29"),
    ({"within": {"of": "2026-11-29T03:10:00Z", "by": "1 day"}}, "2026-11-29"),
    ({"within": {"of": "2026-11-29T03:10:00Z", "by": "1 month"}}, "2026-11-29T03:10:00Z"),
    ({"within": {"of": "2026-11-29T03:10:00Z", "by": -1}}, "2026-11-29T03:10:00Z"),
    ({"within": {"of": "2026-11-29T03:10:00Z", "by": 1e300}}, "2026-11-29T03:10:00Z"),
    ({"within": {"of": "2026-11-29T03:10:00Z", "by": None}}, "2026-11-29T03:10:00Z"),
    ({"within": {"of": "2026-11-29T03:10:00Z", "by": "5m"}}, 5),
    ({"within": {"of": 5, "by": "5m"}}, 5),
]


@pytest.mark.parametrize(("spec", "actual"), MET, ids=repr)
def test_it_holds(spec: Any, actual: Any) -> None:
    assert unmet(spec, actual) is None


@pytest.mark.parametrize(("spec", "actual"), [*UNMET, *UNFIT], ids=repr)
def test_it_does_not_hold(spec: Any, actual: Any) -> None:
    assert unmet(spec, actual) is not None


@pytest.mark.parametrize(("spec", "actual"), UNFIT, ids=repr)
def test_what_cannot_be_compared_does_not_hold_the_other_way_round_either(
    spec: Any, actual: Any
) -> None:
    """A text is not "not greater than 5": it was never compared, and a pass would be a false green."""
    assert unmet({"not": spec}, actual) is not None
    assert unmet({"not": {"not": spec}}, actual) is not None
    missed = unmet(spec, actual)
    assert missed is not None
    assert missed.message


@pytest.mark.parametrize("pattern", ["(a|aa)+$", "(a|a?)+$"])
def test_a_pattern_that_takes_too_long_is_neither_met_nor_its_opposite(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smoke.scenario.patterns.TIMEOUT", 0.05)
    text = "a" * 5000 + "b"
    for spec in ({"matches": pattern}, {"not": {"matches": pattern}}):
        missed = unmet(spec, text)
        assert missed is not None
        assert "took more than" in missed.message


def test_a_list_of_many_is_paired_off_in_bounded_time() -> None:
    """Each place is asked for by a matcher that others would take as well."""
    wanted = {"unordered": [{"at_least": number} for number in range(100)]}
    assert unmet(wanted, list(range(100))) is None
    assert unmet(wanted, [0, *range(99)]) is not None
    assert unmet({"unordered": list(range(50_000))}, list(range(50_000, 0, -1))) is not None
    assert unmet({"unordered": [{"at_least": 0}] * 101}, [1] * 101) is not None


@pytest.mark.parametrize(
    ("spec", "actual", "told"),
    [
        ({"after": "2026-11-29T03:10:00Z"}, "2026-11-29T03:10:00Z", "it is the same moment"),
        ({"after": "2026-11-29"}, "2026-11-29T08:00:00Z", "it is the same day"),
        ({"after": "2026-11-29T03:10:00Z"}, "2026-11-27T00:00:00Z", "it is 2 days 3 hours earlier"),
        ({"before": "2026-11-29"}, "2029-11-29", "it is 1,096 days later"),
        ({"before": "2026-11-29T03:10:00Z"}, "2026-11-29T03:11:01.5Z", "it is 1 minute 1 second later"),
        (
            {"within": {"of": "2026-11-29T03:10:00Z", "by": "0s"}},
            "2026-11-29T03:09:59.5Z",
            "it is less than a second earlier",
        ),
        ({"before": "2026-11-29T03:10:00Z"}, "2026-11-29T03:00:00", "this has no distance from UTC (such as Z or +01:00), the other one has"),
    ],
)  # fmt: skip
def test_how_far_a_time_is_off_is_told(spec: Any, actual: str, told: str) -> None:
    missed = unmet(spec, actual)
    assert missed is not None
    assert missed.message == told


def test_a_type_that_only_reads_the_same_is_told() -> None:
    missed = unmet(1, "1")
    assert missed is not None
    assert missed.message == "expected a number, got a text that reads the same"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=3) | st.sampled_from(sorted(MATCHERS)), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(json_values)
def test_every_value_is_equal_to_itself(value: Any) -> None:
    assert same(value, value)
    assert unmet({"equals": value}, value) is None
    assert unmet({"not": {"equals": value}}, value) is not None


@given(json_values, json_values)
def test_whatever_is_asked_of_whatever_it_gives_a_verdict(spec: Any, actual: Any) -> None:
    """A matcher never raises, and no value is both so and not so."""
    met = unmet(spec, actual) is None
    opposite = unmet({"not": spec}, actual) is None
    assert not (met and opposite)


@pytest.mark.parametrize(
    ("spec", "path", "words"),
    [
        ({"equals": 1, "equasl": 1}, ("equasl",), "did you mean 'equals'?"),
        ({"equals": 1, "zzz": 1}, ("zzz",), "an object is compared with `equals`"),
        ({"type": "text"}, ("type",), "a type is one of"),
        ({"matches": 5}, ("matches",), "a regular expression is a text"),
        ({"matches": "("}, ("matches",), "expression"),
        ({"exists": "yes"}, ("exists",), "exists takes true or false"),
        ({"empty": 1}, ("empty",), "empty takes true or false"),
        ({"one_of": []}, ("one_of",), "a list with something in it"),
        ({"greater": True}, ("greater",), "greater takes a number"),
        ({"starts_with": 1}, ("starts_with",), "starts_with takes a text"),
        ({"contains": ""}, ("contains",), "every text would do"),
        ({"length": "x"}, ("length",), "length takes a number or a matcher"),
        ({"not": {"type": "text"}}, ("not", "type"), "a type is one of"),
        ({"each": {"type": "text"}}, ("each", "type"), "a type is one of"),
        ({"any": {"type": "text"}}, ("any", "type"), "a type is one of"),
        ({"has": {"a": {"b": {"type": "x"}}}}, ("has", "a", "b", "type"), "a type is one of"),
        ({"has": []}, ("has",), "an object with something in it"),
        ({"unordered": [1, {"type": "x"}]}, ("unordered", 1, "type"), "a type is one of"),
        ({"unordered": []}, ("unordered",), "a list with something in it"),
        ({"within": 5}, ("within",), "{of: a number or a time, by:"),
        (
            {"within": {"of": "{{ now }}", "by": "9999999 weeks " * 15}},
            ("within", "by"),
            "not so long",
        ),
        ({"within": {"of": 5}}, ("within",), "needs 'by'"),
        ({"within": {"of": "x", "by": 1}}, ("within", "of"), "a number as 'of', or a time"),
        ({"within": {"of": 1, "by": -1}}, ("within", "by"), "never below zero"),
        ({"within": {"of": 1, "by": 1, "off": 1}}, ("within", "off"), "did you mean 'of'?"),
        (
            {"within": {"of": 1, "by": "5m"}},
            ("within", "by"),
            "a number as 'by', where 'of' is one",
        ),
        (
            {"within": {"of": "{{ now }}", "by": "5 minuts"}},
            ("within", "by"),
            "did you mean '5 minutes'?",
        ),
        ({"within": {"of": "{{ now }}", "by": "2 months"}}, ("within", "by"), "write days"),
        ({"after": "tomorrow"}, ("after",), "takes a date or a time such as 2026-11-29"),
        ({"before": 1800000000}, ("before",), "takes a date or a time such as 2026-11-29"),
        ({"before": "2026-02-30"}, ("before",), "a date or a time that there is"),
        ({"befor": 1, "after": "2026-11-29"}, ("befor",), "did you mean 'before'?"),
    ],
)
def test_a_matcher_that_is_written_wrong_is_told(
    spec: Any, path: tuple[str, ...], words: str
) -> None:
    (found,) = problems(spec)
    assert found[0] == path
    assert words in found[1]


@pytest.mark.parametrize(
    "spec",
    [
        1,
        {"a": 1},
        {"equals": 1},
        {"greater": "{{ x }}"},
        {"matches": "{{ x }}"},
        {"matches": "{{ x"},
        {"within": {"of": "{{ x }}", "by": 1}},
        {"within": {"of": "2026-11-29", "by": "3 days"}},
        {"has": {"a": 1, "b": {"greater": 1}, "c": {"d": 2}}},
    ],
)
def test_a_matcher_that_may_be_right_is_not_doubted(spec: Any) -> None:
    assert list(problems(spec)) == []


@pytest.mark.parametrize(
    ("spec", "meant"),
    [
        ({"equasl": 1}, ("equasl", "equals")),
        ({"equasl": 1, "price": 2}, None),
        ({}, None),
        ({"equals": 1}, None),
        ("x", None),
    ],
)
def test_a_key_that_is_nearly_a_matcher_is_noticed(
    spec: Any, meant: tuple[str, str] | None
) -> None:
    assert maybe_meant(spec) == meant


@pytest.mark.parametrize(
    ("spec", "made"),
    [
        (5, "5"),
        ("x", "x"),
        (True, True),
        ({"equals": 5}, {"equals": "5"}),
        ({"not": {"equals": 5}}, {"not": {"equals": "5"}}),
        ({"one_of": [5, "a"]}, {"one_of": ["5", "a"]}),
        ({"greater": 5}, {"greater": 5}),
    ],
)
def test_a_number_for_a_text_means_its_spelling(spec: Any, made: Any) -> None:
    assert of_text(spec) == made


def test_types_and_nothing_by_their_names() -> None:
    values: list[Any] = [None, True, 1, 1.0, 1.5, "x", [], {}]
    assert [type_names(value)[0] for value in values] == [
        *("null", "boolean", "integer", "integer", "number", "string", "array", "object")
    ]
    assert repr(MISSING) == "nothing"
