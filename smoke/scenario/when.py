"""Whether a step's `when` holds."""

from __future__ import annotations

from typing import Any

from smoke.scenario.inserted import matcher_with
from smoke.scenario.matcher import is_matcher, unmet
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import render


def holds(when: Any, scope: Scope) -> bool:
    """A template or value holds when it is neither null, false, 0 nor empty; `{value: …, matcher}` when it is met.

    Raises TemplateError.
    """
    if isinstance(when, dict) and "value" in when:
        rules = {key: value for key, value in when.items() if key != "value"}
        if not is_matcher(rules):
            raise TemplateError("`when` with a value needs a matcher beside it")
        return unmet(matcher_with(rules, scope), render(when["value"], scope)) is None
    return bool(render(when, scope))
