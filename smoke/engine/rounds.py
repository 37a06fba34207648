"""The rounds of a step that goes round in a loop."""

from __future__ import annotations

import threading

from smoke.model.run import JsonValue
from smoke.scenario.filtering import kind
from smoke.scenario.model import Step
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import render

MAX_LOOPS = 10_000
MAX_ROUNDS = 100_000
"""Steps and rounds of steps that a scenario may begin: loops within loops multiply."""


class RoundsBegun:
    """Counts the rounds of a scenario, also of steps side by side."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()

    def more(self, rounds: int) -> None:
        """So many begin. Raises TemplateError when those of all loops are too many."""
        with self._lock:
            self._count += rounds
            if self._count > MAX_ROUNDS:
                raise TemplateError(f"all loops together have more than {MAX_ROUNDS} rounds")


def rounds_of(step: Step, scope: Scope) -> list[dict[str, JsonValue]]:
    """The names that each round adds: none for a step without a loop. Raises TemplateError."""
    items: JsonValue
    if step.rows:
        items = [dict(row.values) for row in step.rows]  # what a file holds is no template
    elif step.for_each is not None:
        items = render(step.for_each, scope)
        if not isinstance(items, list):
            raise TemplateError(f"for_each needs a list, not {kind(items)}", step.for_each)
    elif step.repeat is not None:
        items = list(range(step.repeat))
    else:
        return [{}]
    if len(items) > MAX_LOOPS:
        message = f"{len(items)} rounds are more than the {MAX_LOOPS} that are allowed"
        raise TemplateError(message, step.for_each)
    return [
        {"item": item, "loop": {"index": index, "number": index + 1}}
        for index, item in enumerate(items)
    ]
