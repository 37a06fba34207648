"""Sends several requests at the same instant: `together: [steps]`."""

from __future__ import annotations

from typing import Any

from pydantic import RootModel


class Spec(RootModel[list[Any]]):
    """Request steps that leave at the same instant; each is checked by itself."""


# The engine carries this kind out: it is about when requests leave, which no plugin can decide.
CARRIED_OUT_BY_ENGINE = True
