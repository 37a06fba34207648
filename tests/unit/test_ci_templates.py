"""Workflows, actions and the templates for other CI systems: they are valid, what they name exists, and nothing foreign is in a script."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from smoke.action.inputs import COMMENT, Inputs
from tests.support.documents import ROOT, blocks_of, smoke_commands, usage_problem

ACTIONS = sorted((ROOT / ".github/actions").glob("*/action.yml"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
TEMPLATES = {
    block.title: block.text for block in blocks_of(ROOT / "docs/how-to/ci.md") if block.title
}
PAGE = (ROOT / "docs/how-to/github-action.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.skipif(not ACTIONS, reason="the checkout is not beside the tests")


def steps_of(path: Path) -> list[dict[str, Any]]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    jobs = document["jobs"].values() if "jobs" in document else [document["runs"]]
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.parametrize("path", [*ACTIONS, *WORKFLOWS], ids=lambda path: path.parent.name)
def test_no_script_is_made_of_what_somebody_else_wrote(path: Path) -> None:
    for step in steps_of(path):
        assert "${{" not in step.get("run", ""), step
        uses = step.get("uses", "./")
        assert uses.startswith("./") or re.search("@[0-9a-f]{40}$", uses), uses
        if uses.startswith("./.github/actions/"):
            action = yaml.safe_load((ROOT / uses / "action.yml").read_text(encoding="utf-8"))
            assert set(step.get("with", {})) <= set(action["inputs"]), step


def test_each_input_of_the_action_reaches_it_and_is_in_the_manual() -> None:
    action = yaml.safe_load((ROOT / ".github/actions/smoke/action.yml").read_text("utf-8"))
    (prepare,) = [s for s in action["runs"]["steps"] if s.get("id") == "prepare"]
    given = {name.removeprefix("INPUT_").lower() for name in prepare["env"]} - {"python"}
    assert set(Inputs.__struct_fields__) | {"token"} == given
    assert set(COMMENT) <= set(re.findall(r"\w+", action["inputs"]["comment"]["description"]))
    for name in [*action["inputs"], *action["outputs"]]:
        assert f"`{name}`" in PAGE, name


def scripts(value: Any) -> list[str]:
    """Every line of a script in a document of a CI system."""
    if isinstance(value, dict):
        found: list[str] = []
        for key, part in value.items():
            if key in ("script", "after_script", "command"):
                found += [part] if isinstance(part, str) else part
            else:
                found += scripts(part)
        return found
    return [line for part in value for line in scripts(part)] if isinstance(value, list) else []


def check(script: str) -> int:
    """A script of a template parses, and every smoke in it takes its arguments; how many there are."""
    script = script.replace("$$", "$")
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count = 0
    for line in script.splitlines():
        for arguments in smoke_commands(line.replace(".smoke-env/bin/", "").replace("exec ", "")):
            assert not usage_problem(arguments), f"{line}: {usage_problem(arguments)}"
            count += 1
    return count


@pytest.mark.parametrize("name", [".gitlab-ci.yml", "azure-pipelines.yml", ".buildkite/pipeline.yml"])  # fmt: skip
def test_templates_for_other_systems_are_valid_and_their_commands_exist(name: str) -> None:
    document = yaml.safe_load(TEMPLATES[name])
    counts = [check(script) for script in scripts(document)]
    assert sum(counts) >= 1
    assert any(
        "smoke run repeat-customer" in script.replace(".smoke-env/bin/", "")
        for script in scripts(document)
    )


def test_the_template_for_jenkins_is_balanced_and_its_commands_exist() -> None:
    text = TEMPLATES["Jenkinsfile"]
    assert text.count("{") == text.count("}")
    assert sum(check(script) for script in re.findall(r"sh '([^']*)'", text)) == 2
