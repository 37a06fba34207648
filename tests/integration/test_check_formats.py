"""`smoke check --format`: the same mistakes for people, scripts, code scanning and a job of GitHub Actions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from smoke.cli.entry import main
from smoke.scenario.schema import json_schema
from tests.support.cli import REPOSITORY
from tests.support.documents import usage_problem

WRONG = """\
$schema: ../.smoke/scenario.schema.json
name: wrong
summary: "A, 100 %: \u202e"
steps:
  - name: The shop answers
    requst: GET /api/health
  - name: It says so
    request: GET /{{ nothing }}
"""
RIGHT = "$schema: x.json\nname: right\nsteps:\n  - name: The shop answers\n    request: GET /\n"
Check = Callable[..., tuple[int, str, str]]


@pytest.fixture
def check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Check:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()

    def run(text: str, *arguments: str) -> tuple[int, str, str]:
        (tmp_path / "scenarios" / "a.yaml").write_text(text, encoding="utf-8")
        monkeypatch.setattr("sys.argv", ["smoke", "check", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out = capfd.readouterr()
        return int(ended.value.code or 0), out.out, out.err

    return run


def test_json_has_every_mistake_with_its_place(check: Check) -> None:
    status, out, err = check(WRONG, "--format", "json")
    assert (status, err) == (2, "")
    told = json.loads(out)
    assert (told["schema"], told["ok"]) == (1, False)
    assert [
        (each["code"], each["level"], each["file"], each["line"], each["column"], each["end_column"], each["suggestion"])
        for each in told["diagnostics"]
    ] == [
        ("unknown-key", "error", "scenarios/a.yaml", 6, 5, 11, "request"),
        ("unknown-name", "error", "scenarios/a.yaml", 8, 19, 32, None),
    ]  # fmt: skip
    status, out, _ = check(RIGHT, "--format=json")
    assert status == 0
    assert json.loads(out) == {
        "schema": 1, "ok": True, "scenarios": 1, "steps": 1, "diagnostics": []
    }  # fmt: skip


def test_sarif_is_valid_and_stands_at_the_lines(check: Check) -> None:
    status, out, _ = check(WRONG, "--format", "sarif")
    assert status == 2
    Sarif.model_validate_json(out)
    results: list[dict[str, Any]] = json.loads(out)["runs"][0]["results"]
    assert [each["ruleId"] for each in results] == ["unknown-key", "unknown-name"]
    assert "did you mean 'request'?" in results[0]["message"]["text"]
    physical = results[0]["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "scenarios/a.yaml", "uriBaseId": "%SRCROOT%"}
    assert physical["region"] == {
        "startLine": 6, "startColumn": 5, "endLine": 6, "endColumn": 11
    }  # fmt: skip
    status, out, _ = check(RIGHT, "--format", "sarif")
    Sarif.model_validate_json(out)
    assert (status, json.loads(out)["runs"][0]["results"]) == (0, [])


def test_annotations_of_github_are_one_line_each(check: Check) -> None:
    status, out, err = check(WRONG, "--format", "github")
    assert (status, err) == (2, "")
    lines = out.splitlines()
    assert lines[0].startswith("::error file=scenarios/a.yaml,line=6,col=5,endColumn=11,title=")
    assert [line.partition(" ")[0] for line in lines] == ["::error"] * 2
    assert check(RIGHT, "--format", "github") == (0, "", "")


def test_an_unknown_format_is_told_with_the_nearest(check: Check) -> None:
    status, out, err = check(RIGHT, "--format", "jsn")
    assert (status, out) == (2, "")
    assert "did you mean" in err
    assert "json" in err


def test_schema_is_a_text_that_smoke_does_not_look_at(check: Check) -> None:
    assert check(RIGHT) == (0, "1 scenario with 1 step: all right\n", "")
    status, _, err = check(RIGHT.replace("x.json", "5"))
    assert status == 2
    assert "scenarios/a.yaml:1:10" in err
    status, _, err = check(RIGHT.replace("$schema", "$shema"))
    assert status == 2
    assert "did you mean '$schema'?" in err


def _untold(part: Any, path: str = "") -> list[str]:
    """Keys of which an editor has nothing to say."""
    if isinstance(part, list):
        return [each for item in part for each in _untold(item, path)]
    if not isinstance(part, dict):
        return []
    keys = part.get("properties", {})
    here = [f"{path}/{key}" for key, value in keys.items() if not value.get("description")]
    here += [each for key, value in keys.items() for each in _untold(value, f"{path}/{key}")]
    rest = {key: value for key, value in part.items() if key not in ("properties", "else")}
    return here + [each for key, value in rest.items() for each in _untold(value, f"{path}/{key}")]


def test_the_schema_says_what_each_key_is() -> None:
    assert _untold(json_schema()) == []


def test_the_hook_for_pre_commit_is_a_command_of_smoke() -> None:
    path = REPOSITORY / ".pre-commit-hooks.yaml"
    if not path.is_file():
        pytest.skip("the checkout is not beside the tests")
    (hook,) = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert hook["language"] == "python"
    program, *arguments = hook["entry"].split()
    assert (program, usage_problem(arguments)) == ("smoke", "")
