"""Holds requests, groups and includes that are carried out side by side: `together: [steps]`."""

from __future__ import annotations

from typing import Any

from pydantic import RootModel

from smoke.scenario.traits import Holds


class Spec(RootModel[list[Any]]):
    """Steps whose first requests leave at the same instant; each is checked by itself."""


# the engine carries its steps out: it is about when requests leave, which no plugin can decide
HOLDS = Holds.TOGETHER
