"""What no linter holds: modules of a size to be read in one go, plugins that stand alone, and what is private."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "smoke"
MOST_LINES = 400
TABLES = {"classify/messages/_table.py", "classify/sqlstate.py"}
"""Modules that are one table: they are looked up, not read."""

LONG_FUNCTION = 40
MOST_LONG_FUNCTIONS = 57
"""How many there are. It only goes down: lower it when you split one."""

HELPERS = ("smoke.steps._guarded", "smoke.steps._session", "smoke.steps._url.BuildError")
"""Files between plugins that are none, and so must begin with an underscore, but which others may know."""

ROOMS = ("ci", "classify/dialects", "database/checks", "importers", "report", "steps")
"""Those of plugins, one file each."""

pytestmark = pytest.mark.skipif(
    not (SOURCE / "__init__.py").is_file(), reason="the source is not beside the tests"
)


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, and `module.name` of each name, which may be a module as well."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_a_module_is_read_in_one_go() -> None:
    lines = {
        str(path.relative_to(SOURCE)): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources()
    }
    long = {name for name, count in lines.items() if count > MOST_LINES}
    assert long - TABLES == set(), f"more than {MOST_LINES} lines: split them where they fold"
    assert long == TABLES, "these are short enough now: take them out of TABLES"


def test_long_functions_become_fewer() -> None:
    long = sorted(
        f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}"
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONG_FUNCTION
    )
    assert len(long) <= MOST_LONG_FUNCTIONS, "\n".join(long)


@pytest.mark.parametrize("room", ROOMS)
def test_plugins_of_a_room_know_nothing_of_each_other(room: str) -> None:
    files = [path for path in (SOURCE / room).glob("*.py") if not path.stem.startswith("_")]
    modules = {dotted(path) for path in files}
    assert modules
    found = [
        f"{dotted(path)} imports {other}"
        for path in files
        for name in imported(path)
        for other in modules - {dotted(path)}
        if name == other or name.startswith(f"{other}.")
    ]
    assert not found


def test_an_underscore_means_private_to_the_room() -> None:
    found = []
    for path in sources():
        module = dotted(path)
        for name in imported(path):
            if not name.startswith("smoke.") or name.startswith(HELPERS):
                continue
            parts = name.split(".")
            for at, part in enumerate(parts):
                room = ".".join(parts[:at])
                if part.startswith("_") and not part.startswith("__"):
                    if module != room and not module.startswith(f"{room}."):
                        found.append(f"{module} imports {name}")
                    break
    assert not found
