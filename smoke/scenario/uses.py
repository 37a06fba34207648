"""Which names the templates in a piece of a scenario file use."""

from __future__ import annotations

from collections.abc import Collection

from smoke.scenario.nodes import Items, Node, Pairs, Scalar
from smoke.scenario.template import Expression, TemplateSyntaxError, expressions


def texts(node: Node) -> list[Scalar]:
    """The texts in a node that hold a template."""
    found: list[Scalar] = []
    _add_texts(node, found)
    return found


def _add_texts(node: Node, found: list[Scalar]) -> None:
    if isinstance(node, Scalar):
        if "{{" in node.text and isinstance(node.value, str):
            found.append(node)
    elif isinstance(node, Items):
        for item in node.items:
            _add_texts(item, found)
    else:
        for key, value in node.pairs:
            if "{{" in key.text:
                found.append(key)
            _add_texts(value, found)


def has_default(expression: Expression) -> bool:
    """Whether it gives a value also where its name is not known."""
    return any(call.name == "default" for call in expression.filters)


def readable(text: str) -> tuple[Expression, ...]:
    """The expressions in a text; none when it cannot be read, which the check of all templates tells with its place."""
    try:
        return tuple(expressions(text))
    except TemplateSyntaxError:
        return ()


def uses(step: Pairs, without: Collection[str]) -> dict[str, bool]:
    """The first names of all templates of a step, and whether one of them has no default. `without` are keys to pass."""
    found: dict[str, bool] = {}
    for key, value in step.pairs:
        if key.text in without:
            continue
        for scalar in texts(value):
            for expression in readable(scalar.text):
                own, *others = expression.first_names
                found[own] = found.get(own, False) or not has_default(expression)
                found.update(dict.fromkeys(others, True))
    return found
