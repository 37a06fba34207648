"""What is read without pydantic is what pydantic reads: the same models of the same values, and the same refusals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from smoke.model.numbers import fraction
from smoke.scenario import capture_spec
from smoke.scenario import model as scenario_model
from smoke.scenario.base import _UNSURE, Model
from smoke.steps import _body, request
from tests.support.cli import environment

MODELS = [
    kind
    for module in (scenario_model, capture_spec, request, _body)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Model) and kind is not Model
]
VALUES: list[Any] = [
    None, True, False, 0, 1, 3, 10, 11, 200, 10_000, 10_001, -1, 0.5, fraction("1.50"), float("nan"), "", "a", "a\n",
    "GET /x", "POST", "P0ST", "first-order", "first-order\n", "First", "x" * 100, "x" * 101, "x" * 501, "none", "allowed",
    "$.order.id", "500ms", "5 s", "5 years", "2xx", "transport", 404, [], ["a"], ["a", 1], ("a", "b"), [200, "5xx"],
    [True], ["transport", 503], {}, {"a": 1}, {1: "a"}, {"json": "$.x"}, {"attempts": 2, "on": "5xx"}, {"status": 201},
    {"username": "a", "password": "b"}, {"query": "{ a }"}, {"query": ""}, {"file": "a.yaml", "with": {}}, {"wait": "1s"},
    {"deadline": 5, "every": "1s"}, {"id": "$.id", "remove": None}, {"unknown": 1}, b"bytes", "ünïcödé" * 14, "\ud83d",
]  # fmt: skip
NEEDED: dict[str, Any] = {"url": "/x", "username": "a", "password": "b", "query": "q", "file": "f"}


def plain(value: Any) -> Any:
    """A model as what it holds, down to its parts; NaN is not even itself."""
    if isinstance(value, (Model, BaseModel)):
        fields = type(value).model_fields
        held = {name: plain(getattr(value, name)) for name in fields}
        return type(value).__name__, held, set(value.model_fields_set)
    return type(value), repr(value)


def by_pydantic(kind: type[Model], value: Any) -> Any:
    try:
        return plain(kind.twin().model_validate(value))
    except ValidationError:
        return None


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_both_read_the_same(kind: type[Model]) -> None:
    read = 0
    for name, field in kind.model_fields.items():
        for value in VALUES:
            needed = {key: NEEDED[key] for key in NEEDED if key in kind.model_fields}
            for written in ({**needed, field.alias or name: value}, {field.alias or name: value}):
                made = kind._read(written)
                if made is not _UNSURE:
                    assert plain(made) == by_pydantic(kind, written), (name, value)
                    read += 1
    assert read > len(kind.model_fields)
    assert all(kind._read(value) is _UNSURE for value in VALUES if not isinstance(value, dict))


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_what_is_refused_is_refused_by_both(kind: type[Model]) -> None:
    for name, field in kind.model_fields.items():
        for value in VALUES:
            written = {field.alias or name: value}
            try:
                made = plain(kind.model_validate(written))
            except ValidationError:
                made = None
            assert made == by_pydantic(kind, written), (name, value)


def test_a_model_does_not_change_but_in_a_copy() -> None:
    rule = capture_spec.CaptureSpec.model_validate({"json": "$.x"})
    with pytest.raises(AttributeError):
        rule.optional = True  # type: ignore[misc]  # that is what is refused
    other = rule.model_copy(update={"optional": True})
    assert (rule.optional, other.optional, other.json_) == (False, True, "$.x")
    assert rule == capture_spec.CaptureSpec.model_validate({"json": "$.x"}) != other


def test_a_scenario_without_mistakes_loads_no_pydantic(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nimport smoke.app.running\nfrom smoke.app.catalog import shipped_folder\n"
        "from smoke.scenario.load import load_scenario\n"
        "[load_scenario(shipped_folder() / name) for name in ('first-order.yaml', 'repeat-customer.yaml', 'declined-card.yaml')]\n"
        "loaded = {'pydantic', 'jsonschema', 'elementpath', 'xml.parsers.expat'} & sys.modules.keys()\n"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
