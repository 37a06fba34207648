"""The names that templates see: variables, captures, loops, secrets, environment, made-up data."""

from __future__ import annotations

import functools
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Protocol

from smoke.diagnostic import nearest
from smoke.model import made_up
from smoke.model.run import JsonValue
from smoke.scenario.fake import KINDS, Fake, arguments_problem
from smoke.scenario.filtering import kind

NAMESPACES = ("env", "fake", "now", "run", "secrets", "target")
"""First names with a meaning of their own; no variable or capture may be called so."""
ORDER_NAMES = ("orders", "orders_without_id")
"""Lists of the orders that a scenario placed: those that can be removed, and those that must be looked for."""
_MOST_REMEMBERED = 200
LOOP_NAMES = ("item", "loop", *ORDER_NAMES)


class TemplateError(Exception):
    """A template cannot be rendered; the message says which name, and the nearest one that there is.

    `template` is what was written, where it is known.
    """

    def __init__(self, message: str, template: JsonValue = None) -> None:
        super().__init__(message)
        self.template = template


class Chance(Protocol):
    """Where made-up data comes from."""

    def make(self, name: str, arguments: tuple[JsonValue, ...]) -> JsonValue:
        """The next value of `fake.NAME`."""

    def unique(self) -> tuple[str, ...]:
        """Values that were made so far and that no other run has."""


class _Generator:
    """Fake data for one scenario, drawn by one step at a time."""

    def __init__(self, seed: str) -> None:
        self._fake = Fake(seed)
        self._lock = threading.Lock()
        self._unique: deque[str] = deque(maxlen=_MOST_REMEMBERED)

    def make(self, name: str, arguments: tuple[JsonValue, ...]) -> JsonValue:
        with self._lock:
            value = self._fake.make(name, arguments)
            if isinstance(value, str) and made_up.is_unique(name, value):
                self._unique.append(value)
            return value

    def unique(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._unique)


class Scope:
    """Names and their values; immutable, so that steps that run side by side may share one."""

    __slots__ = (
        "_environ",
        "_fake",
        "_names",
        "_now",
        "_placeholders",
        "_secrets",
        "_space",
        "_untrusted",
        "_watch",
    )

    def __init__(
        self,
        *,
        seed: str = "",
        run_id: str = "",
        started: str = "",
        target_url: str = "",
        secrets: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
        names: Mapping[str, JsonValue] | None = None,
        placeholders: bool = False,
        watch: Callable[[str, str], None] | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """With `placeholders`, a name that nothing is called stands for itself: `<order_id>` (a dry run).

        `watch` is told of every text that filters made, with the text that it was made of. `now` is the clock, in UTC.
        """
        self._watch = watch
        self._now = now if now is not None else functools.partial(datetime.now, UTC)
        self._placeholders = placeholders
        self._fake: Chance = _Generator(seed)
        self._secrets = MappingProxyType(dict(secrets or {}))
        # the environment of a process decodes each of its values when it is copied: whoever makes many scopes hands in a copy
        environ = {} if environ is None else environ
        copied = isinstance(environ, MappingProxyType)
        self._environ: Mapping[str, str] = environ if copied else MappingProxyType(dict(environ))
        self._space: Mapping[str, JsonValue] = MappingProxyType(
            {"run": {"id": run_id, "started": started}, "target": {"url": target_url}}
        )
        self._untrusted: frozenset[str] = frozenset(ORDER_NAMES)
        none: dict[str, JsonValue] = {name: [] for name in ORDER_NAMES}
        self._names: Mapping[str, JsonValue] = MappingProxyType({**none, **(names or {})})

    def with_names(self, names: Mapping[str, JsonValue], untrusted: Collection[str] = ()) -> Scope:
        """A scope with some more names; theirs win. Those of `untrusted` came out of responses."""
        return self._with(names, untrusted, self._fake, self._now)

    def _with(
        self,
        names: Mapping[str, JsonValue],
        untrusted: Collection[str],
        fake: Chance,
        now: Callable[[], datetime],
    ) -> Scope:
        other = object.__new__(Scope)
        other._fake, other._secrets = fake, self._secrets
        other._environ, other._space = self._environ, self._space
        other._placeholders, other._watch = self._placeholders, self._watch
        other._now = now
        other._names = MappingProxyType({**self._names, **names})
        other._untrusted = (self._untrusted - names.keys()) | frozenset(untrusted)
        return other

    def with_environment(self, values: Mapping[str, str]) -> Scope:
        """A scope with some more variables of the environment; these win."""
        other = self.with_names({})
        other._environ = MappingProxyType(  # noqa: SLF001  (of its own class)
            {**self._environ, **values}
        )
        return other

    def in_environment(self, name: str) -> bool:
        """Whether the environment has a variable."""
        return name in self._environ

    def beneath(self, names: Mapping[str, JsonValue], untrusted: Collection[str] = ()) -> Scope:
        """A scope with some more names; those that are known already win."""
        more = {name: value for name, value in names.items() if name not in self._names}
        if not more:
            return self
        return self.with_names(more, [name for name in untrusted if name in more])

    def drawing(
        self, wrap: Callable[[Chance], Chance], now: Callable[[Callable[[], datetime]], datetime]
    ) -> Scope:
        """The same names, with made-up data and the time from what is put around their sources."""
        return self._with({}, (), wrap(self._fake), functools.partial(now, self._now))

    def derived(self, value: JsonValue, result: JsonValue) -> None:
        """Tell whoever watches of a text, or a number as it is written, that filters made of a text."""
        if self._watch is None or not isinstance(value, str) or isinstance(result, bool):
            return
        if isinstance(result, (str, int, float)):
            self._watch(value, str(result))

    def is_untrusted(self, name: str) -> bool:
        """Whether a value came out of a response, and not from the author or the environment."""
        return name in self._untrusted or name in ORDER_NAMES

    def unique_values(self) -> tuple[str, ...]:
        """Random values that were made up so far and that no other run has, the latest ones. One may be a secret."""
        return self._fake.unique()

    def has(self, name: str) -> bool:
        """Whether a variable, a capture or the parameters of an include are known by this name."""
        return name in self._names

    def look_up(
        self, path: Sequence[str | int], arguments: Sequence[JsonValue] | None = None
    ) -> JsonValue:
        """The value at a path. Raises TemplateError when nothing is there."""
        first = path[0]
        if first == "fake":
            return self._made_up(path, arguments)
        if first == "now" and len(path) == 1 and arguments is None:
            return f"{self._now():%Y-%m-%dT%H:%M:%SZ}"
        if arguments is not None:
            raise TemplateError(f"'{_written(path)}' is not a function")
        if first in ("secrets", "env"):
            return self._outside(str(first), path)
        value: JsonValue
        if first in self._space:
            value = self._space[str(first)]
        elif first in self._names:
            value = self._names[str(first)]
        elif self._placeholders:
            return f"<{_written(path)}>"
        else:
            raise TemplateError(_unknown(str(first), self._names))
        for depth, step in enumerate(path[1:], start=1):
            value = _inside(value, step, path[:depth])
        return value

    def _made_up(
        self, path: Sequence[str | int], arguments: Sequence[JsonValue] | None
    ) -> JsonValue:
        problem = fake_problem(path, () if arguments is None else arguments)
        if problem:
            raise TemplateError(problem)
        return self._fake.make(str(path[1]), tuple(arguments or ()))

    def _outside(self, space: str, path: Sequence[str | int]) -> JsonValue:
        values = self._secrets if space == "secrets" else self._environ
        if len(path) != 2 or path[1] not in values:
            name = path[1] if len(path) > 1 else ""
            if space == "env":
                raise TemplateError(f"the environment has no {name}")
            raise TemplateError(
                f"the scenario does not declare the secret '{name}' (secrets: [{name}])"
            )
        return values[str(path[1])]


def unknown_fake(name: str) -> str:
    """The words for `fake.NAME` that there is not."""
    near = nearest(name, KINDS)
    hint = f"; did you mean 'fake.{near}'?" if near else f": {', '.join(KINDS)}"
    return f"there is no made-up data 'fake.{name}'{hint}"


def fake_problem(path: Sequence[str | int], arguments: Sequence[JsonValue] | None) -> str:
    """What is wrong with `fake.…` as it is written; empty when nothing is."""
    name = str(path[1]) if len(path) == 2 else ".".join(map(str, path[1:]))
    if name not in KINDS:
        return unknown_fake(name)
    return "" if arguments is None else arguments_problem(name, arguments)


def _unknown(name: str, known: Mapping[str, JsonValue]) -> str:
    near = nearest(name, known)
    hint = f"; did you mean '{near}'?" if near else ""
    return f"nothing is called '{name}'{hint}"


def _written(path: Sequence[str | int]) -> str:
    return "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" if depth else step
        for depth, step in enumerate(path)
    )


def _inside(value: JsonValue, step: str | int, so_far: Sequence[str | int]) -> JsonValue:
    where = _written(so_far)
    if isinstance(step, int) and isinstance(value, list):
        if -len(value) <= step < len(value):
            return value[step]
        raise TemplateError(f"'{where}' has {len(value)} items, there is no [{step}]")
    if isinstance(step, str) and isinstance(value, dict):
        if step in value:
            return value[step]
        near = nearest(step, value)
        hint = f"; did you mean '{near}'?" if near else ""
        raise TemplateError(f"'{where}' has no '{step}'{hint}")
    raise TemplateError(f"'{where}' is {kind(value)}, it has no '{step}'")
