"""Opens included files: found below the scenario's folder, their parameters bound, cycles refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from smoke.diagnostic import SmokeError, Span
from smoke.scenario.defaults import DEFAULTS, defaults_of, inherited
from smoke.scenario.expectations import Expect
from smoke.scenario.files import FileRefusedError, Files, resolved
from smoke.scenario.model import INCLUDE, Include, Step
from smoke.scenario.naming import name_problem
from smoke.scenario.nodes import Items, Node, Pairs, Scalar, plain
from smoke.scenario.reading import Reader, key_span, value_span
from smoke.scenario.source import parse
from smoke.scenario.traits import Traits

MAX_INCLUDES = 50
KEYS = (INCLUDE, "name", "when", "repeat", "for_each", DEFAULTS)
"""The keys that an include takes."""
PART_KEYS = ("$schema", "name", "summary", "parameters", DEFAULTS, "steps")
"""The keys that an included file takes."""
_LET = "let"
"""The kind of the step that binds the parameters of an included file; no file can write it."""

_NEEDED: Any = object()


class IncludePlace(Struct):
    """Which file steps are read from, and which includes led there."""

    source: str
    chain: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    """Where each file of the chain, behind the first, is included."""
    names_from: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    included: bool = False
    names: dict[str, Span] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    """How often a file was included here without a name."""
    within: tuple[str, ...] = ()
    """The names of the groups and includes around."""
    depth: int = 0
    """How many groups are around."""
    defaults: Pairs | None = None
    """What the requests here have, unless they say otherwise."""


class IncludedFile(Struct, frozen=True):
    """An included file: the step that binds its parameters, its steps, and where they are read."""

    bind: Step
    steps: Node
    place: IncludePlace
    defaults: Pairs | None
    """The file's parameters as they are written, when they have defaults."""


class Includes:
    """Opens the files that one scenario includes."""

    def __init__(self, files: Files, reader: Reader) -> None:
        self._files = files
        self._reader = reader
        self._count = 0

    def open(self, item: Pairs, place: IncludePlace) -> IncludedFile | None:
        """The file that an `include` names, ready to be read; None after its faults were reported."""
        node = item.get(INCLUDE)
        assert node is not None
        for key, _ in item.pairs:
            if key.text not in KEYS:
                self._reader.error(
                    "unknown-key",
                    f"an include has no key '{key.text}'",
                    key.span,
                    notes=[f"keys: {', '.join(KEYS)}"],
                )
        if isinstance(node, Scalar) and isinstance(node.value, str):
            include = Include.model_validate({"file": node.value})
        else:
            read = self._reader.model(Include, node, "include")
            if read is None:
                return None
            include = read
        span = value_span(node, ["file"])
        self._count += 1
        if self._count > MAX_INCLUDES:
            self._reader.error("too-many-includes", f"more than {MAX_INCLUDES} includes", span)
            return None
        try:
            path = self._files.locate(include.file, place.source)
            here = str(path)
            if here in place.chain or self._is_top(here, place):
                self._cycle(here, span, place)
                return None
            document = parse(
                self._files.read_scenario(path),
                (Path(place.source).parent / include.file).as_posix(),
            )
        except FileRefusedError as refused:
            self._reader.refused(refused, span)
            return None
        except SmokeError as error:
            for diagnostic in error.diagnostics:
                self._reader.take(diagnostic)
            return None
        self._reader.know(document.root.span.source, document.lines, document.problems)
        if not isinstance(document.root, Pairs):
            self._reader.error(
                "not-a-scenario", "an included file is a mapping with steps", document.root.span
            )
            return None
        return self._included(
            document.root,
            include,
            item,
            node,
            # its name as it was written, not resolved: messages show it, and what it includes is looked up beside it
            replace(
                place,
                chain=(*place.chain, here),
                spans=(*place.spans, span),
                source=document.root.span.source,
            ),
        )

    def _cycle(self, path: str, span: Span, place: IncludePlace) -> None:
        """Report a file that includes itself, with the way that leads back to it."""
        begin = place.chain.index(path) if path in place.chain[1:] else 0
        steps = (*place.spans[begin:], span)
        way = [f"{each.source}:{each.line}:{each.column}" for each in steps]
        name = Path(path).name
        self._reader.error(
            "cyclic-include",
            f"'{name}' includes itself",
            span,
            notes=[f"the way: {' -> '.join(way)} -> {name}"] if len(way) > 1 else [],
        )

    @staticmethod
    def _is_top(path: str, place: IncludePlace) -> bool:
        return str(resolved(Path(place.chain[0]))) == path

    def _included(
        self, root: Pairs, include: Include, item: Pairs, node: Node, place: IncludePlace
    ) -> IncludedFile | None:
        """The step that binds the parameters, and the file's steps behind it."""
        for key, _ in root.pairs:
            if key.text not in PART_KEYS:
                self._reader.error(
                    "unknown-key",
                    f"an included file has no key '{key.text}'",
                    key.span,
                    notes=[f"keys: {', '.join(PART_KEYS)}"],
                )
        defaults = self._parameters(root)
        values = dict(defaults)
        for name, value in include.with_.items():
            if name not in defaults:
                self._reader.unknown(
                    "unknown-parameter",
                    f"'{include.file}' has no parameter '{name}'",
                    key_span(node, ["with", name]),
                    name,
                    defaults,
                    "parameters",
                )
            values[name] = value
        for name, given in values.items():
            if given is _NEEDED:
                self._reader.error(
                    "missing-parameter",
                    f"'{include.file}' needs the parameter '{name}'",
                    key_span(item, [INCLUDE]),
                )
                return None
        bind = self._bind(include, item, values, place)
        inner = replace(
            place,
            names_from=(*place.names_from, bind.id),
            parameters=(*place.parameters, *defaults),
            included=True,
            names={},
            files={},
            defaults=inherited(
                inherited(place.defaults, defaults_of(item, self._reader)),
                defaults_of(root, self._reader),
            ),
        )
        steps = root.get("steps")
        if steps is None:
            self._reader.error("no-steps", "the included file has no steps", root.span)
            return None
        parameters = root.get("parameters")
        return IncludedFile(
            bind, steps, inner, parameters if isinstance(parameters, Pairs) else None
        )

    def _bind(
        self, include: Include, item: Pairs, values: dict[str, Any], place: IncludePlace
    ) -> Step:
        """The step that gives the parameters their values."""
        bound = f"include:{self._count}"
        return Step(
            id=bound,
            name=f"include {include.file}",
            kind=_LET,
            spec={"key": bound, "values": values},
            span=item.span,
            expect=Expect.model_validate({}),
            names_from=place.names_from,
            traits=Traits(binds=True),
        )

    def _parameters(self, root: Pairs) -> dict[str, Any]:
        node = root.get("parameters")
        if node is None:
            return {}
        if isinstance(node, Items):
            names = [item for item in node.items if isinstance(item, Scalar)]
            if len(names) == len(node.items):
                self._check_names(names)
                return {name.text: _NEEDED for name in names}
        if isinstance(node, Pairs):
            self._check_names([key for key, _ in node.pairs])
            return {key.text: plain(value) for key, value in node.pairs}
        self._reader.error(
            "wrong-type", "parameters is a list of names, or names with defaults", node.span
        )
        return {}

    def _check_names(self, names: Sequence[Scalar]) -> None:
        for name in names:
            if problem := name_problem(name.text):
                self._reader.error("bad-name", problem, name.span)


def unnamed(source: str, files: dict[str, int]) -> str:
    """What an include without a name is called: as its file, with a number from the second one on."""
    file = Path(source).stem
    count = files[file] = files.get(file, 0) + 1
    return file if count == 1 else f"{file} {count}"
