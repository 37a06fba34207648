"""What the documentation says holds beyond its blocks of code: commands, the screen that README is, links, descriptions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from smoke.app.target_spec import target_model
from smoke.cli.main import COMMANDS
from smoke.scenario.schema import json_schema
from smoke.scenario.source import parse, plain
from tests.support.command_tree import commands
from tests.support.documents import PAGES, ROOT, blocks_of

README = ROOT / "README.md"
REFERENCE = ROOT / "docs" / "reference" / "commands.md"
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"^ *```.*?^ *```|`[^`\n]+`", re.DOTALL | re.MULTILINE)


def test_readme_is_about_a_screen() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 160


def test_readme_has_the_two_commands() -> None:
    shell = [block.text.strip() for block in blocks_of(README) if block.language == "sh"]
    assert "python3 -m pip install '.[demo]' && python3 -m smoke demo" in shell
    (tests,) = (text for text in shell if "pytest" in text)
    assert tests in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_every_command_is_in_the_reference() -> None:
    told = REFERENCE.read_text(encoding="utf-8")
    assert set(COMMANDS) <= {words.split()[0] for words in commands()}
    for words in commands():
        assert f"\n## smoke {words}\n" in told, words


def test_every_page_has_its_place_in_the_navigation() -> None:
    project = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    listed = sorted(_pages(project["nav"]))
    pages = sorted(str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md"))
    assert listed == pages, "zensical.toml lists the pages of docs/"


def _pages(entry: object) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict):
        for part in entry.values():
            yield from _pages(part)
    elif isinstance(entry, list):
        for part in entry:
            yield from _pages(part)


def test_the_workflow_of_the_tutorial_is_the_one_to_copy() -> None:
    """But for the scenario's name, and the commits that its actions are pinned to."""
    tutorial = ROOT / "docs" / "tutorials" / "github-actions.md"
    shown = next(b.text for b in blocks_of(tutorial) if b.language == "yaml" and "jobs:" in b.text)
    copied = (ROOT / ".github/workflows/post-deploy-example.yml").read_text(encoding="utf-8")
    assert _steps(shown) == _steps(copied)


def _steps(text: str) -> list[tuple[object, ...]]:
    return [
        (
            step.get("name", ""),
            step.get("if", ""),
            re.sub(r"^(\./|OWNER/REPOSITORY/)", "", step.get("uses", "").partition("@")[0]),
            sorted({**step.get("with", {}), "scenarios": "", "secrets": ""}.items()),
            step.get("run", ""),
        )
        for step in yaml.safe_load(text)["jobs"]["smoke"]["steps"]
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_between_files_is_dead(page: Path) -> None:
    """As GitHub shows them; the manual's own build looks at anchors too."""
    for link in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))):
        address, _, anchor = link.partition("#")
        if re.match("[a-z]+:", link):
            continue
        target = (page.parent / address) if address else page
        assert target.is_file(), f"{page.name}: {link}"
        assert not anchor or anchor in _anchors(target), f"{page.name}: {link}"


def _anchors(page: Path) -> set[str]:
    """What headings are called in an address, by GitHub's rule."""
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    named = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return named | set(re.findall(r'<a id="([^"]+)"', text))


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


@pytest.mark.parametrize("schema", [json_schema(), target_model().model_json_schema()])
def test_every_key_of_a_file_says_what_it_is(schema: dict[str, object]) -> None:
    """Editors show it, and the reference is made of it."""
    assert list(_undescribed(schema, "")) == []
