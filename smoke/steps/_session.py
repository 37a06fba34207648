"""What a step may ask of the engine, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from smoke.model.run import Outcome
from smoke.scenario.scope import Scope


@dataclass(frozen=True, slots=True)
class Session:
    """The engine's doors for one step. `sleep` takes seconds and is False when it was cut short."""

    scope: Scope
    sleep: Callable[[float], bool]
    clear_cookies: Callable[[str], None]
    remaining: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Done:
    """What a step came to; `checked` says in words what was looked at."""

    outcome: Outcome
    message: str = ""
    checked: tuple[str, ...] = ()
