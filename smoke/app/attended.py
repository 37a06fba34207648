"""A run that a person attends: whom it asks, and what of it is wired in."""

from __future__ import annotations

import dataclasses

from msgspec import Struct, field
from msgspec.structs import replace

from smoke.app.journal import RunJournal
from smoke.app.stepping import Person, Stepping
from smoke.app.wiring import Wiring
from smoke.engine.by_hand import QUIT, HeldClock
from smoke.engine.control import Control, SystemClock
from smoke.engine.services import AfterSteps
from smoke.model.run import Outcome
from smoke.store import RunFolder


class Attended(Struct, frozen=True):
    """Somebody at a terminal, and when they are asked."""

    person: Person
    step: bool = False
    pause: bool = False
    clock: HeldClock = field(default_factory=lambda: HeldClock(SystemClock()))
    """What the deadlines of the run go by: it stands still while they think."""

    def wired(
        self, wiring: Wiring, steps: Control, journal: RunJournal, folder: RunFolder
    ) -> Wiring:
        """The services of a run that asks this person."""
        services = wiring.services
        if self.step:
            hand = Stepping(self.person, self.clock, steps, services.secrets, journal)
            services = dataclasses.replace(services, hand=hand)
        if self.pause:
            after = self._pausing(services.after_steps, steps, journal, folder)
            services = dataclasses.replace(services, after_steps=after)
        return replace(wiring, services=services)

    def _pausing(
        self, before: AfterSteps, steps: Control, journal: RunJournal, folder: RunFolder
    ) -> AfterSteps:
        """What is done between the steps of a scenario and its teardown: a failure is looked up first, then shown."""

        def after_steps(name: str, outcome: Outcome, control: Control) -> None:
            before(name, outcome, control)
            if not outcome.stops:
                return
            with self.clock.held():
                over = steps.cancelled.is_set
                if not (over() or self.person.look(journal.run(), name, folder, over)):
                    steps.cancel(QUIT)

        return after_steps
