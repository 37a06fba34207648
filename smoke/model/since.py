"""Since when something fails: what the runs before one tell of it."""

from __future__ import annotations

from msgspec import Struct


class Since(Struct, frozen=True):
    """Since when one step fails by its cause, or which run passed it last: only where the history tells it."""

    scenario: str
    """The scenario that it is in."""
    step: str
    """The step's id; empty for the scenario as a whole."""
    run: str
    """The first of the runs in a row that failed so; of a new failure the last run that passed."""
    build: str
    """The build which that run tested; empty where nothing told it."""
    started: str
    """When that run began (ISO 8601, UTC)."""
    runs: int = 1
    """How many runs in a row failed so, this one included; 1 where it is new."""
    begins: bool = True
    """Whether a run before them is known that did not fail so: else it may last longer."""

    @property
    def new(self) -> bool:
        """Whether it passed the last time that there was a verdict."""
        return self.runs == 1
