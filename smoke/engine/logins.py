"""What the scenarios that one needs gave it, and how it comes to new ones when a login ran out."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from smoke.engine.control import Control
from smoke.engine.cookies import Jar
from smoke.model.run import JsonValue
from smoke.scenario.model import NeededScenario, Step
from smoke.scenario.scope import Scope

if TYPE_CHECKING:
    from smoke.engine.needed import NeededRun


class Shared(Struct, frozen=True):
    """What a needed scenario gives to those that need it: what it captured, and its customers' cookies as they were then."""

    names: Mapping[str, JsonValue] = field(default_factory=dict)
    untrusted: frozenset[str] = frozenset()
    jars: Mapping[str, Jar] = field(default_factory=dict)
    number: int = 1
    """How often it was carried out until then."""
    good_until: float = math.inf
    """When, by the monotonic clock, a token in it has to be renewed."""

    def of(self, customer: str) -> Shared:
        """The same for a customer: the cookies are the customer's, the captures are below that name."""
        if not customer:
            return self
        jars = {customer if name == _DEFAULT else name: jar for name, jar in self.jars.items()}
        names: dict[str, JsonValue] = {customer: dict(self.names)} if self.names else {}
        return replace(self, names=names, untrusted=frozenset(names), jars=jars)


_DEFAULT = "default"
"""The customer of a request that names none."""


class Lease:
    """How long what a scenario's steps were given is good, and what asks for the next, by step. Lanes share it."""

    def __init__(self) -> None:
        self._refresh: dict[tuple[str, ...], str] = {}
        self._lock = threading.Lock()
        self.good_until = math.inf

    def take(self, step: Step, now: float, seconds: float, refresh: str) -> None:
        """A step was given something for so many seconds; it is renewed a little before they are over."""
        with self._lock:
            early = min(_EARLIEST, seconds / 10)
            self.good_until = min(self.good_until, now + seconds - early)
            if refresh:
                self._refresh[step.path] = refresh

    def refresh_of(self, step: Step) -> str:
        """What asks for the next; empty at the first time."""
        return self._refresh.get(step.path, "")

    def begin_anew(self) -> None:
        """What was given is asked for again."""
        self.good_until = math.inf


_EARLIEST = 30.0
"""Seconds before its end that a token is renewed at the most: it must not run out on its way."""


class Hold(Struct, frozen=True):
    """What a scenario has of one that it needs, and the statuses that say that it ran out."""

    need: NeededRun
    shared: Shared
    renew_on: tuple[str, ...] = ()
    customer: str = ""
    """Whose login it is; empty where it keeps its names."""

    @classmethod
    def of(cls, need: NeededRun, shared: Shared, wanted: NeededScenario) -> Hold:
        """What one gives, as the scenario wants it."""
        return cls(need, shared.of(wanted.customer), wanted.renew_on, wanted.customer)


class Logins:
    """What one lane of a scenario has of those that it needs: it stays with that until one ran out."""

    def __init__(
        self, holds: Sequence[Hold] = (), old: Mapping[str, JsonValue] | None = None
    ) -> None:
        """`old` are texts that an earlier login gave, with what stands in their place now."""
        self._holds = list(holds)
        self._old: dict[str, JsonValue] = dict(old or {})

    def of_lane(self) -> Logins:
        """The same for one of several lanes, which renews by itself."""
        return Logins(self._holds, self._old)

    @property
    def state(self) -> tuple[Sequence[Hold], Mapping[str, JsonValue]]:
        """What it has, and what is outdated of what was handed on."""
        return self._holds, self._old

    def join(self, lanes: Sequence[Logins]) -> None:
        """Go on with the newest that a lane has."""
        for holds, old in (lane.state for lane in lanes):
            self._old.update(old)
            for at, hold in enumerate(holds):
                if hold.shared.number > self._holds[at].shared.number:
                    self._holds[at] = hold

    @property
    def jars(self) -> list[Mapping[str, Jar]]:
        """The cookies of each, by customer."""
        return [hold.shared.jars for hold in self._holds]

    def beneath(self, scope: Scope) -> Scope:
        """The scope with what they captured; the scenario's own names win."""
        for hold in self._holds:
            scope = scope.beneath(hold.shared.names, hold.shared.untrusted)
        return scope

    def has(self, name: str) -> bool:
        """Whether one of them gives that name."""
        return any(name in hold.shared.names for hold in self._holds)

    def current(self, values: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """Values that were handed on to an included file, with what an earlier login gave replaced."""
        if not self._old:
            return values
        return {
            name: self._old.get(value, value) if isinstance(value, str) else value
            for name, value in values.items()
        }

    def that_ran_out(self, status: int, step: Step, customer: str, url: str) -> list[Hold]:
        """Those whose `renew_on` names the status, and of which the request has something: a name, or cookies."""
        found = []
        for hold in self._holds:
            named = str(status) in hold.renew_on
            uses = step.names_from or not hold.shared.names.keys().isdisjoint(step.uses)
            if named and (uses or _has_cookies(hold.shared.jars.get(customer), url)):
                found.append(hold)
        return found

    def over(self, step: Step, now: float) -> list[Hold]:
        """Those whose time is over, and of which the step uses a name."""
        return [
            hold
            for hold in self._holds
            if hold.shared.good_until <= now
            and (step.names_from or not hold.shared.names.keys().isdisjoint(step.uses))
        ]

    def may_run_out(self) -> bool:
        """Whether one of them is renewed at all."""
        return any(hold.renew_on for hold in self._holds)

    def renew(self, holds: Collection[Hold], jar: Callable[[str], Jar], control: Control) -> str:
        """Have these carried out again, or take what somebody else got meanwhile; why there is nothing, or nothing."""
        for at, hold in enumerate(self._holds):
            if hold not in holds:
                continue
            got = hold.need.renew(hold.shared.number, control)
            if isinstance(got, str):
                return got
            got = got.of(hold.customer)
            self._outdate(_texts(hold), _texts(replace(hold, shared=got)))
            self._holds[at] = replace(hold, shared=got)
            for customer, cookies in got.jars.items():
                jar(customer).absorb(cookies)
        return ""

    def _outdate(self, before: Mapping[str, JsonValue], now: Mapping[str, JsonValue]) -> None:
        for name, value in before.items():
            if isinstance(value, str) and name in now and now[name] != value:
                self._old = {
                    old: now[name] if current == value else current
                    for old, current in self._old.items()
                }
                self._old[value] = now[name]


def _texts(hold: Hold) -> Mapping[str, JsonValue]:
    """What was captured, by its own names."""
    below = hold.shared.names.get(hold.customer)
    return below if isinstance(below, dict) else hold.shared.names


def _has_cookies(jar: Jar | None, url: str) -> bool:
    return jar is not None and jar.reaches(url)
