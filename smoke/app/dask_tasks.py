"""A run's scenarios as tasks: one for each scenario, but those that need the same are together."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from smoke.app.needs import place_of, with_needs
from smoke.app.sharding import Chosen
from smoke.scenario.load import Loaded
from smoke.scenario.model import Scenario


class DaskTask(Struct, frozen=True):
    """Scenarios that one worker carries out in their order, each with its name in the run. Tasks are numbered from 1."""

    number: int
    loaded: tuple[Loaded, ...]
    names: tuple[str, ...]


def divided(chosen: Chosen, workers: int) -> list[DaskTask]:
    """The tasks of a run on so many workers, each scenario in one of them.

    What scenarios need is carried out once in each of their tasks: those that share it are in as many tasks as there are
    workers, at the most, and the needed one is called `login (2/3)` in the second of three. What is needed places no orders.
    """
    called = {
        place_of(item.scenario): name
        for item, name in zip(chosen.loaded, chosen.names, strict=True)
    }
    tasks: list[DaskTask] = []
    for group in _groups(chosen.loaded):
        tops = {place_of(item.scenario) for item in group}
        count = min(max(1, workers), len(group))
        for number in range(count):
            own = with_needs(group[number::count])
            names = tuple(
                called[place]
                if place in tops or not number
                else f"{called[place]} ({number + 1}/{count})"
                for place in (place_of(item.scenario) for item in own)
            )
            tasks.append(DaskTask(len(tasks) + 1, tuple(own), names))
    return tasks


def _groups(loaded: Sequence[Loaded]) -> list[list[Loaded]]:
    """The scenarios that no other needs; those that share a need, also by way of others, are together."""
    needed = {place for item in loaded for place in _places_needed(item.scenario)}
    groups: list[tuple[set[str], list[Loaded]]] = []
    by_place: dict[str, int] = {}
    for item in loaded:
        if place_of(item.scenario) in needed:
            continue
        wanted = _places_needed(item.scenario)
        found = sorted({by_place[place] for place in wanted if place in by_place})
        if not found:
            groups.append((wanted, [item]))
            at = len(groups) - 1
        else:
            at = found[0]
            for other in found[1:]:
                groups[at][0].update(groups[other][0])
                groups[at][1].extend(groups[other][1])
                groups[other] = (set(), [])
            groups[at][0].update(wanted)
            groups[at][1].append(item)
        by_place.update(dict.fromkeys(groups[at][0], at))
    return [items for _, items in groups if items]


def _places_needed(scenario: Scenario) -> set[str]:
    """What a scenario needs, and what that needs."""
    found: set[str] = set()
    for need in scenario.needs:
        found |= {place_of(need.scenario), *_places_needed(need.scenario)}
    return found
