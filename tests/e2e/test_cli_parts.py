"""Files that are only included may lie beside the scenarios: they are checked where they are included, and never run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.cli import smoke

LOGIN = """\
parameters: [password]
steps:
  - name: Sign in
    request: {url: /login, form: {email: "{{ email }}", password: "{{ password }}"}}
"""
NAMELESS = """\
steps:
  - name: Look
    request: "GET /{{ email }}"
"""
SCENARIO = """\
name: order
tags: [mine]
variables: {email: "{{ fake.email }}"}
steps:
  - include: {file: login.yaml, with: {password: tea}}
  - name: Round
    group: [{include: parts/look.yaml}]
  - include: look.yaml
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose scenario includes a marked file, a nameless one, and one of a folder of parts."""
    folder = tmp_path / "scenarios"
    (folder / "parts").mkdir(parents=True)
    (folder / "order.yaml").write_text(SCENARIO, encoding="utf-8")
    (folder / "login.yaml").write_text(LOGIN, encoding="utf-8")
    (folder / "look.yaml").write_text(NAMELESS, encoding="utf-8")
    (folder / "parts" / "look.yaml").write_text(NAMELESS.replace("Look", "Look twice"), "utf-8")
    return tmp_path


@pytest.mark.parametrize("words", [[], ["scenarios"], ["mine"], ["order"]])
def test_parts_are_checked_with_the_scenario_that_includes_them(
    project: Path, words: list[str]
) -> None:
    done = smoke(["check", *words], project)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "1 scenario with 3 steps: all right\n"


def test_a_mistake_in_a_part_is_told_at_its_place(project: Path) -> None:
    (project / "scenarios" / "look.yaml").write_text(NAMELESS.replace("email", "emial"), "utf-8")
    done = smoke(["check"], project)
    assert done.returncode == 2
    assert "scenarios/look.yaml:3:20" in done.stderr
    assert done.stderr.count("error[") == 1


def test_a_part_is_no_scenario_of_the_list(project: Path) -> None:
    listed = json.loads(smoke(["list", "--json"], project).stdout)
    assert [row["name"] for row in listed if not row["shipped"]] == ["order"]


def test_a_part_by_itself_is_one_mistake(project: Path) -> None:
    for arguments in (["check", "login"], ["run", "login", "--url", "http://127.0.0.1:9"]):
        done = smoke(arguments, project)
        assert done.returncode == 2
        assert "error[parameters-alone]" in done.stderr
        assert done.stderr.count("error[") == 1


def test_a_part_that_nobody_includes_is_told_since_nothing_checked_it(project: Path) -> None:
    text = SCENARIO.replace("  - include: {file: login.yaml, with: {password: tea}}\n", "")
    (project / "scenarios" / "order.yaml").write_text(text, encoding="utf-8")
    done = smoke(["check"], project)
    assert done.returncode == 0
    assert "warning[unused-part]" in done.stderr
    assert "scenarios/login.yaml" in done.stderr
    assert "look.yaml" not in done.stderr


def test_a_nameless_file_that_nobody_includes_is_a_scenario_without_a_name(project: Path) -> None:
    (project / "scenarios" / "order.yaml").unlink()
    done = smoke(["check"], project)
    assert done.returncode == 2
    assert "error[missing-key]" in done.stderr
    assert "scenarios/look.yaml:1:1" in done.stderr
    assert "keep it in scenarios/parts/, or write parameters: []" in done.stderr


def test_a_scenario_does_not_vanish_by_its_parameters(project: Path) -> None:
    """What no included file may have says that the file is meant to be run."""
    path = project / "scenarios" / "other.yaml"
    path.write_text(f"name: other\ntags: [mine]\n{LOGIN}", encoding="utf-8")
    for arguments in (["check"], ["check", "scenarios"], ["check", "mine"]):
        done = smoke(arguments, project)
        assert done.returncode == 2, arguments
        assert "error[parameters-alone]" in done.stderr


def test_only_parts_are_nothing_to_check(project: Path) -> None:
    (project / "scenarios" / "order.yaml").unlink()
    (project / "scenarios" / "look.yaml").unlink()
    done = smoke(["check"], project)
    assert done.returncode == 2
    assert "only files that are included" in done.stderr
