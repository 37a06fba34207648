"""What is written as YAML is read as the same values: of every scenario that ships, and of any text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.recording.yaml_text import Said, dump
from smoke.scenario.nodes import plain
from smoke.scenario.source import parse

SCENARIOS = sorted((Path(__file__).parents[3] / "scenarios").glob("*.yaml"))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


def read(text: str) -> Any:
    return plain(parse(text.encode(), "x.yaml").root)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_that_ships_is_the_same_behind_it(path: Path) -> None:
    value = plain(parse(path.read_bytes(), path.name).root)
    assert isinstance(value, dict)
    assert read(dump(value)) == value


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4))
def test_any_value_is_the_same_behind_it(value: dict[str, Any]) -> None:
    assert read(dump(value)) == value


@given(TEXTS, TEXTS)
def test_a_comment_changes_nothing(text: str, comment: str) -> None:
    value = {
        "a": Said(text, comment),
        "b": [Said({"c": text}, comment)],
        "d": Said([text], comment),
    }
    assert read(dump(value)) == {"a": text, "b": [{"c": text}], "d": [text]}
