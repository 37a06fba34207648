"""What is checked before a request is sent: the scenarios of a run, its target, and that they fit."""

from __future__ import annotations

from collections.abc import Sequence

from smoke.app.environment import check_environment, needs
from smoke.app.foreseeing import usable
from smoke.app.given_values import GivenValues, check_variables
from smoke.app.options import RunOptions
from smoke.app.sharding import Chosen, choose
from smoke.app.target import ResolvedTarget, resolve_target
from smoke.diagnostic import SmokeError
from smoke.scenario.load import Loaded


def prepare(options: RunOptions, outside: GivenValues) -> tuple[Chosen, ResolvedTarget]:
    """The scenarios and the target, everything checked that can be checked before a request is sent."""
    chosen = choose_checked(options, outside)
    where = resolve_target(options, outside.environ, needs(chosen.loaded))
    check_usable(chosen.loaded, where, outside)
    return chosen, where


def choose_checked(options: RunOptions, outside: GivenValues) -> Chosen:
    """The scenarios, with what they need of options and environment. Raises SmokeError."""
    chosen = choose(options)
    check_variables(chosen.selection, outside)
    check_environment(chosen.loaded, outside.overrides, outside.environ)
    return chosen


def check_usable(loaded: Sequence[Loaded], where: ResolvedTarget, outside: GivenValues) -> None:
    """Refuse scenarios that could not be carried out at a target. Raises SmokeError."""
    problems = [
        problem
        for item in loaded
        for problem in usable(item.scenario, outside.overrides, where, outside.environ)
    ]
    if problems:
        raise SmokeError(problems)
