"""What a step may ask of the engine, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from smoke.model.run import Outcome
from smoke.scenario.scope import Scope


class Session(Struct, frozen=True):
    """The engine's doors for one step. `sleep` takes seconds and is False when it was cut short."""

    scope: Scope
    sleep: Callable[[float], bool]
    clear_cookies: Callable[[str], None]
    remaining: Callable[[], float]


class Done(Struct, frozen=True):
    """What a step came to; `checked` says in words what was looked at."""

    outcome: Outcome
    message: str = ""
    checked: tuple[str, ...] = ()
