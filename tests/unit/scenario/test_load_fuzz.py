"""Whatever the bytes of a file are: a scenario, or diagnostics with places that can be shown. Nothing else escapes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from smoke.cli.render import render_diagnostics
from smoke.diagnostic import SmokeError
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.defaults import Defaults
from smoke.scenario.expectations import Expect
from smoke.scenario.files import Files
from smoke.scenario.filters import FILTERS
from smoke.scenario.load import load_text
from smoke.scenario.matcher import MATCHERS
from smoke.scenario.model import Retry, ScenarioFile, StepKeys, Until
from smoke.scenario.reading import keys_of
from smoke.scenario.rows import RowFile
from smoke.steps.request import Spec

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = [path.read_bytes() for path in sorted((ROOT / "scenarios").glob("*.yaml"))]
WITH_FILES = ROOT / "scenarios" / "fuzzed.yaml"

_KEYS = sorted(
    {
        *keys_of(ScenarioFile), *keys_of(StepKeys), *keys_of(Expect), *keys_of(CaptureSpec), *keys_of(Spec),
        *keys_of(Retry), *keys_of(Until), *keys_of(Defaults), *keys_of(RowFile), *MATCHERS, "request", "pause", "together", "clear_cookies", "include",
        "value", "$.a", "$..b[?@.c]", "$.x-y", "h1", "h1[", "<<", "{{ a }}", "{{", "parameters", "with",
    }
)  # fmt: skip
_WORDS = st.one_of(
    st.sampled_from(
        [
            "x", "A", "", " ", "GET /", "post /a b", "/{{ a }}", "{{ fake.email }}", "{{ item.id | lower }}", "{{ a",
            "{{ secrets.K }}", "{{ env.X | default('y') }}", "{{ a | replace('b') }}", "10s", "2xx", "allowed", "*",
            "(", "$.a", "$", "$[", "@", "../x", "/etc/passwd", "first-order.yaml", "scenario.yaml", "\x00", "\ud7ff",
            "{{ fake.digits(0) }}", "{{ 'x' }}", "{{ loop.x }}", "true", "transport", "application/json",
        ]
    ),
    st.sampled_from(sorted(FILTERS)).map(lambda name: "{{ run.id | " + name + " }}"),
    st.text(max_size=6),
)  # fmt: skip
_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 700), st.integers(), st.floats(), _WORDS
)
_TREES: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4)
    ),
    max_leaves=14,
)
_STEPS = st.dictionaries(
    st.sampled_from(
        ["name", "request", "like", *keys_of(StepKeys), "pause", "together", "include"]
    ),
    _TREES,
    max_size=6,
).map(lambda step: {"name": "x", "request": "GET /", **step})


def load_or_tell(data: bytes) -> None:
    try:
        found = load_text(data, str(WITH_FILES), Files(WITH_FILES)).warnings
    except SmokeError as error:
        found = error.diagnostics
        assert found
    text = render_diagnostics(found, width=80, color=False, unicode=True)
    assert "\x1b" not in text
    for diagnostic in found:
        span = diagnostic.span
        assert span is not None
        assert span.line >= 1
        assert span.column >= 1
        assert (span.end_line, span.end_column) > (span.line, span.column)


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    load_or_tell(data)


@given(st.text(alphabet="-:?[]{}&*!|>'\"%@`# \n\tab0.~<\r\ufeff\u2028", max_size=80))
def test_any_yaml_marks(text: str) -> None:
    load_or_tell(text.encode())


@settings(max_examples=300)
@given(
    st.lists(st.one_of(_STEPS, _TREES), min_size=1, max_size=4),
    st.dictionaries(st.sampled_from(_KEYS), _TREES, max_size=3),
)
def test_any_tree_of_our_keys(steps: list[Any], head: dict[str, Any]) -> None:
    tree = {"name": "fuzz", "variables": {"a": 1}, "steps": steps, **head}
    load_or_tell(yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "replace"))


@settings(max_examples=150)
@given(st.sampled_from(SHIPPED), st.data())
def test_any_slip_in_what_ships(data: bytes, draw: st.DataObject) -> None:
    at = draw.draw(st.integers(0, len(data)))
    gone = draw.draw(st.integers(0, 12))
    there = draw.draw(st.one_of(st.binary(max_size=4), st.sampled_from(_KEYS).map(str.encode)))
    load_or_tell(data[:at] + there + data[at + gone :])


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b"name: " + b"{a: " * 100_000,
        b"- " * 100_000,
        b"? " * 100_000,
        b"&a " * 1000,
        b"a: &a [*a]\n",
        b"x" * (2 * 1024 * 1024),
        b"name: a\nsteps: &s [*s]\n",
        b"name: a\nsteps:\n" + b"  - {name: x, request: GET /, foo1: 1}\n" * 3000,
        b"name: a\nsteps:\n" + b"".join(b"  - {name: s%d, rquest%d: 1}\n" % (n, n) for n in range(3000)),
    ],
    ids=["sequences", "mappings", "dashes", "questions", "anchors", "self", "large", "cycle", "same", "unknown"],
)  # fmt: skip
def test_files_made_to_hurt_are_told_not_followed(data: bytes) -> None:
    load_or_tell(data)


def test_two_thousand_steps_are_read() -> None:
    steps = "".join(
        f'  - name: s{n}\n    request: {{url: /, json: {{a: "{{{{ fake.email }}}}"}}}}\n'
        f"    expect: {{status: 201, json: {{$.ok: true}}}}\n    capture: {{o{n}: $.order.id}}\n"
        for n in range(2000)
    )
    loaded = load_text(f"name: a\nsteps:\n{steps}".encode(), str(WITH_FILES), Files(WITH_FILES))
    assert len(loaded.scenario.steps) == 2000
