"""What the documentation says holds: its scenarios load, its commands exist, its options are real."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from smoke.cli.main import COMMANDS
from smoke.scenario.load import load_scenario
from smoke.scenario.schema import json_schema
from smoke.scenario.source import parse, plain
from smoke.scenario.targets import TargetSpec, load_targets

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", README, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(body) for _, body in found]


def test_its_scenarios_load(tmp_path: Path) -> None:
    scenarios = [block for block in blocks("yaml") if re.search(r"^steps:", block, re.MULTILINE)]
    assert scenarios
    for number, block in enumerate(scenarios):
        path = tmp_path / f"{number}.yaml"
        path.write_text(block, encoding="utf-8")
        assert load_scenario(path).scenario.steps


def test_its_targets_load(tmp_path: Path) -> None:
    targets = [block for block in blocks("yaml") if block.startswith("targets:")]
    assert targets
    for block in targets:
        path = tmp_path / "targets.yaml"
        path.write_text(block, encoding="utf-8")
        assert load_targets(path)


def test_every_command_is_in_the_reference() -> None:
    for command in COMMANDS:
        assert f"`smoke {command}" in README, command


def test_every_option_of_a_run_that_it_names_exists() -> None:
    source = (ROOT / "smoke/cli/run.py").read_text(encoding="utf-8")
    options = set(re.findall(r"smoke run [^`\n]*?(--[a-z-]+)", README)) - {"--help"}
    for option in options:
        name = option.removeprefix("--").replace("-", "_")
        assert option in source or f"    {name}:" in source, option


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = next(block for block in blocks("sh") if "pytest" in block).strip()
    assert command in (ROOT / ".ci/run").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_scenario_that_ships_follows_the_published_schema(path: Path) -> None:
    document = plain(parse(path.read_bytes(), str(path)).root)
    errors = list(Draft202012Validator(json_schema()).iter_errors(document))
    assert errors == []


def _undescribed(schema: object, place: str) -> Iterator[str]:
    """The keys of a schema that say nothing of themselves."""
    if isinstance(schema, list):
        for item in schema:
            yield from _undescribed(item, place)
    elif isinstance(schema, dict):
        for name, part in schema.get("properties", {}).items():
            if "if" not in part and not _described(part):
                yield f"{place}.{name}"
        for name, part in schema.items():
            yield from _undescribed(part, f"{place}.{name}" if name not in _UNNAMED else place)


def _described(part: object) -> bool:
    if isinstance(part, dict):
        return bool(part.get("description")) or any(map(_described, part.get("anyOf", ())))
    return False


_UNNAMED = ("properties", "anyOf", "items", "additionalProperties")


@pytest.mark.parametrize("schema", [json_schema(), TargetSpec.model_json_schema()])
def test_every_key_of_a_file_says_what_it_is(schema: dict[str, object]) -> None:
    """Editors show it, and the reference is made of it."""
    assert list(_undescribed(schema, "")) == []
