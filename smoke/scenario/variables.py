"""A scenario's variables: rendered once, in order, each seeing the ones before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from msgspec import Struct

from smoke.diagnostic import Span
from smoke.model.numbers import loads
from smoke.model.run import JsonValue
from smoke.scenario.model import Needed, Scenario
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import render


class AsWritten(Struct, frozen=True):
    """A value that is taken as it is: it has a type of its own, and no template in it is filled in."""

    value: JsonValue


Overrides: TypeAlias = Mapping[str, str | AsWritten]
"""What stands in place of variables' own values, by name; a text is of the command line and has no type."""


def with_variables(scope: Scope, scenario: Scenario, overrides: Overrides) -> Scope:
    """The scope with a scenario's variables. Raises TemplateError.

    A text given for a variable that holds a number, a boolean, a list or an object is read as JSON where it is JSON.
    One that nobody uses and that the environment does not give is left out.
    """
    overrides = _open(scenario, overrides)
    used = used_variables(scenario, overrides)
    for name, template in scenario.variables.items():
        needed = scenario.of_variables.get(name, Needed())
        given = overrides.get(name)
        if isinstance(given, AsWritten):
            value = given.value
        elif given is not None:
            value = _given(given, template, needed, scope)
        elif name not in used and _is_out_of_reach(needed, scenario, scope):
            continue
        else:
            value = render(template, scope)
        scope = scope.with_names({name: value})
    return scope


def used_variables(scenario: Scenario, overrides: Overrides) -> frozenset[str]:
    """The variables whose written value is used: by a step, or by one that is; what is overridden uses nothing."""
    overrides = _open(scenario, overrides)
    used: set[str] = set()
    met = [*scenario.of_steps.names]
    while met:
        name = met.pop()
        if name in scenario.of_variables and name not in used and name not in overrides:
            used.add(name)
            met += scenario.of_variables[name].names
    return frozenset(used)


def needed_environment(scenario: Scenario, overrides: Overrides) -> dict[str, Span]:
    """The variables of the environment without which a scenario cannot be run, and where each is named first."""
    found: dict[str, Span] = {}
    used = used_variables(scenario, overrides)
    for name, needed in scenario.of_variables.items():
        if name in used:
            found = {**needed.environment, **found}
    return {**scenario.of_steps.environment, **found}


def _open(scenario: Scenario, overrides: Overrides) -> Overrides:
    """Of what is given with --var, that of variables which the scenario that needs this one does not set itself."""
    return {name: text for name, text in overrides.items() if name not in scenario.given}


def _is_out_of_reach(needed: Needed, scenario: Scenario, scope: Scope) -> bool:
    """Whether the environment lacks what a variable needs, or one that it uses was left out for that."""
    left_out = (name in scenario.variables and not scope.has(name) for name in needed.names)
    return any(left_out) or not all(map(scope.in_environment, needed.environment))


def _given(text: str, template: Any, needed: Needed, scope: Scope) -> JsonValue:
    """A text in place of a variable's own value, whose type it has; what that would need is not demanded."""
    try:
        instead_of = render(template, scope)
    except TemplateError:
        names = {name: text for name in needed.names if not scope.has(name)}
        try:  # what it would have made of this text
            instead_of = render(
                template,
                scope.with_environment(dict.fromkeys(needed.environment, text)).with_names(names),
            )
        except TemplateError:
            return text
    if isinstance(instead_of, str) or instead_of is None:
        return text
    try:
        value: JsonValue = loads(text)
    except ValueError:
        return text
    return value
