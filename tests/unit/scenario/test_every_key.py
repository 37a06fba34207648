"""Every key of the language in the wrong ways there are: told with file, line, column, what is expected and what was meant."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from smoke.diagnostic import Diagnostic, Level, SmokeError
from smoke.scenario.files import Files
from smoke.scenario.load import load_text
from smoke.scenario.matcher import MATCHERS
from tests.support import every_key
from tests.support.every_key import Key, Wrong

KEYS = every_key.every_key()
TAKES_ANYTHING = {
    "parameters", "steps/0/expect/text", "steps/0/expect/url", "steps/0/capture/x/default",
    "steps/0/places_order/id", "steps/0/receiver/answer/json", "steps/0/request/json",
    "steps/0/request/graphql/variables", "steps/0/webhook/event",
}  # fmt: skip
"""Keys behind which each type may stand: data of the shop's own, and matchers."""
NO_TEMPLATES = {"$schema", "summary", "passed", "fix"}
"""Texts in which braces are braces."""
_EXPECTED = re.compile(
    r"expected|it should|is written like|needs|takes|is a list|is an? |is one of|no (?:step|steps|file)\b|there is no|empty"
)


def told(wrong: Wrong, folder: Path) -> list[Diagnostic]:
    """What is said of the mistake, at its place."""
    path = folder / "a.yaml"
    try:
        found = load_text(wrong.text.encode(), str(path), Files(path)).warnings
    except SmokeError as refused:
        found = refused.diagnostics
    return [
        each
        for each in found
        if each.span is not None
        and each.span.source == str(path)
        and each.span.line == wrong.line
        and each.span.column in wrong.columns
    ]


def test_all_kinds_and_models_are_among_them() -> None:
    names = {str(key) for key in KEYS}
    assert len(names) == len(KEYS) > 190
    assert {
        "steps/0/request/basic/username", "steps/0/webhook/provider", "steps/0/expect/phases/tls",
        "needs/0/renew_on", "steps/0/check/rows/query", "defaults/retry/on", "steps/0/for_each/file",
    } <= names  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_a_misspelt_key_is_told_with_the_one_that_was_meant(key: Key, tmp_path: Path) -> None:
    (found,) = (each for each in told(every_key.misspelt(key), tmp_path) if each.suggestion)
    assert (found.code, found.suggestion, found.level) == ("unknown-key", key.name, Level.ERROR)
    assert any(key.name in note.message for note in found.notes)


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_a_value_of_another_type_is_told_with_what_is_expected(key: Key, tmp_path: Path) -> None:
    wrong = every_key.other_type(key)
    assert (wrong is None) == (str(key) in TAKES_ANYTHING)
    if wrong is not None:
        found = [each for each in told(wrong, tmp_path) if each.level is Level.ERROR]
        assert any(_EXPECTED.search(each.message) for each in found), found


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_a_value_that_is_not_one_of_its_own_is_told(key: Key, tmp_path: Path) -> None:
    wrong = every_key.other_value(key)
    if wrong is None:
        return  # each value of its type is one: a text, any object
    found = told(wrong, tmp_path)
    assert any(_EXPECTED.search(each.message) for each in found), found
    if wrong.meant:
        words = [f"{each.suggestion} {each.message}" for each in found]
        assert any(wrong.meant in word for word in words), found


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_a_template_that_names_nothing_is_told(key: Key, tmp_path: Path) -> None:
    wrong = every_key.unknown_name(key)
    if wrong is not None and str(key) not in NO_TEMPLATES:
        assert told(wrong, tmp_path)


OF_ANYTHING = {"any", "contains", "each", "equals", "not"}
"""Matchers that take a value of any type."""


@pytest.mark.parametrize("name", MATCHERS)
def test_a_matcher_in_the_wrong_ways_is_told(name: str, tmp_path: Path) -> None:
    def written(key: str, value: object) -> Wrong:
        head = "name: a\nsteps:\n- name: A\n  request: GET /\n  expect:\n    json:\n      $.a:\n"
        return Wrong(f"{head}        {key}: {json.dumps(value)}\n", 8, (9,))

    (misspelt,) = told(written(f"{name}{name[-1]}", 1), tmp_path)
    assert (misspelt.code, misspelt.suggestion) == ("maybe-matcher", name)
    found = [told(written(name, value), tmp_path) for value in (*every_key.OTHERS, None)]
    assert all(_EXPECTED.search(each.message) for some in found for each in some)
    assert all(each.level is Level.ERROR for some in found for each in some)
    assert any(found) != (name in OF_ANYTHING)
