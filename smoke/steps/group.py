"""Holds steps that are carried out one after the other: `group: [steps]`, with `for_each`, `repeat` or `when` for all."""

from __future__ import annotations

from typing import Any

from pydantic import RootModel

from smoke.scenario.traits import Holds


class Spec(RootModel[list[Any]]):
    """Steps of any kind; each is checked by itself."""


# the engine carries its steps out: it is about their order, which no plugin can decide
HOLDS = Holds.IN_ORDER
