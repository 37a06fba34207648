"""Use cases: they wire the rooms together and return values; they never print."""

from __future__ import annotations

from smoke.app.options import RunOptions
from smoke.app.running import run

__all__ = ["RunOptions", "run"]
