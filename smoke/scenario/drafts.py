"""What is known of a step while its file is read."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from smoke.scenario.model import PlaceOrder, Step
from smoke.scenario.nodes import Pairs
from smoke.scenario.traits import Holds


class StepDraft(Struct, frozen=True):
    """A step whose `like` is resolved; `step` is None when its faults keep it from being built."""

    name: str
    node: Pairs
    step: Step | None
    parameters: tuple[str, ...] = ()
    names_from: tuple[str, ...] = ()
    children: tuple[StepDraft, ...] = ()
    defaults: Pairs | None = None
    """The parameters of an included file with their defaults, for the step that binds them."""
    holds: Holds = Holds.NOTHING
    """How its children are carried out."""
    apart: tuple[str, ...] = ()
    """Its keys that are looked at elsewhere: those whose value is steps, and what their requests have in common."""
    written: Pairs | None = None
    """The step without the defaults that are in force where it stands, for those that are like it."""
    inherits: Pairs | None = None
    """The defaults that are in force where it stands."""


class StepParts(Struct, frozen=True):
    """The parts of a step, each without faults."""

    kind: Any
    keys: Any
    spec: Any
    expect: Any
    capture: Any
    order: PlaceOrder | None


def joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """Both; when the one goes on from the other, the longer one."""
    return first if first[: len(second)] == second else (*first, *second)
