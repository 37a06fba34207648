"""`smoke watch`: rounds of every target, for as long as one likes; what changed is told, once."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from smoke.app.delivering import Deliver, Receiver
from smoke.app.watch_state import MOST_PENDING, Undelivered, WatchState, save_state
from smoke.engine.control import Clock
from smoke.overview.table import Shop
from smoke.watching.notice import notice
from smoke.watching.schedule import MaintenanceWindow, pause
from smoke.watching.standing import Standing, What, after


class WatchedTarget(Struct, frozen=True):
    """One target: its name, its address, and what tells which others must not be run beside it."""

    target: str
    url: str
    origin: str


class WatchPlan(Struct, frozen=True):
    """How it is watched; times in seconds. `rounds` of each target, 0 for no end."""

    every: float
    jitter: float
    windows: tuple[MaintenanceWindow, ...] = ()
    receivers: tuple[Receiver, ...] = ()
    rounds: int = 0
    at_once: int = 1

    def pause(self, bad: int, luck: float) -> float:
        """Seconds to the next round of a target after `bad` rounds in a row that did not pass."""
        return pause(self.every, self.jitter, bad, luck)


class Hearing(Protocol):
    """Is told what happens, from the main thread."""

    def round(self, shop: Shop, standing: Standing, what: What | None) -> None:
        """A round of a target is over."""

    def expecting(self, target: str, due: float) -> None:
        """The next round of a target is due then, in seconds of the monotonic clock; infinity for none."""

    def resting(self, until: datetime) -> None:
        """Nothing is run before this: a window of maintenance."""

    def problem(self, text: str) -> None:
        """Something that the watch survives: a notice that could not be delivered, a file that could not be written."""


class _Going(Struct):
    """One target on its way: when it is due (monotonic seconds), how many rounds it had."""

    place: WatchedTarget
    due: float = 0.0
    rounds: int = 0

    def had(self, due: float) -> None:
        """One more round; the next one is due then."""
        self.rounds += 1
        self.due = due


def watch(
    places: Sequence[WatchedTarget],
    plan: WatchPlan,
    state: WatchState,
    path: Path,
    *,
    run: Callable[[WatchedTarget], Shop],
    deliver: Deliver,
    hearing: Hearing,
    finished: Callable[[Shop], None],
    stopped: Callable[[], bool],
    sleep: Callable[[float], None],
    clock: Clock,
    luck: Callable[[], float] = random.random,
) -> WatchState:
    """Carry out rounds until `stopped`, or until each target had `plan.rounds`; the state at the end.

    `run` carries out a round in a worker, `finished` keeps its record. What changed is in the file at `path` before it is told.
    """
    watching = _Watch(plan, state, path, deliver, hearing, clock)
    going = [watching.begun(place) for place in places]
    busy: dict[Future[Shop], _Going] = {}
    with ThreadPoolExecutor(max_workers=max(1, plan.at_once)) as pool:
        while True:
            if not stopped():
                watching.rest(going)
                for each in _startable(going, busy, plan, clock.monotonic()):
                    busy[pool.submit(run, each.place)] = each
            done = [future for future in busy if future.done()]
            for future in done:
                bad = watching.judged(shop := future.result())
                finished(shop)
                watching.had(busy.pop(future), bad, luck())
            watching.deliver_all()
            if not busy and (stopped() or all(_over(each, plan) for each in going)):
                return watching.state
            if busy:  # not for long: the main thread runs the signal handlers
                wait(busy, timeout=_GLANCE, return_when=FIRST_COMPLETED)
            elif not done:
                sleep(_until_next(going, plan, clock.monotonic()))


def _over(each: _Going, plan: WatchPlan) -> bool:
    return bool(plan.rounds) and each.rounds >= plan.rounds


def _startable(
    going: Sequence[_Going], busy: Mapping[Future[Shop], _Going], plan: WatchPlan, now: float
) -> list[_Going]:
    """The targets that are due, no two at one origin, and none where a round still goes on."""
    taken = {each.place.origin for each in busy.values()}
    under_way = {each.place.target for each in busy.values()}
    found: list[_Going] = []
    for each in sorted(going, key=lambda one: one.due):
        room = len(busy) + len(found) < plan.at_once
        free = each.place.origin not in taken and each.place.target not in under_way
        if room and free and each.due <= now and not _over(each, plan):
            found.append(each)
            taken.add(each.place.origin)
    return found


def _until_next(going: Sequence[_Going], plan: WatchPlan, now: float) -> float:
    """Seconds to sleep where nothing goes on: to the next round, at most a minute."""
    waiting = [each.due - now for each in going if not _over(each, plan)]
    return max(0.01, min([60.0, *waiting]))


class _Watch:
    """What is known of the targets, and what is still to be told; written before it is told."""

    def __init__(
        self,
        plan: WatchPlan,
        state: WatchState,
        path: Path,
        deliver: Deliver,
        hearing: Hearing,
        clock: Clock,
    ) -> None:
        self.state = state
        self._plan = plan
        self._path = path
        self._deliver = deliver
        self._hearing = hearing
        self._clock = clock
        self._again: dict[tuple[str, str], float] = {}
        self._resting: datetime | None = None

    def begun(self, place: WatchedTarget) -> _Going:
        """A target whose first round is due now."""
        found = _Going(place, self._clock.monotonic())
        self._hearing.expecting(place.target, found.due)
        return found

    def had(self, each: _Going, bad: int, luck: float) -> None:
        """One more round of a target, of which `bad` in a row did not pass: when the next one is due."""
        each.had(self._clock.monotonic() + self._plan.pause(bad, luck))
        due = math.inf if _over(each, self._plan) else each.due
        self._hearing.expecting(each.place.target, due)

    def rest(self, going: Sequence[_Going]) -> None:
        """In a window of maintenance: nothing is due before its end."""
        now = self._clock.now()
        ends = [end for window in self._plan.windows if (end := window.ends(now))]
        if not ends:
            self._resting = None
            return
        until = max(ends)
        seconds = (until - now.astimezone(until.tzinfo)).total_seconds()
        for each in (one for one in going if not _over(one, self._plan)):
            each.due = max(each.due, self._clock.monotonic() + seconds)
            self._hearing.expecting(each.place.target, each.due)
        if self._resting != until:
            self._resting = until
            self._hearing.resting(until)

    def judged(self, shop: Shop) -> int:
        """Take a round in, and put what it changed among what is to be told; how many rounds in a row were bad."""
        at = self._clock.now().astimezone(UTC).isoformat(timespec="seconds")
        before = self.state.targets.get(shop.target, Standing())
        step = after(before, shop.run, at)
        told: tuple[Undelivered, ...] = ()
        if step.what is not None:
            news = notice(shop.target, shop.url, step.what, before, shop.run, at, shop.why_not)
            told = tuple(Undelivered(news, each.key) for each in self._plan.receivers)
        self.state = replace(
            self.state,
            targets={**self.state.targets, shop.target: step.standing},
            pending=(*self.state.pending, *told)[-MOST_PENDING:],
        )
        self._save()
        self._hearing.round(shop, step.standing, step.what)
        return step.standing.bad

    def deliver_all(self) -> None:
        """Deliver what is pending; what fails is tried again after a while, and after a restart."""
        receivers = {each.key: each for each in self._plan.receivers}
        waiting = {(each.to, each.notice.id) for each in self.state.pending}
        self._again = {key: at for key, at in self._again.items() if key in waiting}
        for each in self.state.pending:
            tried = (each.to, each.notice.id)
            if self._again.get(tried, 0.0) > self._clock.monotonic():
                continue
            receiver = receivers.get(each.to)  # none where it is not named any more
            why = self._deliver(receiver, each.notice) if receiver is not None else ""
            if receiver is not None and why:
                self._again[tried] = self._clock.monotonic() + _AGAIN
                self._hearing.problem(f"{receiver.name} was not told: {why}; it is tried again")
                continue
            left = tuple(one for one in self.state.pending if one is not each)
            self.state = replace(self.state, pending=left)
            self._save()  # at once: what was told is told again where it is not noted

    def _save(self) -> None:
        try:
            save_state(self._path, self.state)
        except OSError as error:
            self._hearing.problem(f"{self._path} could not be written: {error.strerror or error}")


_GLANCE = 0.2
"""Seconds between two looks at rounds that go on."""
_AGAIN = 30.0
"""Seconds after which a notice that could not be delivered is tried again."""
