"""Sends several requests at the same instant: `together: [steps]`."""

from __future__ import annotations

from typing import Any

from pydantic import RootModel

from smoke.scenario.traits import Holds


class Spec(RootModel[list[Any]]):
    """Request steps that leave at the same instant; each is checked by itself."""


# the engine carries its steps out: it is about when requests leave, which no plugin can decide
HOLDS = Holds.TOGETHER
