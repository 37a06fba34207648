"""`needs`: scenarios that are carried out once in a run, for all that need them, such as a login."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from smoke.diagnostic import SmokeError, Span
from smoke.scenario.base import Field, Model
from smoke.scenario.files import FileRefusedError, Files
from smoke.scenario.model import NeededScenario, Scenario, captured, ordering
from smoke.scenario.nodes import Items, Node, Pairs, Scalar, is_null
from smoke.scenario.reading import Reader, key_span, value_span
from smoke.scenario.value_types import LoginStatuses

NEEDS = "needs"
MAX_NEEDS = 20


class NeedSpec(Model):
    """A scenario that is carried out once in a run; its captures and cookies are known here."""

    file: str = Field(
        min_length=1,
        description="Path relative to this file, below its folder",
        examples=["login.yaml"],
    )
    renew_on: LoginStatuses | None = Field(
        None,
        description="It is a login that can run out: carry it out again at these statuses, and send what they answered once more",
        examples=[401, [401, 419]],
    )


class NeedWay(Struct):
    """Which files led to the one that is read, itself last, and where each is needed; each file is loaded once."""

    chain: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    loaded: dict[str, NeededScenario] = field(default_factory=dict)


Load = Callable[[str, NeedWay], NeededScenario]
"""Loads a scenario file. Raises SmokeError."""


def needs_of(
    root: Pairs, files: Files, reader: Reader, way: NeedWay, load: Load
) -> tuple[NeededScenario, ...]:
    """The scenarios that a file needs. Faults are reported; a file that has some is left out."""
    node = root.get(NEEDS)
    if node is None or is_null(node):
        return ()
    items: Sequence[Node] = node.items if isinstance(node, Items) else (node,)
    if len(items) > MAX_NEEDS:
        reader.error("bad-value", f"needs: at most {MAX_NEEDS} files are expected", node.span)
        return ()
    found: dict[str, NeededScenario] = {}
    for item in items:
        read = _one(item, files, reader, way, load)
        if read is None:
            continue
        path, span, need = read
        if path in found:
            message = f"'{need.scenario.source}' is needed twice"
            reader.error("name-taken", message, span, notes=["what it gives is known once"])
            continue
        found[path] = need
    return tuple(found.values())


def _one(
    item: Node, files: Files, reader: Reader, way: NeedWay, load: Load
) -> tuple[str, Span, NeededScenario] | None:
    named = _named(item, reader)
    if named is None:
        return None
    name, span, renew_on = named
    source = item.span.source
    try:
        found = files.locate(name, source)
    except FileRefusedError as refused:
        reader.refused(refused, span)
        return None
    path = str(found)
    if path in way.chain:
        _cycle(path, found.name, span, way, reader)
        return None
    if path not in way.loaded:
        further = NeedWay((*way.chain, path), (*way.spans, span), way.loaded)
        try:
            way.loaded[path] = load(files.beside(name, source), further)
        except SmokeError as error:
            for diagnostic in error.diagnostics:
                reader.take(diagnostic)
            return None
    loaded = way.loaded[path]
    for step in ordering(loaded.scenario.steps):
        message = f"what is needed places no order, and '{step.name}' of '{name}' does"
        notes = ["an order belongs to the scenario that looks at it: place it there"]
        reader.error("needs-order", message, span, notes=notes)
        return None
    return path, span, replace(loaded, renew_on=renew_on)


def _named(item: Node, reader: Reader) -> tuple[str, Span, tuple[str, ...]] | None:
    """The file that is needed, where it is named, and the statuses that say that it ran out."""
    if isinstance(item, Scalar) and isinstance(item.value, str):
        return item.value, item.span, ()
    if isinstance(item, Pairs):
        spec = reader.model(NeedSpec, item, "need")
        if spec is not None:
            return spec.file, value_span(item, ["file"]), spec.renew_on or ()
        file = item.get("file")  # what it gives is known, whatever is wrong beside it
        known = isinstance(file, Scalar) and isinstance(file.value, str) and file.value
        return (known, value_span(item, ["file"]), ()) if known else None
    message = "needs: a file such as login.yaml is expected, or a list of such files"
    reader.error("wrong-type", message, item.span)
    return None


def _cycle(path: str, name: str, span: Span, way: NeedWay, reader: Reader) -> None:
    """Report a file that needs itself, with the way that leads back to it."""
    steps = (*way.spans[way.chain.index(path) :], span)
    told = [f"{each.source}:{each.line}:{each.column}" for each in steps]
    notes = [f"the way: {' -> '.join(told)} -> {name}"] if len(told) > 1 else []
    reader.error("cyclic-need", f"'{name}' needs itself", span, notes=notes)


def given_names(scenario: Scenario, root: Pairs, reader: Reader) -> tuple[str, ...]:
    """The names that the needed scenarios give. One that is given twice, or is a variable, is reported."""
    givers: dict[str, str] = {}
    for need in scenario.needs:
        for name in dict.fromkeys(captured(need.scenario.steps)):
            other = givers.get(name)
            if other is not None:
                message = f"'{need.scenario.name}' and '{other}' both give '{name}'"
            elif name in scenario.variables:
                message = f"'{need.scenario.name}' gives '{name}', and a variable is called so"
            else:
                givers[name] = need.scenario.name
                continue
            span = (
                key_span(root, [NEEDS])
                if other is not None
                else key_span(root, ["variables", name])
            )
            reader.error("name-taken", message, span, notes=["give one of them another name"])
    return tuple(givers)
