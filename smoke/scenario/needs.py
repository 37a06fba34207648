"""`needs`: scenarios that are carried out once in a run, for all that need them, such as a login."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from smoke.diagnostic import SmokeError, Span
from smoke.scenario.base import Field, Model
from smoke.scenario.files import FileRefusedError, Files
from smoke.scenario.model import VARIABLE, NeededScenario, Scenario, captured, ordering
from smoke.scenario.names import check_values
from smoke.scenario.naming import name_problem
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
    with_: dict[str, Any] = Field(
        default_factory=dict,
        alias="with",
        description="Values of its variables; it is carried out once for each set of values",
        examples=[{"email": "ada@example.com", "password": "{{ secrets.ADA_PASSWORD }}"}],
    )
    customer: str | None = Field(
        None,
        pattern=f"^{VARIABLE}$",
        description="Whose cookies it gives; what it captures is known below this name, as {{ alice.token }}",
        examples=["alice"],
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
    root: Pairs, files: Files, reader: Reader, way: NeedWay, load: Load, secrets: Sequence[str]
) -> tuple[NeededScenario, ...]:
    """The scenarios that a file needs, which declares these secrets. Faults are reported; a file that has some is left out."""
    node = root.get(NEEDS)
    if node is None or is_null(node):
        return ()
    items: Sequence[Node] = node.items if isinstance(node, Items) else (node,)
    if len(items) > MAX_NEEDS:
        reader.error("bad-value", f"needs: at most {MAX_NEEDS} files are expected", node.span)
        return ()
    found: dict[tuple[str, str], NeededScenario] = {}
    for item in items:
        read = _one(item, files, reader, way, load, secrets)
        if read is None:
            continue
        path, span, need = read
        if (path, need.customer) in found:
            message = f"'{need.scenario.source}' is needed twice"
            notes = ["what it gives is known once; a customer has it for itself: `customer: alice`"]
            reader.error("name-taken", message, span, notes=notes)
            continue
        found[path, need.customer] = need
    return tuple(found.values())


def _one(
    item: Node,
    files: Files,
    reader: Reader,
    way: NeedWay,
    load: Load,
    secrets: Sequence[str],
) -> tuple[str, Span, NeededScenario] | None:
    named = _named(item, reader)
    if named is None:
        return None
    spec, span = named
    name = spec.file
    loaded = _loaded(name, item.span.source, span, files, reader, way, load)
    if loaded is None:
        return None
    path, need = loaded
    for step in ordering(need.scenario.steps):
        message = f"what is needed places no order, and '{step.name}' of '{name}' does"
        notes = ["an order belongs to the scenario that looks at it: place it there"]
        reader.error("needs-order", message, span, notes=notes)
        return None
    customer = spec.customer or ""
    if customer and (problem := name_problem(customer)):
        reader.error("bad-name", problem, value_span(item, ["customer"]))
    scenario = _with_values(need.scenario, spec.with_, customer, item, reader, secrets)
    renew_on = spec.renew_on or ()
    return path, span, replace(need, scenario=scenario, renew_on=renew_on, customer=customer)


def _loaded(
    name: str, source: str, span: Span, files: Files, reader: Reader, way: NeedWay, load: Load
) -> tuple[str, NeededScenario] | None:
    """The place of a file, and what is in it; None after its faults were reported."""
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
    return path, way.loaded[path]


def _with_values(
    scenario: Scenario,
    values: Mapping[str, Any],
    customer: str,
    item: Node,
    reader: Reader,
    secrets: Sequence[str],
) -> Scenario:
    """The scenario with these values of its variables, called after the customer. Faults are reported."""
    if customer:
        scenario = replace(scenario, name=f"{scenario.name} ({customer})")
    if not values:
        return scenario
    for name in values:
        if name not in scenario.variables:
            message = f"'{scenario.source}' has no variable '{name}'"
            span = key_span(item, ["with", name])
            reader.unknown("unknown-variable", message, span, name, scenario.variables, "variables")
    node = item.get("with") if isinstance(item, Pairs) else None
    seen = replace(scenario, secrets=(*scenario.secrets, *secrets))
    needed, named = check_values(seen, node, reader) if isinstance(node, Pairs) else ({}, {})
    return replace(
        scenario,
        given=values,
        variables={**scenario.variables, **values},
        of_variables={**scenario.of_variables, **needed},
        secrets=tuple(dict.fromkeys((*scenario.secrets, *named))),
        named={**named, **scenario.named},
    )


def _named(item: Node, reader: Reader) -> tuple[NeedSpec, Span] | None:
    """What is needed, and where its file is named."""
    if isinstance(item, Scalar) and isinstance(item.value, str):
        return NeedSpec.model_validate({"file": item.value}), item.span
    if isinstance(item, Pairs):
        spec = reader.model(NeedSpec, item, "need")
        if spec is not None:
            return spec, value_span(item, ["file"])
        file = item.get("file")  # what it gives is known, whatever is wrong beside it
        if isinstance(file, Scalar) and isinstance(file.value, str) and file.value:
            return NeedSpec.model_validate({"file": file.value}), file.span
        return None
    message = "needs: a file such as login.yaml is expected, or a list of such files"
    reader.error("wrong-type", message, item.span)
    return None


def _cycle(path: str, name: str, span: Span, way: NeedWay, reader: Reader) -> None:
    """Report a file that needs itself, with the way that leads back to it."""
    steps = (*way.spans[way.chain.index(path) :], span)
    told = [f"{each.source}:{each.line}:{each.column}" for each in steps]
    notes = [f"the way: {' -> '.join(told)} -> {name}"] if len(told) > 1 else []
    reader.error("cyclic-need", f"'{name}' needs itself", span, notes=notes)


def given_names(scenario: Scenario, root: Pairs, reader: Reader) -> dict[str, tuple[str, ...]]:
    """The names that the needed scenarios give, and those below each that is a customer's.

    One that is given twice, or is a variable, is reported.
    """
    givers: dict[str, str] = {}
    given: dict[str, tuple[str, ...]] = {}
    for need in scenario.needs:
        for name in need.gives:
            other = givers.get(name)
            if other is not None:
                message = f"'{need.scenario.name}' and '{other}' both give '{name}'"
            elif name in scenario.variables:
                message = f"'{need.scenario.name}' gives '{name}', and a variable is called so"
            else:
                givers[name] = need.scenario.name
                given[name] = tuple(captured(need.scenario.steps)) if need.customer else ()
                continue
            span = (
                key_span(root, [NEEDS])
                if other is not None
                else key_span(root, ["variables", name])
            )
            reader.error("name-taken", message, span, notes=["give one of them another name"])
    return given
