"""Every plugin of a room: those that ship, and the one of another package that the room's page of the manual shows."""

from __future__ import annotations

import types
from typing import Any

from msgspec import Struct

from smoke import plugins
from tests.support.documents import ROOT, blocks_of


class Tried(Struct, frozen=True):
    """A plugin as its room's tests take it. `ships` is false for one of another package."""

    module: Any
    description: str
    ships: bool


def every(room: str) -> dict[str, Tried]:
    """By name, sorted."""
    found = {
        name: Tried(plugin.load(), plugin.description(), ships=True)
        for name, plugin in plugins.find(room, third_party=False).items()
    }
    for block in blocks_of(ROOT / "docs" / "plugins" / f"{room}.md"):
        if block.title.endswith(".py") and not block.title.startswith("test_"):
            name = block.title.removesuffix(".py")
            module = types.ModuleType(name)
            code = compile(block.text, block.title, "exec", dont_inherit=True)
            exec(code, vars(module))
            doc = (module.__doc__ or "").partition("\n")[0]
            found[name.replace("_", "-")] = Tried(module, doc, ships=False)
    return dict(sorted(found.items()))
