"""The doors for plugins, from their protocols: what a module provides, and which ones ship."""

from __future__ import annotations

import importlib
import inspect
from typing import Any, Protocol

from reference.markdown import code, fence, page, sentence, table, unwrapped

from smoke import plugins

_INTRO = """\
Each room has a contract, a protocol in Python, and one file for each plugin. A distribution of your own registers a module as an
entry point of the room's group; the number in the group's name changes when the contract does. `smoke plugins` lists what is
there, and says what cannot be used, and why.

A name that ships cannot be replaced, and of two packages with one name neither is used. What a plugin raises, or returns of
a wrong type, is told with its name; the run goes on, orders are removed, and its end is not green (exit 3, unless it failed)."""


_TITLES = {"ci": "CI systems"}


def plugins_page() -> str:
    """docs/reference/plugins.md."""
    return page("Doors for plugins", _INTRO, (_room(kind) for kind in plugins.ROOMS))


def _room(kind: str) -> str:
    room = importlib.import_module(plugins.ROOMS[kind])
    contracts = list(_protocols(room) or _protocols(_above(room)))
    parts = [f"## {_TITLES.get(kind, kind.capitalize())}\n"]
    parts.append(f"Entry points of the group {code(f'smoke.{kind}.{plugins.VERSION}')}.\n")
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
