"""What in the rows of a scenario's files is secret: the values whose names say so. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from smoke.model.run import JsonValue
from smoke.redact.keys import sensitive
from smoke.scenario.model import FileRow, Scenario, every_step

MAX_ROW_SECRETS = 1_000
"""Each text that is written is searched for each of them."""


def row_secrets(scenario: Scenario) -> dict[str, str]:
    """The secret values (of `password`, `api_key`, at any depth) with the names that they stand under."""
    found: dict[str, str] = {}
    for step in every_step((*scenario.steps, *scenario.teardown)):
        for row in step.rows:
            for name, value in _in_row(row):
                found.setdefault(value, name)
    return found


def _in_row(row: FileRow) -> Iterator[tuple[str, str]]:
    waiting: list[tuple[str, JsonValue]] = [("", dict(row.values))]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(name if _tells(name) else key, item) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(name, item) for item in value]
        elif _tells(name) and value is not None and not isinstance(value, bool) and str(value):
            yield name, str(value)


def _tells(name: str) -> bool:
    return bool(name) and sensitive(name) is not None
