"""Every block of code in README and the manual is what it seems: it loads, its commands exist, its shell parses.

A block that cannot be checked has its reason before it, in the source: `<!-- not run: … -->`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support import fragments
from tests.support.documents import (
    PAGES,
    ROOT,
    Block,
    blocks,
    blocks_of,
    smoke_commands,
    typed,
    usage_problem,
)

CHECKED = {"yaml", "python", "console", "sh", "powershell"}
SHOWN = {"text", "sql", "json", "xml", "html", "http", "javascript", "toml", "mermaid"}
"""Languages of blocks that nothing is asked of."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_block_says_its_language(page: Path) -> None:
    for block in blocks_of(page):
        assert block.language in CHECKED | SHOWN, f"{block}: '{block.language}'"


def files_of(block: Block, folder: Path) -> None:
    """Put the files that the block's page shows under a name into a folder, and those that a scenario may name."""
    for other in blocks_of(block.page):
        if other.title:
            path = folder / other.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(other.text, encoding="utf-8")


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_yaml_is_a_scenario_or_a_piece_of_one(block: Block, tmp_path: Path) -> None:
    kind = fragments.kind_of(block.text)
    assert kind, f"{block}: neither a scenario, nor steps, nor targets, nor a workflow"
    files_of(block, tmp_path)
    if kind == "part":
        assert block.title, (
            f"{block}: a file that is included has a title, for the block that includes it"
        )
    elif kind == "workflow":
        for script in scripts(block):
            check_shell(script, str(block))
    elif kind == "hooks":
        for repository in yaml.safe_load(block.text)["repos"]:
            for hook in repository["hooks"]:
                check_shell(hook["entry"], str(block))
    else:
        found = fragments.problems(block.text, tmp_path)
        assert not found, f"{block}: {[f'{item.code}: {item.message}' for item in found]}"


def scripts(block: Block) -> Iterator[str]:
    """The scripts of a workflow's steps."""
    document = yaml.safe_load(block.text)
    for job in document["jobs"].values():
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step), f"{block}: {step}"
            if "run" in step:
                yield step["run"]


def check_shell(script: str, where: str) -> None:
    """A script parses, and every `smoke` in it is one that there is."""
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{where}: {done.stderr}"
    for line in script.replace("\\\n", " ").splitlines():
        for arguments in smoke_commands(line.partition(" # ")[0]):
            assert not usage_problem(arguments), f"{where}: {usage_problem(arguments)}"


@pytest.mark.parametrize("block", blocks("sh"), ids=str)
def test_shell_parses_and_its_commands_exist(block: Block) -> None:
    check_shell(block.text, str(block))


@pytest.mark.parametrize("block", blocks("powershell"), ids=str)
def test_commands_of_powershell_exist(block: Block) -> None:
    lines = [line.rpartition("| ")[2] for line in block.text.splitlines()]
    commands = [line for line in lines if line.startswith("smoke ")]
    assert commands or "Invoke-RestMethod" in block.text
    for line in commands:
        for arguments in smoke_commands(line):
            assert not usage_problem(arguments), f"{block}: {usage_problem(arguments)}"


@pytest.mark.parametrize("block", blocks("console"), ids=str)
def test_what_is_typed_exists(block: Block) -> None:
    lines = typed(block)
    for line in lines:
        check_shell(line, str(block))


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_compiles(block: Block) -> None:
    compile(block.text, str(block), "exec")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "first-order", "--url", "x"], ""),
        (["run", "first-order", "--ulr", "x"], "--ulr"),
        (["run", "--tag", "x"], ""),
        (["db", "constraint"], "no name"),
        (["rnu", "x"], "no command"),
        (["verify", "latest", "twice"], "too many"),
        (["orders", "--left"], ""),
        (["db", "applied", "f.sql"], ""),
    ],
)
def test_a_command_that_does_not_exist_is_found(arguments: list[str], told: str) -> None:
    problem = usage_problem(arguments)
    assert (told in problem) if told else problem == ""


def test_a_piece_with_a_mistake_is_found(tmp_path: Path) -> None:
    for text, code in (
        ("- {name: a, request: /x, expcet: {status: 1}}", "unknown-key"),
        ("expect: {json: {$.ok: {mathces: x}}}\nrequest: /x", "maybe-matcher"),
        ("name: x\nsteps: [{name: a, request: '/{{ b }}'}]", "unknown-name"),
        ("targets: {a: {ulr: x}}", "unknown-key"),
        ("teardown: [{name: a, removes_order: '{{ item.key }}', request: nothing}]", "bad-url"),
    ):
        assert code in [item.code for item in fragments.problems(text, tmp_path)], text
