"""What a step may ask of the engine, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct

from smoke.model.run import Outcome
from smoke.scenario.scope import Scope


class Answer(Protocol):
    """What a check found: whether what was expected holds, in one sentence, and the details."""

    @property
    def ok(self) -> bool: ...
    @property
    def message(self) -> str: ...
    @property
    def details(self) -> tuple[str, ...]: ...


class Session(Struct, frozen=True):
    """The engine's doors for one step. `sleep` takes seconds and is False when it was cut short.

    `ask` puts a question to the database: a check's name and its spec. It raises SmokeError without an answer.
    """

    scope: Scope
    sleep: Callable[[float], bool]
    clear_cookies: Callable[[str], None]
    remaining: Callable[[], float]
    ask: Callable[[str, Any], Answer]


class Done(Struct, frozen=True):
    """What a step came to; `checked` says in words what was looked at."""

    outcome: Outcome
    message: str = ""
    checked: tuple[str, ...] = ()
