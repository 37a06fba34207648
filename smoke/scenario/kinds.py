"""What a step kind says of itself, and of one step of it. The rest of the program asks this, never a kind's name."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from smoke import plugins
from smoke.scenario.files import FileRefusedError, Files
from smoke.scenario.nodes import Pairs
from smoke.scenario.reading import Reader, value_span
from smoke.scenario.traits import Holds, Sends, Traits

Fault = tuple[tuple[str | int, ...], str, str]


class Kind(Struct, frozen=True):
    """What a module of the room may have beside what it needs; `smoke.steps.StepKind` says what each is."""

    perform: Any = None
    build: Any = None
    sends: Any = None
    captures: Any = None
    problems: Any = None
    files: Any = None
    beside: Any = None
    describe: Any = None
    HOLDS: Any = Holds.NOTHING
    SHORT_FORM: Any = False
    ASKS_DATABASE: Any = False
    TAKES_DEFAULTS: Any = False
    RECEIVES: Any = False
    takes_call: Any = None


@functools.cache  # asked for four times with each step; what raises is not kept
def holds(plugin: plugins.Plugin) -> Holds:
    """Whether the value of this kind is steps, and how they are carried out. Raises PluginError."""
    return plugins.guarded(plugin, lambda: Holds(plugin.parts(Kind).HOLDS), doing="cannot be used")


def has_short_form(plugin: plugins.Plugin) -> bool:
    """Whether a text in place of its mapping is a method and a URL (`GET /path`). Raises PluginError."""
    return plugin.parts(Kind).SHORT_FORM is True


def takes_defaults(plugin: plugins.Plugin) -> bool:
    """Whether the `defaults` of requests are put into its mapping. Raises PluginError."""
    return plugin.parts(Kind).TAKES_DEFAULTS is True


def traits(plugin: plugins.Plugin, spec: Any) -> Traits:
    """What a step of this kind does. Raises PluginError."""
    kind = plugin.parts(Kind)

    def told() -> Traits:
        names = tuple(str(name) for name in kind.captures(spec)) if kind.captures else ()
        sends = None
        if kind.build:
            sends = kind.sends(spec) if kind.sends else Sends()
            if not isinstance(sends, Sends):
                raise plugins.PluginError(
                    f"{plugin} failed: sends gave {type(sends).__name__}, not Sends"
                )
        receives = kind.RECEIVES is True
        takes_call = receives and (kind.takes_call is None or kind.takes_call(spec) is True)
        return Traits(
            sends=sends,
            asks=kind.ASKS_DATABASE is True,
            holds=holds(plugin),
            gives=names,
            receives=receives,
            takes_call=takes_call,
        )

    return plugins.guarded(plugin, told)


def problems(plugin: plugins.Plugin, spec: Any) -> list[Fault]:
    """What is wrong with a spec beyond its types. Raises PluginError."""
    function = plugin.parts(Kind).problems
    if function is None:
        return []

    def told() -> Iterator[Fault]:
        for path, code, message in function(spec):
            yield tuple(path), str(code), str(message)

    return plugins.guarded(plugin, lambda: list(told()))


def files(plugin: plugins.Plugin, spec: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """The files beside the scenario that a spec names: where, and which. Raises PluginError."""
    function = plugin.parts(Kind).files
    if function is None:
        return []
    return plugins.guarded(plugin, lambda: [(tuple(path), name) for path, name in function(spec)])


def bodies(
    plugin: plugins.Plugin, spec: Any, written: tuple[str, Pairs], among: Files, reader: Reader
) -> dict[str, bytes] | None:
    """The bytes of the files that a spec names; None after it was reported that one cannot be read.

    `written` is the kind's key and the step that it is in. Raises PluginError.
    """
    found: dict[str, bytes] = {}
    kind, node = written
    for path, name in files(plugin, spec):
        span = value_span(node, (kind, *path))  # relative to the file that it is written in
        try:
            found[name] = among.read_body(among.locate(name, span.source))
        except FileRefusedError as refused:
            reader.refused(refused, span)
            return None
    return found
