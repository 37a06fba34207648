"""The scenarios of a run, with those that they need."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from smoke.scenario.files import resolved
from smoke.scenario.load import Loaded
from smoke.scenario.model import Scenario


def with_needs(loaded: Sequence[Loaded]) -> list[Loaded]:
    """The scenarios with those that they need, each once, before the first that needs it."""
    found: dict[str, Loaded] = {}

    def add(item: Loaded) -> None:
        path = place_of(item.scenario)
        if path in found:
            return
        for need in item.scenario.needs:
            add(Loaded(need.scenario, need.warnings))
        found[path] = item

    for item in loaded:
        add(item)
    return list(found.values())


def place_of(scenario: Scenario) -> str:
    """What tells one scenario from another: its file, however it was called, and the values that it was given."""
    place = str(resolved(Path(scenario.source)))
    return f"{place} {json.dumps(scenario.given, sort_keys=True, default=str)}"


def needed(loaded: Sequence[Loaded]) -> Iterator[str]:
    """The places of the scenarios that others need, once for each that does."""
    for item in loaded:
        for need in item.scenario.needs:
            yield place_of(need.scenario)


def unique_names(loaded: Sequence[Loaded]) -> list[str]:
    """A name for each scenario that is unique in the run."""
    seen: dict[str, int] = {}
    names = []
    for item in loaded:
        count = seen[item.scenario.name] = seen.get(item.scenario.name, 0) + 1
        names.append(item.scenario.name if count == 1 else f"{item.scenario.name}~{count}")
    return names
