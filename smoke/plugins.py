"""Finds plugins (one module each; its file name is its name), loads one by name, and fences foreign code.

A room is a package such as `smoke.report`. Its plugins are its modules whose names do not start with an
underscore, plus the entry points of the group `smoke.<plural>.v1` that other distributions register.

Whatever is not ours is called through `guarded`: what it raises becomes a PluginError that names it.
"""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import convert

from smoke.diagnostic import Diagnostic, Level, Note, SmokeError, nearest
from smoke.text import safe_line, shorten

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")

ROOMS: dict[str, str] = {
    "dialects": "smoke.classify.dialects",
    "reporters": "smoke.report",
    "steps": "smoke.steps",
    "checks": "smoke.database.checks",
    "ci": "smoke.ci",
    "importers": "smoke.importers",
}
"""The kinds of plugin, and the package that holds the ones that ship."""

VERSION = "v1"
"""Of the contracts: the last part of the entry-point groups. A plugin for another version is not loaded."""

_WORDS = {
    "dialects": "dialect",
    "reporters": "reporter",
    "steps": "step kind",
    "checks": "check",
    "ci": "CI system",
    "importers": "importer",
}
_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}\Z")
_MOST_TEXT = 300


class PluginError(SmokeError):
    """Foreign code cannot be used, or failed when it was called. Its message names the plugin and the fault."""

    def __init__(self, message: str) -> None:
        super().__init__([Diagnostic("plugin-failed", message)])


def guarded(
    who: object,
    call: Callable[[], T],
    *,
    doing: str = "failed",
    lets: tuple[type[BaseException], ...] = (),
    quote: bool = True,
) -> T:
    """What foreign code returns. `who` is a Plugin, or words for what is called ("the listener").

    Raises PluginError for whatever it raises (SystemExit too), but KeyboardInterrupt and the types of `lets`. `quote`
    adds the exception's own text: only where it is masked afterwards, or where there are no secrets yet.
    """
    try:
        return call()
    except KeyboardInterrupt:
        raise
    except lets:
        raise
    except BaseException as fault:  # the fence: nothing foreign may end a run or hide what it found
        raise PluginError(f"{who} {doing}: {_told(fault, quote=quote)}") from fault


def _told(fault: BaseException, *, quote: bool) -> str:
    """An exception in one line: its type, its text, the last line of code that is in a file."""
    text = ""
    if quote:
        try:
            text = str(fault)
        except Exception as broken:  # noqa: BLE001  (its text is foreign code as well)
            text = f"(its text raises {type(broken).__name__})"
    place, trace = "", fault.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if not name.startswith("<") and name != __file__:
            place = f" ({Path(name).name}:{trace.tb_lineno})"
        trace = trace.tb_next
    said = f": {shorten(safe_line(text), _MOST_TEXT)}" if text else ""
    return f"{type(fault).__name__}{said}{safe_line(place)}"


@dataclass(frozen=True, slots=True)
class Plugin:
    """Where a plugin is found: `kind` is a key of ROOMS, `module` the dotted name to import.

    `attribute` is the object in that module, where it is not the module itself. `distribution` is the name and version
    of the package that brings it; empty for those that ship.
    """

    kind: str
    name: str
    module: str
    attribute: str = ""
    distribution: str = ""

    def __str__(self) -> str:
        of = f" of {self.distribution}" if self.distribution else ""
        return f"the {_WORDS[self.kind]} '{self.name}'{of}"

    def load(self) -> Any:
        """The imported module. Raises PluginError when it cannot be imported, or lacks what its room asks for."""
        return _loaded(self)

    def parts(self, of: type[T]) -> T:
        """What the module has of the fields of a Struct; what it has not is at its default. Raises PluginError."""
        kind: Any = of
        parts: T = _parts(self, kind)
        return parts

    def description(self) -> str:
        """The first line of the module's docstring, read without running the module. Raises PluginError."""

        def read() -> str:
            spec = importlib.util.find_spec(self.module)
            if spec is None:
                raise ModuleNotFoundError(f"No module named '{self.module}'")
            if spec.origin is None or not spec.origin.endswith(".py"):
                return ""
            doc = ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8")))
            return (doc or "").partition("\n")[0]

        return guarded(self, read, doing="could not be loaded")


@functools.cache  # asked for with each step; what raises is not kept
def _loaded(plugin: Plugin) -> Any:
    def imported() -> Any:
        found: Any = importlib.import_module(plugin.module)
        for part in plugin.attribute.split(".") if plugin.attribute else ():
            found = getattr(found, part)
        return found

    module = guarded(plugin, imported, doing="could not be loaded")
    if plugin.distribution:
        lacking = guarded(plugin, lambda: _lacking(plugin.kind, module), doing="cannot be used")
        if lacking:
            raise PluginError(f"{plugin} cannot be used: {lacking}")
    return module


@functools.cache  # like _loaded
def _parts(plugin: Plugin, of: type[Any]) -> Any:
    module = plugin.load()
    return guarded(
        plugin, lambda: convert(module, of, from_attributes=True), doing="cannot be used"
    )


def _texts(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and all(isinstance(item, str) for item in value)


def _codes(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and isinstance(code, str) and re.fullmatch("[0-9A-Z]{5}", code)
        for name, code in value.items()
    )


def _model(value: Any) -> bool:
    from pydantic import BaseModel

    if not (isinstance(value, type) and issubclass(value, BaseModel)):
        return False
    # raises for what no file could hold, before a scenario needs it
    return isinstance(value.model_json_schema(), dict)


_CONTRACTS: dict[str, dict[str, tuple[Callable[[Any], bool], str]]] = {
    "dialects": {
        "MARKS": (
            lambda value: _texts(value) and all(len(mark) > 2 for mark in value),
            "a tuple of texts of three characters or more",
        ),
        "SYMBOLS": (_codes, "a mapping of class names to SQLSTATEs"),
        "read": (callable, "a function of a view"),
    },
    "reporters": {
        "SUFFIX": (lambda value: isinstance(value, str), "a text such as '.json'"),
        "write": (callable, "a function of run, evidence and where to write"),
    },
    "steps": {
        "Spec": (_model, "a pydantic model"),
        "perform or build": (callable, "a function of spec and session, or of spec and making"),
    },
    "checks": {
        "Spec": (_model, "a pydantic model"),
        "run": (callable, "a function of spec and database"),
    },
    "ci": {
        "detect": (callable, "a function of the environment"),
        "finish": (callable, "a function of run and job"),
    },
    "importers": {
        "recognise": (callable, "a function of a file's first bytes"),
        "read": (callable, "a function of bytes and a name"),
    },
}
"""What each room asks of a module: `smoke.report.Reporter` and its like say it with types."""


def _lacking(kind: str, module: Any) -> str:
    """What a module has not got of what its room asks for; empty when all is there."""
    for name, (fits, what) in _CONTRACTS[kind].items():
        found = (getattr(module, either, None) for either in name.split(" or "))
        value = next((each for each in found if each is not None), None)
        if value is None:
            return f"it has no {name} ({what})"
        if not fits(value):
            return f"its {name} is not {what}"
    return ""


@dataclass(frozen=True, slots=True)
class Survey:
    """The plugins of a room by name, sorted, and in words those that are left out, by name."""

    plugins: dict[str, Plugin]
    left_out: dict[str, str]


def survey(kind: str, *, third_party: bool = True) -> Survey:
    """Which plugins of a kind there are. None is loaded.

    One that ships wins over a foreign one of the same name; of two foreign ones with one name neither is taken, since
    nobody could tell which was meant.
    """
    own = {plugin.name: plugin for plugin in _own(kind)}
    if not third_party:
        return Survey(dict(sorted(own.items())), {})
    found, left_out = _third_party(kind)
    for name in own.keys() & found.keys():
        left_out[name] = f"{found.pop(name)} is left out: smoke has one of that name"
    return Survey(dict(sorted({**found, **own}.items())), left_out)


def _own(kind: str) -> Iterator[Plugin]:
    room = importlib.import_module(ROOMS[kind])
    for module in pkgutil.iter_modules(room.__path__):
        if not module.name.startswith("_"):
            yield Plugin(kind, module.name.replace("_", "-"), f"{ROOMS[kind]}.{module.name}")


def _third_party(kind: str) -> tuple[dict[str, Plugin], dict[str, str]]:
    found: dict[str, Plugin] = {}
    left_out: dict[str, str] = {}
    points, broken = _entry_points(f"smoke.{kind}.{VERSION}")
    left_out.update(broken)
    for point in points:
        # a key of a file is written with underscores, an option with hyphens
        name = safe_line(point.name).replace("_", "-")
        module, _, attribute = point.value.partition(":")
        attribute = attribute.partition("[")[0].strip()
        plugin = Plugin(kind, name, module.strip(), attribute, _distribution(point))
        if not _NAME.match(name):
            left_out[name] = (
                f"{plugin} is left out: a name has lower-case letters, digits and hyphens"
            )
        elif name in left_out:
            left_out[name] += f"; and {plugin}"
        elif name not in found:
            found[name] = plugin
        elif (found[name].module, found[name].attribute) != (plugin.module, plugin.attribute):
            left_out[name] = (
                f"there are two of one name, and neither is used: {found.pop(name)} and {plugin}"
            )
    return found, left_out


def _entry_points(group: str) -> tuple[Sequence[EntryPoint], dict[str, str]]:
    """The entry points of a group, and what is wrong with packages whose own cannot be read."""
    # importlib.metadata costs 20 ms: only commands that use plugins pay for it
    from importlib.metadata import distributions, entry_points

    try:
        return tuple(entry_points(group=group)), {}
    except Exception:  # noqa: BLE001  (one damaged package hides those of all: they are read one by one)
        found: list[EntryPoint] = []
        broken: dict[str, str] = {}
    for distribution in distributions():

        def read(distribution: Any = distribution) -> list[EntryPoint]:
            return [point for point in distribution.entry_points if point.group == group]

        try:
            found += guarded("the package", read, doing="cannot be read")
        except PluginError as fault:
            where = getattr(distribution, "_path", None)
            name = safe_line(where.name if isinstance(where, Path) else "?")
            broken[name] = f"the entry points of {name} cannot be read: {fault}"
    return found, broken


def _distribution(point: EntryPoint) -> str:
    try:
        assert point.dist is not None
        return safe_line(f"{point.dist.name} {point.dist.version}")
    except Exception:  # noqa: BLE001  (metadata that is damaged: the package still has to be named)
        return f"the package of {safe_line(point.value)}"


def find(kind: str, *, third_party: bool = True) -> dict[str, Plugin]:
    """All plugins of a kind that can be asked for, by name, sorted."""
    return survey(kind, third_party=third_party).plugins


def faults(kind: str) -> list[str]:
    """What is wrong with the foreign plugins of a kind, in words: those left out, and those that do not load."""
    seen = survey(kind)
    found = list(seen.left_out.values())
    for plugin in seen.plugins.values():
        if plugin.distribution:
            try:
                plugin.load()
            except PluginError as fault:
                found.append(str(fault))
    return found


def warnings() -> list[Diagnostic]:
    """What is wrong with the foreign plugins of every room, as warnings; they are loaded for it."""
    found = [
        Diagnostic("plugin-failed", message, level=Level.WARNING)
        for kind in ROOMS
        for message in faults(kind)
    ]
    for group in _other_versions():
        message = f"no plugin of the group '{group}' is used: this smoke takes version {VERSION}"
        found.append(Diagnostic("plugin-failed", message, level=Level.WARNING))
    return found


def _other_versions() -> list[str]:
    """Groups that are registered for a contract that this smoke does not know."""
    from importlib.metadata import entry_points

    try:
        groups = entry_points().groups
    except Exception:  # noqa: BLE001  (a damaged package: it is named where the plugins are read)
        return []
    known = {f"smoke.{kind}.{VERSION}" for kind in ROOMS}
    rooms = re.compile(rf"smoke\.(?:{'|'.join(ROOMS)})(?:\.|\Z)")
    return sorted(safe_line(group) for group in groups if rooms.match(group) and group not in known)


def load(kind: str, name: str) -> Any:
    """The module of one plugin, whose type is the protocol of its room: this module knows no room.

    Raises SmokeError (`unknown-plugin`) when there is none of that name, PluginError.
    """
    return get(kind, name).load()


def get(kind: str, name: str) -> Plugin:
    """One plugin, not loaded. Raises as `load`."""
    own = {plugin.name: plugin for plugin in _own(kind)}
    if name in own:
        return own[name]
    seen = survey(kind)
    if name in seen.plugins:
        return seen.plugins[name]
    if name in seen.left_out:
        raise PluginError(seen.left_out[name])
    raise SmokeError(
        [
            Diagnostic(
                "unknown-plugin",
                f"there is no {_WORDS[kind]} named '{name}'",
                suggestion=nearest(name, seen.plugins),
                notes=(Note(f"{kind}: {', '.join(sorted(seen.plugins))}"),),
            )
        ]
    )
