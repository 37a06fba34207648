"""A scenario's variables: rendered once, in order, each seeing the ones before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smoke.model.numbers import loads
from smoke.model.run import JsonValue
from smoke.scenario.scope import Scope
from smoke.scenario.template import render


def with_variables(
    scope: Scope, variables: Mapping[str, Any], overrides: Mapping[str, str]
) -> Scope:
    """The scope with a scenario's variables. `overrides` (--var) are texts. Raises TemplateError.

    A text given for a variable that holds a number, a boolean, a list or an object is read as JSON where it is JSON.
    """
    for name, template in variables.items():
        value = render(template, scope)
        if name in overrides:
            value = _given(overrides[name], value)
        scope = scope.with_names({name: value})
    return scope


def _given(text: str, instead_of: JsonValue) -> JsonValue:
    if isinstance(instead_of, str) or instead_of is None:
        return text
    try:
        value: JsonValue = loads(text)
    except ValueError:
        return text
    return value
