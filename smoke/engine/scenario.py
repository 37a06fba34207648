"""One scenario: its steps, then its teardown, whatever happened."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing

from msgspec import Struct
from msgspec.structs import replace

from smoke.engine.control import Control
from smoke.engine.logins import Hold, Shared
from smoke.engine.needed import NeededRun, taken
from smoke.engine.removals import looks, removes
from smoke.engine.row_secrets import row_secrets
from smoke.engine.services import Services
from smoke.engine.step import Ordered
from smoke.engine.untaken import tell_untaken
from smoke.engine.verdict import Ordering
from smoke.engine.walk import Walk
from smoke.model.events import OrderRemoved, ScenarioFinished, ScenarioStarted
from smoke.model.run import Outcome, PlacedOrder, Removal, ScenarioResult
from smoke.scenario.model import Scenario, captured
from smoke.scenario.scope import Scope

TEARDOWN_SECONDS = 60.0
TEARDOWN_AFTER_INTERRUPT = 3.5
"""GitHub Actions kills 7.5 s after its first signal; teardown and reports must fit in less."""

_MOST_TOLD = 5
"""Steps that are named of those that a person edited or skipped."""


class Begun(Struct, frozen=True):
    """A scenario whose steps are over, and its teardown not. `outcomes` is None where it was not started."""

    started: ScenarioResult
    since: float
    outcomes: tuple[Outcome, ...] | None
    outcome: Outcome
    message: str
    shared: Shared
    held: ExitStack
    """What it holds until its end: ports, and the scenarios that it needs."""


class ScenarioRun:
    """Runs one scenario once: its steps, then its teardown. `needs` are held from before its steps until behind its teardown."""

    def __init__(
        self,
        scenario: Scenario,
        name: str,
        services: Services,
        scope: Scope,
        needs: Sequence[NeededRun] = (),
        teardown_of: str = "",
    ) -> None:
        """With `teardown_of` it is only there for a later teardown of that scenario, and no verdict of its own."""
        self._scenario = scenario
        self.name = name
        self._needs = needs
        self._wanted = scenario.needs if needs else ()
        self._teardown_of = teardown_of
        self.outcome = Outcome.SKIPPED
        """What it came to so far."""
        self.cut_short = False
        """Whether it has no verdict only because it was to end early (`--until`)."""
        self._services = services
        self._ordering = Ordering(scenario.steps)
        for value, column in row_secrets(scenario).items():  # before any of them is written down
            services.secrets.learn(column, value)
        self._walk = Walk(name, services, scope, self._ordering, scenario.last)

    @property
    def wall(self) -> str:
        """Which wall before the deployment answered one of its steps; empty when none did."""
        return self._walk.wall

    def run(self, control: Control, teardown: Control | None = None) -> Outcome:
        """Carry it out and emit its events. `teardown` bounds the clean-up; it outlives an interruption."""
        return self.end(self.begin(control, teardown), control, teardown)

    def begin(self, control: Control, teardown: Control | None = None) -> Begun:
        """Carry out its steps, and those of what it needs; `end` carries out the rest."""
        with ExitStack() as held:
            held.enter_context(closing(self._walk))
            given = held.enter_context(taken(self._needs, self._wanted, control, teardown))
            begun = self._begin(given, control, teardown)
            return replace(begun, held=held.pop_all())

    def _begin(self, given: list[Hold] | str, control: Control, teardown: Control | None) -> Begun:
        since = control.clock.monotonic()
        started = self._announce(teardown_of=self._teardown_of)
        none = ExitStack()
        if isinstance(given, str):
            return Begun(started, since, None, Outcome.ERRORED, given, Shared(), none)
        self._walk.know(given)
        begun = Begun(started, since, (), Outcome.SKIPPED, "", Shared(number=0), none)
        try:
            return self._steps(begun, control)
        except BaseException:
            self._teardown(control, teardown)  # no order stays behind because of a fault of ours
            raise

    def renew(self, begun: Begun, control: Control) -> Begun:
        """Carry out its steps once more, as if for the first time; its teardown is that of the last time."""
        given: list[Hold] = []
        for need, want in zip(self._needs, self._wanted, strict=True):
            got = need.current()
            if isinstance(got, str):
                self.outcome = Outcome.ERRORED
                return replace(begun, outcome=Outcome.ERRORED, message=got)
            given.append(Hold.of(need, got, want))
        self._walk.begin_anew(given)
        return self._steps(begun, control)

    def _steps(self, begun: Begun, control: Control) -> Begun:
        steps = self._scenario.steps
        outcomes = self._walk.steps(steps, control)
        self._services.after_steps(self.name, _worst(outcomes), control)
        message = ""
        if control.over and Outcome.SKIPPED in outcomes:
            message = control.why_over()
        elif self._walk.cut_short:
            message = f"cut short: what is {self._walk.cut_short} was not carried out"
        outcomes = [*(begun.outcomes or ()), *outcomes]
        self.outcome, message = self._judged(outcomes, message)
        return replace(
            begun,
            outcomes=tuple(outcomes),
            outcome=self.outcome,
            message=message,
            shared=self._walk.shared(captured(steps), begun.shared.number + 1),
        )

    def end(self, begun: Begun, control: Control, teardown: Control | None = None) -> Outcome:
        """Carry out its teardown and emit its end."""
        with begun.held:
            outcome, message = begun.outcome, begun.message
            if begun.outcomes is not None:
                outcomes = [*begun.outcomes, *self._teardown(control, teardown)]
                outcome, message = self._judged(outcomes, message)
                self.cut_short = bool(self._walk.cut_short) and not _worst(outcomes).bad
            source = self._scenario.source
            tell_untaken(self._services, self.name, source, self._walk.untaken)
            if self._by_hand and not outcome.bad:
                outcome, message = Outcome.ERRORED, self._by_hand
            seconds = control.clock.monotonic() - begun.since
            return self._finished(begun.started, outcome, message, seconds)

    def _judged(self, outcomes: list[Outcome], message: str) -> tuple[Outcome, str]:
        """What these steps come to, and why where no step says so."""
        outcome = _worst(outcomes)
        if not outcome.bad:
            if not message and not self._scenario.may_place_none:
                why = self._ordering.why_none()
                message = (self._by_hand or why) if why else ""
            if message:  # it was cut short, or ordered nothing: no verdict
                outcome = Outcome.ERRORED
        return outcome, message

    @property
    def _by_hand(self) -> str:
        """What a person changed in it, for which it has no verdict; empty when nothing."""
        changed = self._walk.by_hand
        more = f" and {len(changed) - _MOST_TOLD} more" if len(changed) > _MOST_TOLD else ""
        return f"no verdict: {'; '.join(changed[:_MOST_TOLD])}{more}" if changed else ""

    def skip(self, why: str, outcome: Outcome = Outcome.SKIPPED) -> Outcome:
        """Emit that it was not carried out, and why."""
        try:
            return self._finished(self._announce(), outcome, why)
        finally:
            for need in self._needs:
                need.leave()

    def close(self) -> None:
        """Nothing is left to be done for it: what it needs has an end of its own."""

    def clean_up(self, control: Control, of: str, orders: Sequence[PlacedOrder]) -> Outcome:
        """Carry out the teardown alone, for the orders that the scenario `of` of an earlier run left behind."""
        with closing(self._walk):
            return self._clean_up(control, of, orders)

    def _clean_up(self, control: Control, of: str, orders: Sequence[PlacedOrder]) -> Outcome:
        with taken(self._needs, self._wanted, control, control) as given:
            return self._clean_up_with(given, control, of, orders)

    def _clean_up_with(
        self, given: list[Hold] | str, control: Control, of: str, orders: Sequence[PlacedOrder]
    ) -> Outcome:
        services = self._services
        begun = services.clock.monotonic()
        self._walk.take_orders([Ordered(o.key, o.order_id, o.idempotency_key) for o in orders])
        started = self._announce(teardown_of=of)
        if isinstance(given, str):
            return self._finished(started, Outcome.ERRORED, given)
        self._walk.know(given)
        outcomes = self._walk.teardown(self._scenario.teardown, control)
        self._tell_untried()
        left = self._walk.left
        if left:  # whatever its steps came to, it is not done
            known = any(order.order_id for order in left)
            outcomes.append(Outcome.FAILED if known else Outcome.ERRORED)
        return self._finished(started, _worst(outcomes), "", services.clock.monotonic() - begun)

    def _announce(self, teardown_of: str = "") -> ScenarioResult:
        """Emit that it starts; what is known of it so far."""
        scenario = self._scenario
        started = ScenarioResult(
            name=self.name,
            summary=scenario.summary,
            source=scenario.source,
            outcome=Outcome.UNFINISHED,
            passed_message="" if teardown_of else scenario.passed,
            fix=scenario.fix or "",
            teardown_of=teardown_of,
            removes=removes(scenario.teardown),
            looks=looks(scenario.teardown),
        )
        self._services.journal.append(ScenarioStarted(self._services.at(), started))
        return started

    def _finished(
        self, started: ScenarioResult, outcome: Outcome, message: str, seconds: float = 0.0
    ) -> Outcome:
        result = replace(started, outcome=outcome, message=message, seconds=round(seconds, 6))
        self._services.journal.append(ScenarioFinished(self._services.at(), result))
        self.outcome = outcome
        return outcome

    def _teardown(self, control: Control, teardown: Control | None) -> list[Outcome]:
        if not self._scenario.teardown:
            return []
        limit = teardown if teardown is not None else Control(self._services.clock)
        interrupted = control.cancelled.is_set()
        rate = self._services.sender.pace.rate
        # as many requests as there is time for where they leave one in a second, also where they leave more seldom
        slow = 1.0 if rate is None else max(1.0, rate.interval)
        seconds = TEARDOWN_AFTER_INTERRUPT if interrupted else TEARDOWN_SECONDS * slow
        limit = limit.narrower(seconds, f"the time for the teardown ({seconds:g} s)")
        limit.hurried = interrupted
        outcomes = self._walk.teardown(self._scenario.teardown, limit)
        self._tell_untried()
        self._services.after_teardown(self.name, _worst(outcomes), limit)
        return outcomes

    def _tell_untried(self) -> None:
        """Write down of every order that no step tried to remove why that is so."""
        for order, why in self._walk.untried():
            event = OrderRemoved(self._services.at(), order.key, Removal.NO, why)
            self._services.journal.append(event, sync=True)


def _worst(outcomes: list[Outcome]) -> Outcome:
    """The outcome of a scenario: its worst step's; skipped when nothing was carried out at all."""
    return max(outcomes, key=lambda outcome: outcome.rank, default=Outcome.SKIPPED)
