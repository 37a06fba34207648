"""The doors for plugins, from their protocols: what a module provides, and which ones ship.

Each room has a page that is written by hand, `docs/plugins/ROOM.md`; what stands between its marks is written here.
"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any, Protocol

from reference.markdown import code, fence, sentence, table, unwrapped

from smoke import plugins

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "plugins"
BEGIN = "<!-- The contract: made by tools/generate_reference.py from the code; do not edit. -->\n"
END = "<!-- End of the contract. -->\n"


def door_pages() -> dict[str, str]:
    """The text of each room's page, by path below `docs`. Raises ValueError for one without marks."""
    made: dict[str, str] = {}
    for kind in plugins.ROOMS:
        path = FOLDER / f"{kind}.md"
        before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
        _, end, after = rest.partition(END)
        if not (begin and end):
            raise ValueError(f"{path} has no marks around its contract")
        made[f"plugins/{path.name}"] = f"{before}{BEGIN}\n{_room(kind)}\n{END}{after}"
    return made


def _room(kind: str) -> str:
    room = importlib.import_module(plugins.ROOMS[kind])
    contracts = list(_protocols(room) or _protocols(_above(room)))
    parts = [f"Entry points of the group {code(f'smoke.{kind}.{plugins.VERSION}')}.\n"]
    for contract in contracts:
        parts.append(f"{unwrapped(inspect.getdoc(contract) or '')}\n")
        parts.append(fence("text", _interface(contract)))
    shipped = plugins.find(kind, third_party=False).values()
    rows = ((code(plugin.name), sentence(plugin.description())) for plugin in shipped)
    parts.append(table(("ships with smoke", "what it is"), rows))
    return "\n".join(parts)


def _above(room: Any) -> Any:
    return importlib.import_module(room.__name__.rpartition(".")[0])


def _protocols(module: Any) -> list[type]:
    return [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and Protocol in value.__bases__
        and value.__module__ == module.__name__
    ]


def _interface(contract: type) -> str:
    """The members of a protocol, as they stand in the source."""
    source = inspect.getsource(contract)
    lines = source.splitlines()
    doc = inspect.getdoc(contract)
    body = [lines[0]]
    end = 1
    if doc:
        quotes = [number for number, line in enumerate(lines) if '"""' in line]
        end = quotes[0] + 1 if lines[quotes[0]].count('"""') == 2 else quotes[1] + 1
    body += [line.partition("  # noqa")[0] for line in lines[end:] if line.strip()]
    return "\n".join(body)
