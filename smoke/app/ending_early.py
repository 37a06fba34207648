"""`--until STEP`: the step of each scenario behind which nothing is carried out but the teardown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from smoke.app.needs import needed, place_of
from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest
from smoke.scenario.load import Loaded
from smoke.scenario.model import LastStep, Scenario, Step
from smoke.text import shorten

_LISTED = 20
_NO_WORD = re.compile(r"\W+")
_OPTION = "--until"


class _Spot(Struct, frozen=True):
    """A step, with the names and the ids of what is around it and its own, and the paths of all of these."""

    step: Step
    names: tuple[str, ...]
    ids: tuple[str, ...]
    paths: frozenset[tuple[str, ...]]

    @property
    def written(self) -> str:
        return "/".join(self.names)

    @property
    def whole(self) -> tuple[str, ...]:
        return self.written, " › ".join(self.names), "/".join(self.ids)

    @property
    def own(self) -> tuple[str, ...]:
        return self.names[-1], self.ids[-1]


def ending_early(loaded: Sequence[Loaded], wanted: str) -> list[Loaded]:
    """The scenarios, each with the step that it ends with. One that another of them needs is carried out whole.

    Raises SmokeError for each that has no such step, or several.
    """
    if not wanted:
        return list(loaded)
    whole = set(needed(loaded))
    problems: list[Diagnostic] = []
    found = []
    for item in loaded:
        scenario = item.scenario
        if place_of(scenario) not in whole:
            last = _last_step(scenario, wanted)
            if isinstance(last, Diagnostic):
                problems.append(last)
            else:
                scenario = replace(scenario, last=last)
        found.append(Loaded(scenario, item.warnings))
    if problems:
        raise SmokeError(problems)
    return found


def _last_step(scenario: Scenario, wanted: str) -> LastStep | Diagnostic:
    """The step that is meant: its whole name goes before its own, and as it is written before the same in other case."""
    spots = list(_spots(scenario.steps))
    word = wanted.strip().removeprefix(f"{scenario.name}/")
    for same in (_as_written, _slug):
        for names in (_whole, _own):
            found = [spot for spot in spots if same(word) in map(same, names(spot))]
            if len(found) == 1:
                (spot,) = found
                return LastStep(" › ".join(spot.names), spot.paths)
            if found:
                return Diagnostic(
                    "ambiguous-step",
                    f"{_OPTION}: '{wanted}' is {len(found)} steps of '{scenario.name}': name one",
                    notes=(Note(f"steps: {_listed(found)}"),),
                )
    return _unknown(scenario, wanted, word, spots)


def _unknown(scenario: Scenario, wanted: str, word: str, spots: Sequence[_Spot]) -> Diagnostic:
    message = f"{_OPTION}: '{scenario.name}' has no step '{wanted}'"
    near: str | None = None
    if any(
        _slug(word) in map(_slug, (*each.whole, *each.own)) for each in _spots(scenario.teardown)
    ):
        message += " but in its teardown, which is carried out in any case"
    else:
        near = nearest(word, [name for spot in spots for name in (spot.written, spot.names[-1])])
    notes = (Note(f"steps: {_listed(spots)}"),)
    return Diagnostic("unknown-step", message, suggestion=near, notes=notes)


def _spots(
    steps: Sequence[Step],
    names: tuple[str, ...] = (),
    ids: tuple[str, ...] = (),
    paths: frozenset[tuple[str, ...]] = frozenset(),
) -> Iterator[_Spot]:
    """Every step at any depth that an author has written."""
    for step in steps:
        if step.traits.binds:
            continue
        spot = _Spot(step, (*names, step.name), (*ids, step.id), paths | {step.path})
        yield spot
        # reports do not name the `together` around a step
        within = (spot.names, spot.ids) if step.is_group else (names, ids)
        yield from _spots(step.children, *within, spot.paths)


def _listed(spots: Sequence[_Spot]) -> str:
    more = f" and {len(spots) - _LISTED} more" if len(spots) > _LISTED else ""
    return ", ".join(shorten(spot.written, 120) for spot in spots[:_LISTED]) + more


def _whole(spot: _Spot) -> tuple[str, ...]:
    return spot.whole


def _own(spot: _Spot) -> tuple[str, ...]:
    return spot.own


def _as_written(text: str) -> str:
    return text


def _slug(text: str) -> str:
    return _NO_WORD.sub("-", text.lower()).strip("-") or text
