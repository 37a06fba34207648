"""A run that a person attends: whom it asks, and what of it is wired in."""

from __future__ import annotations

import dataclasses

from msgspec import Struct, field
from msgspec.structs import replace

from smoke.app.journal import RunJournal
from smoke.app.stepping import Person, Stepping
from smoke.app.wiring import Wiring
from smoke.engine.by_hand import HeldClock
from smoke.engine.control import Control, SystemClock


class Attended(Struct, frozen=True):
    """Somebody at a terminal, and when they are asked."""

    person: Person
    step: bool = False
    clock: HeldClock = field(default_factory=lambda: HeldClock(SystemClock()))
    """What the deadlines of the run go by: it stands still while they think."""

    def wired(self, wiring: Wiring, steps: Control, journal: RunJournal) -> Wiring:
        """The services of a run that asks this person."""
        services = wiring.services
        if self.step:
            hand = Stepping(self.person, self.clock, steps, services.secrets, journal)
            services = dataclasses.replace(services, hand=hand)
        return replace(wiring, services=services)
