"""What the making of one request drew from chance and from the clock: it can be made again with the same.

A request that is sent once more with a new login must be the same order: its key, its ids and its made-up data are
drawn once. Only the names of the login differ.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar, cast

from smoke.model.run import JsonValue
from smoke.scenario.scope import Chance, Scope
from smoke.steps import BuildError

T = TypeVar("T")


class Draws:
    """Takes down what is drawn, in order, until `again`; from then on it gives the same. Of one step, in one thread."""

    def __init__(self, new_uuid: Callable[[], str], now: Callable[[], datetime]) -> None:
        self._new_uuid = new_uuid
        self._now = now
        self._drawn: list[tuple[object, object]] = []
        self._at: int | None = None

    def again(self) -> None:
        """From the beginning once more: what was drawn is given again."""
        self._at = 0

    def around(self, scope: Scope) -> Scope:
        """The same names, of which made-up data and the time are taken down."""
        return scope.drawing(
            lambda chance: _Chance(self, chance), lambda now: self.draw(("text of now",), now)
        )

    def new_uuid(self) -> str:
        """A new id."""
        return self.draw(("uuid",), self._new_uuid)

    def now(self) -> datetime:
        """The wall time."""
        return self.draw(("now",), self._now)

    def draw(self, what: tuple[object, ...], make: Callable[[], T]) -> T:
        """The next value. Raises BuildError when another one was drawn at this place."""
        if self._at is None:
            value = make()
            self._drawn.append((what, value))
            return value
        place = self._at
        if place >= len(self._drawn) or self._drawn[place][0] != what:
            raise BuildError("it would hold other made-up data than before")
        self._at += 1
        return cast("T", self._drawn[place][1])


class _Chance:
    """Made-up data that is taken down."""

    def __init__(self, draws: Draws, inner: Chance) -> None:
        self._draws = draws
        self._inner = inner

    def make(self, name: str, arguments: tuple[JsonValue, ...]) -> JsonValue:
        return self._draws.draw(
            ("fake", name, arguments), lambda: self._inner.make(name, arguments)
        )

    def unique(self) -> tuple[str, ...]:
        return self._inner.unique()
