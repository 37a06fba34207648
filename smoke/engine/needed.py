"""A scenario that others need: its steps are carried out once for all of them, its teardown behind the last one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from smoke.engine.control import Control
from smoke.engine.logins import Hold, Shared
from smoke.model.run import Outcome
from smoke.scenario.model import NeededScenario

if TYPE_CHECKING:
    from smoke.engine.scenario import Begun, ScenarioRun


class NeededRun:
    """What others need, carried out by the first of them in its thread; the others wait for that.

    `users` is how many there are, itself among them where it stands in the list of a run. Each comes once and goes once.
    """

    def __init__(self, scenario: ScenarioRun, users: int) -> None:
        self._scenario = scenario
        self._users = users
        self._lock = threading.RLock()
        self._begun: Begun | None = None
        self._teardown: Control | None = None
        self._control: Control | None = None
        self._ended = False
        self._why = ""

    @property
    def name(self) -> str:
        """How it is called in the run."""
        return self._scenario.name

    @property
    def wall(self) -> str:
        """Which wall before the deployment answered one of its steps; empty when none did."""
        return self._scenario.wall

    @property
    def outcome(self) -> Outcome:
        """What it came to so far."""
        return self._scenario.outcome

    @property
    def cut_short(self) -> bool:
        """Whether it only ended early because it was to: nothing of what others need does."""
        return False

    def run(self, control: Control, teardown: Control | None = None) -> Outcome:
        """Its turn in the list of a run: it is carried out, unless somebody needed it before."""
        try:
            self.take(control, teardown)
            return self.outcome
        finally:
            self.leave()

    def skip(self, why: str, outcome: Outcome = Outcome.SKIPPED) -> Outcome:
        """Its turn in the list of a run, and nothing is started any more."""
        with self._lock:
            if self._begun is None and not self._why:
                self._why = why
                self._scenario.skip(why, outcome)
        self.leave()
        return self.outcome

    def take(self, control: Control, teardown: Control | None) -> Shared | str:
        """What it gives, or why there is nothing. The first caller carries out its steps; the others wait meanwhile."""
        with control.waiting():
            self._lock.acquire()
        try:
            if self._begun is None and not self._why:
                self._control, self._teardown = control, teardown
                self._begin(control, teardown)
            if self._why:
                return self._why
            return self._shared
        finally:
            self._lock.release()

    def renew(self, number: int, control: Control) -> Shared | str:
        """What it gives now, where what it gave at its time `number` ran out; or why there is nothing.

        One carries it out once more, the others wait meanwhile. When it did not pass, nobody tries again: a shop may
        close an account for that.
        """
        with control.waiting():
            self._lock.acquire()
        try:
            if not self._why and self._shared.number <= number:
                if control.over:
                    return control.why_over()
                self._renew(control)
            return f"'{self._scenario.name}' did not pass" if self._why else self._shared
        finally:
            self._lock.release()

    def _renew(self, control: Control) -> None:
        assert self._begun is not None
        self._why = self._why_not
        self._begun = self._scenario.renew(self._begun, control)
        if not self._begun.outcome.bad:
            self._why = ""

    def current(self) -> Shared | str:
        """What it gives now, or why there is nothing; somebody took it before."""
        with self._lock:
            return self._why or self._shared

    @property
    def _shared(self) -> Shared:
        assert self._begun is not None
        return self._begun.shared

    @property
    def _why_not(self) -> str:
        return f"not started: it needs '{self._scenario.name}', which did not pass"

    def _begin(self, control: Control, teardown: Control | None) -> None:
        if control.over:
            self._why = control.why_over()
            self._scenario.skip(self._why, Outcome.ERRORED)
            return
        self._why = self._why_not
        self._begun = self._scenario.begin(control, teardown)
        if not self._begun.outcome.bad:
            self._why = ""

    def leave(self) -> None:
        """One of those that need it is done; behind the last one its teardown is carried out."""
        with self._lock:
            self._users -= 1
            if self._users <= 0:
                self.close()

    def close(self) -> None:
        """Carry out its teardown now, if that was not done and there is something to tear down."""
        with self._lock:
            if self._ended or self._begun is None or self._control is None:
                return
            self._ended = True
            self._scenario.end(self._begun, self._control, self._teardown)


@contextmanager
def taken(
    needs: Sequence[NeededRun],
    wanted: Sequence[NeededScenario],
    control: Control,
    teardown: Control | None,
) -> Iterator[list[Hold] | str]:
    """What the needed scenarios give, or why it cannot be had; they are held until the block is left."""
    with ExitStack() as stack:
        given: list[Hold] = []
        why = ""
        for need, want in zip(needs, wanted, strict=True):
            stack.callback(need.leave)
            if not why:
                got = need.take(control, teardown)
                if isinstance(got, str):
                    why = got
                else:
                    given.append(Hold.of(need, got, want))
        yield why or given
