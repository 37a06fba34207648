"""Holds steps that are carried out one after the other: `group: [steps]`, with `for_each`, `repeat` or `when` for all."""

from __future__ import annotations

from typing import Any

from pydantic import RootModel


class Spec(RootModel[list[Any]]):
    """Steps of any kind; each is checked by itself."""


# The engine carries this kind out: it is about the order of steps, which no plugin can decide.
CARRIED_OUT_BY_ENGINE = True
