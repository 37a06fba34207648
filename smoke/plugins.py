"""Finds plugins (one module each; its file name is its name) and loads one by name.

A room is a package such as `smoke.report`. Its plugins are its modules whose names do not start with an
underscore, plus the entry points of the group `smoke.<plural>` that other distributions register.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest

ROOMS: dict[str, str] = {
    "dialects": "smoke.classify.dialects",
    "reporters": "smoke.report",
    "steps": "smoke.steps",
    "checks": "smoke.database.checks",
}
"""The kinds of plugin, and the package that holds the ones that ship."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """Where a plugin is found: `kind` is a key of ROOMS, `module` the dotted name to import."""

    kind: str
    name: str
    module: str

    def load(self) -> ModuleType:
        """The imported module. Raises whatever the import raises."""
        return importlib.import_module(self.module)

    def description(self) -> str:
        """The first line of the module's docstring, read without running the module."""
        spec = importlib.util.find_spec(self.module)
        if spec is None or spec.origin is None:
            return ""
        doc = ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8")))
        return (doc or "").partition("\n")[0]


def _own(kind: str) -> Iterator[Plugin]:
    room = importlib.import_module(ROOMS[kind])
    for module in pkgutil.iter_modules(room.__path__):
        if not module.name.startswith("_"):
            yield Plugin(kind, module.name.replace("_", "-"), f"{ROOMS[kind]}.{module.name}")


def _foreign(kind: str) -> Iterator[Plugin]:
    # importlib.metadata costs 20 ms: only commands that use plugins pay for it
    from importlib.metadata import entry_points

    for point in entry_points(group=f"smoke.{kind}"):
        yield Plugin(kind, point.name, point.value.partition(":")[0])


def find(kind: str, *, foreign: bool = True) -> dict[str, Plugin]:
    """All plugins of a kind by name, sorted. One that ships wins over a foreign one of the same name."""
    found = {plugin.name: plugin for plugin in _foreign(kind)} if foreign else {}
    found.update({plugin.name: plugin for plugin in _own(kind)})
    return dict(sorted(found.items()))


def load(kind: str, name: str) -> ModuleType:
    """The module of one plugin. Raises SmokeError (`unknown-plugin`) when there is none of that name."""
    own = {plugin.name: plugin for plugin in _own(kind)}
    plugin = own.get(name) or find(kind).get(name)
    if plugin is not None:
        return plugin.load()
    known = sorted(find(kind))
    raise SmokeError(
        [
            Diagnostic(
                "unknown-plugin",
                f"there is no {kind.removesuffix('s')} named '{name}'",
                suggestion=nearest(name, known),
                notes=(Note(f"{kind}: {', '.join(known)}"),),
            )
        ]
    )
