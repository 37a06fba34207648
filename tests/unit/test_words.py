"""One word for one thing: a class has its name for itself, and words that were given up do not come back."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import smoke

SOURCE = Path(__file__).parents[2] / "smoke"
APART = ("database/migration/", "demo/shop/", "demo/")
"""Programs of their own: what a migration is read with, the shop that is tested (it has requests and customers too),
and what starts it. In each a name stands for one thing as well."""

SHARED = {"Spec": "what a plugin's module has to call it"}
"""Names of several classes, each with its reason."""

APART_FROM_PUBLIC = {
    "Finding": "database/migration/claims.py",
    "Judged": "database/migration/verdict.py",
}
"""Names of the library that stand for something else in a file. No more are to come."""

RETIRED = {
    "aim": "resolve_target",
    "aside": "savepoint, secondary, other_windows",
    "calm": "healthy",
    "foreign": "untrusted (values), third_party (plugins)",
    "told": "what it returns or holds: logged, enriched, says_more",
    "Try": "AttemptInput",
    "this": "given",
}
"""Words that nobody greps for, and what took their place. Locals may have them: they cross no border."""

pytestmark = pytest.mark.skipif(
    not (SOURCE / "__init__.py").is_file(), reason="the source is not beside the tests"
)


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def room_of(path: str) -> str:
    return next((room for room in APART if path.startswith(room)), "")


def test_a_class_has_its_name_for_itself() -> None:
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path, tree in modules():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[room_of(path), node.name].append(path)
    twice = {
        name: paths for (_, name), paths in places.items() if len(paths) > 1 and name not in SHARED
    }
    assert not twice, "say in the name of what it is"


def test_what_the_library_shows_stands_for_nothing_else() -> None:
    found = {
        node.name: path
        for path, tree in modules()
        if room_of(path)
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name in smoke.__all__
    }
    assert found.items() <= APART_FROM_PUBLIC.items()


def crossing(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """What others may use of a module: functions with their parameters, classes with their fields and methods."""
    bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
    for node in (node for body in bodies for node in body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.lineno, node.target.id
        elif isinstance(node, ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node.lineno, node.name
            given = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            yield from ((argument.lineno, argument.arg) for argument in given)


def test_retired_words_do_not_come_back() -> None:
    found = [
        f"{path}:{line} {name}: {RETIRED[name]}"
        for path, tree in modules()
        if room_of(path) != "database/migration/"
        for line, name in crossing(tree)
        if name in RETIRED
    ]
    assert not found, "\n".join(found)


def test_the_glossary_is_sorted_and_names_each_word_once() -> None:
    text = (SOURCE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| (.+?) \|", text.partition("## Words")[2], re.MULTILINE)[2:]
    assert len(words) > 15
    assert words == sorted(set(words))
