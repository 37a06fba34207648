"""Every code of a diagnostic that the source can raise has a page, and every page belongs to such a code."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import smoke
from smoke.explain import explain
from smoke.model import finding

SOURCE = Path(smoke.__file__).parent
PAGES = SOURCE / "explain" / "pages"
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FIRST = {"Diagnostic", "of", "error", "unknown", "FileRefusedError", "ValueRefusedError"}
_SECOND = {"_refuse"}
_LAST = {"_unknown"}


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and isinstance(getattr(finding, node.id, None), str):
        yield getattr(finding, node.id)  # a code that several modules share has its name there
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def _named(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if node.args and name in _FIRST:
                yield from _texts(node.args[0])
            elif len(node.args) > 1 and name in _SECOND:
                yield from _texts(node.args[1])
            elif node.args and name in _LAST:
                yield from _texts(node.args[-1])
            elif name == "Finding":  # a run prints `smoke explain CODE` for it
                for keyword in node.keywords:
                    if keyword.arg == "code":
                        yield from _texts(keyword.value)
        elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            if len(node.value.elts) == 3:  # rules: path, code, message
                yield from _texts(node.value.elts[1])
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            names = [getattr(target, "id", "") for target in node.targets[0].elts]
            if names[0] == "code" and isinstance(node.value, ast.Tuple):
                yield from _texts(node.value.elts[0])


@functools.cache  # two seconds, which a worker that only collects need not spend
def codes_of_source() -> frozenset[str]:
    found = {
        text
        for path in SOURCE.rglob("*.py")
        for text in _named(ast.parse(path.read_text(encoding="utf-8")))
    }
    return frozenset(text for text in found if _CODE.fullmatch(text) and len(text) > 5)


def test_the_codes_are_found() -> None:
    codes = codes_of_source()
    assert {"unknown-key", "bad-url", "retry-order", "unknown-filter", "bad-call"} <= codes
    assert {"error-hidden", "auth-wall", "not-postgres"} <= codes
    assert {"disk-full", "no-dsn", "yaml-tab", "file-outside", "store-not-writable"} <= codes


def test_each_has_a_page_that_says_what_to_do() -> None:
    for code in sorted(codes_of_source()):
        page = explain(code)
        assert page is not None, f"smoke/explain/pages/{code}.md is missing"
        assert page.code == code
        assert page.title.startswith(f"{code}: "), code
        assert len(page.section("What it means")) > 40, code
        assert len(page.section("What to do")) > 20, code


def test_no_page_outlives_its_code() -> None:
    assert {path.stem for path in PAGES.glob("[a-z]*.md")} <= codes_of_source()
