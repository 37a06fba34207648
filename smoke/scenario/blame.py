"""Whose value it was that could not be used: the author's own, or one that came out of a response."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smoke.diagnostic import Span
from smoke.scenario.model import Step
from smoke.scenario.scope import Scope
from smoke.scenario.template import Expression, expressions


def written(template: Any) -> Iterator[Expression]:
    """The expressions in a template: a text, or a list or object of them."""
    if isinstance(template, str):
        yield from expressions(template)
    elif isinstance(template, list):
        for item in template:
            yield from written(item)
    elif isinstance(template, dict):
        for key, value in template.items():
            yield from written(key)
            yield from written(value)


def from_response(template: Any, scope: Scope) -> bool:
    """Whether a value from a response takes part in what a template gives."""
    return any(scope.is_untrusted(name) for each in written(template) for name in each.first_names)


def is_shops(template: Any, step: Step, scope: Scope) -> bool:
    """Whether what came of a template may be the shop's fault. Without a template, all of the step's take part."""
    if template is not None:
        return from_response(template, scope)
    return any(scope.is_untrusted(name) for name in step.uses)


def place_of(template: Any, step: Step) -> Span:
    """Where a template stands in the scenario; the step's own place where that is not known."""
    for each in written(template):
        if each.source in step.places:
            return step.places[each.source]
    return step.span


def located(message: str, template: Any, step: Step) -> str:
    """A message with `file:line:column` behind it."""
    span = place_of(template, step)
    return f"{message} ({span.source}:{span.line}:{span.column})"
