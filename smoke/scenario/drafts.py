"""What is known of a step while its file is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from smoke.scenario.model import PlaceOrder, Step
from smoke.scenario.nodes import Pairs


@dataclass(frozen=True, slots=True)
class Draft:
    """A step whose `like` is resolved; `step` is None when its faults keep it from being built."""

    name: str
    node: Pairs
    step: Step | None
    parameters: tuple[str, ...] = ()
    names_from: tuple[str, ...] = ()
    children: tuple[Draft, ...] = ()
    defaults: Pairs | None = None
    """The parameters of an included file with their defaults, for the step that binds them."""


@dataclass(frozen=True, slots=True)
class Parts:
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
