"""Paths that lead to one place are followed without the library, and come to the same."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonpath_rfc9535 import JSONPathEnvironment
from jsonpath_rfc9535.exceptions import JSONPathError

from smoke.scenario.jsonpath import check_path, find, steps_of, value_at

_NAMES = st.sampled_from(
    ["a", "b", "id", "äö", "a b", "", "*", "0", "-1", "a'b", 'a"b', "a\\b", "\u2028"]
)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_NAMES, inner, max_size=4)),
    max_leaves=12,
)  # fmt: skip
_STEPS = st.one_of(
    _NAMES.map(lambda name: f".{name}"),
    _NAMES.map(lambda name: f"['{name}']"),
    _NAMES.map(lambda name: f'["{name}"]'),
    st.integers(-4, 4).map(lambda index: f"[{index}]"),
    st.sampled_from(["[-0]", "[01]", "[ 0 ]", ".*", "..a", "[*]", "[?@.id]", "[0:1]", "[a]", ". a"]),
    st.text(alphabet=".[]'\"ab0-* \u00e4\ud7ff\ue000\x01", max_size=4),
)  # fmt: skip


@given(st.lists(_STEPS, max_size=4).map(lambda steps: "$" + "".join(steps)), _VALUES)
def test_it_agrees_with_the_library(path: str, value: Any) -> None:
    try:
        expected = [node.value for node in JSONPathEnvironment().compile(path).find(value)]
    except JSONPathError:
        assert check_path(path), path
        return
    assert check_path(path) == ""
    assert find(path, value) == expected


def test_a_plain_path_needs_no_library() -> None:
    code = (
        "import sys; from smoke.scenario.jsonpath import value_at;"
        "assert value_at(\"$.a['b'][0][-1]\", {'a': {'b': [[1, 2]]}}) == (True, 2);"
        "assert not {'jsonpath_rfc9535', 'regex'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", (True, {"a": [{"id": 1, "n": "x"}, {"id": 2, "n": "y"}], "e": []})),
        ("$.a[0].id", (True, 1)),
        ("$.a[9]", (False, None)),
        ("$.a.id", (False, None)),
        ("$.a[*].id", (True, [1, 2])),
        ("$.a[0:1].id", (True, [1])),
        ("$.a[?@.n=='y'].id", (True, 2)),
        ("$.a[?@.n!='z'].id", (True, [1, 2])),
        ("$.e[*]", (False, None)),
        ("$..n", (True, ["x", "y"])),
    ],
)
def test_one_value_or_the_list_of_them(path: str, expected: tuple[bool, Any]) -> None:
    value: Any = {"a": [{"id": 1, "n": "x"}, {"id": 2, "n": "y"}], "e": []}
    assert value_at(path, value) == expected


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("order.id", "$.order.id"),
        ("$.order-id", "$['order-id']"),
        ("$.x-a.b", "$['x-a'].b"),
        ("", "$"),
    ],
)
def test_a_wrong_path_says_what_to_write(path: str, hint: str) -> None:
    assert hint in check_path(path)


def test_a_path_nested_too_deep_is_wrong_not_a_crash() -> None:
    path = "$" + "[?" * 3000 + "@.a" + "]" * 3000
    assert steps_of(path) is None
    assert check_path(path)
