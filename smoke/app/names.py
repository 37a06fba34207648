"""A scenario's variables in its scope; one that cannot be made is told before anything is sent."""

from __future__ import annotations

from smoke.diagnostic import SmokeError, Span
from smoke.scenario.blame import written
from smoke.scenario.model import Scenario
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.variables import Overrides, with_variables


def with_scenario(scope: Scope, scenario: Scenario, overrides: Overrides) -> Scope:
    """The scope with the scenario's variables. Raises SmokeError (`bad-variable`)."""
    try:
        return with_variables(scope, scenario, overrides)
    except TemplateError as error:
        raise SmokeError.of(
            "bad-variable",
            f"the variables of '{scenario.name}' cannot be made: {error}",
            span=next(
                (
                    scenario.places[e.source]
                    for e in written(error.template)
                    if e.source in scenario.places
                ),
                Span(scenario.source),
            ),
        ) from error
