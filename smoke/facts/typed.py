"""Commands about a run as they are typed here."""

from __future__ import annotations

from smoke.advice.commands import Commands
from smoke.model.run import Run
from smoke.program import program
from smoke.system import SHELL


def typed(run: Run) -> Commands:
    """Commands that go on from `run`, begun as this smoke was started."""
    return Commands(run, program(), SHELL)
