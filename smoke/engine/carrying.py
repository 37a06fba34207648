"""One round of one step, from the event that it started to the one that it ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from smoke.diagnostic import SmokeError
from smoke.engine.control import Control
from smoke.engine.cookies import Jar
from smoke.engine.frame import ScopeNames, Where, called
from smoke.engine.logins import Lease
from smoke.engine.performed import Once, with_done
from smoke.engine.receivers import Receivers, listen
from smoke.engine.removals import Removals
from smoke.engine.renewal import StepLogins
from smoke.engine.services import Services
from smoke.engine.step import Sending, StepEnd
from smoke.engine.tally import StepPlace
from smoke.engine.verdict import Ordering
from smoke.model.events import StepFinished, StepStarted
from smoke.model.run import JsonValue, Outcome, StepResult
from smoke.redact import mask_text
from smoke.scenario.blame import is_shops, located
from smoke.scenario.model import Step
from smoke.scenario.scope import Scope, TemplateError
from smoke.steps import BuildError
from smoke.steps._guarded import carry_out, performs
from smoke.steps._session import Answer, Done, Session, WantedCall


class Carrying:
    """Carries out steps of one scenario and emits their events. Owns its customers' cookies, and knows what was removed."""

    def __init__(self, scenario: str, services: Services, ordering: Ordering) -> None:
        self._scenario = scenario
        self._services = services
        self._ordering = ordering
        self.jars: dict[str, Jar] = {}
        self.removals = Removals()
        self.receivers = Receivers(services)
        self.lease = Lease()
        self._ids: set[str] = set()
        self._titles: set[str] = set()
        self._naming = threading.Lock()
        self._before_send: Callable[[], float | None] | None = None

    def beside(self, jars: dict[str, Jar], before_send: Callable[[], float | None]) -> Carrying:
        """The same for one of several lanes: with its own cookies, and what to call directly before a request is sent."""
        other = Carrying(self._scenario, self._services, self._ordering)
        other.jars, other._before_send = jars, before_send
        other.removals, other.receivers = self.removals, self.receivers
        other.lease = self.lease
        other._ids, other._titles, other._naming = self._ids, self._titles, self._naming
        return other

    def one(
        self,
        step: Step,
        where: Where,
        scope: Scope,
        control: Control,
        logins: StepLogins,
        *,
        teardown: bool,
    ) -> StepEnd:
        """Carry out one round of one step, with its events."""
        services = self._services
        begun, held = control.clock.monotonic(), services.sender.pace.held
        place, started = self._started(step, where, scope, teardown=teardown)
        try:

            def send() -> StepEnd:
                sending = Sending(services, place, step, self.jar, control, logins)
                return sending.perform(scope, self._before_send)

            if step.traits.sends is not None and not performs(step.kind):
                end = send()
            else:
                end = self._other(step, place, scope, control, send)
        except (TemplateError, BuildError) as error:
            end = self._blamed(step, str(error), error.template, scope)
        except SmokeError as error:  # an order that cannot be written down is not sent
            end = StepEnd(Outcome.ERRORED, self._masked(str(error)))
        # what it was held back is no time that the shop took
        seconds = control.clock.monotonic() - begun - (services.sender.pace.held - held)
        return self._finished(step, scope, started, end, max(0.0, seconds))

    def skip(
        self,
        step: Step,
        where: Where,
        names: ScopeNames,
        why: str,
        outcome: Outcome = Outcome.SKIPPED,
        *,
        teardown: bool,
    ) -> StepEnd:
        """Emit that a step was not carried out, and why."""
        return self._ended(step, where, names, StepEnd(outcome, why), teardown=teardown)

    def fail(
        self,
        step: Step,
        where: Where,
        names: ScopeNames,
        why: str,
        template: JsonValue = None,
        *,
        teardown: bool,
    ) -> StepEnd:
        """Emit that a step could not be carried out, and why: what came of this template cannot be used."""
        try:
            scope = names.seen_by(step)
        except TemplateError:
            scope = names.scope
        end = self._blamed(step, why, template, scope)
        return self._ended(step, where, names, end, teardown=teardown)

    def _blamed(self, step: Step, why: str, template: JsonValue, scope: Scope) -> StepEnd:
        """Only what came out of a response may be the shop's fault; the author's own values give no verdict."""
        outcome = Outcome.FAILED if is_shops(template, step, scope) else Outcome.ERRORED
        return StepEnd(outcome, self._masked(located(why, template, step)))

    def called(self, step: Step, scope: Scope | None) -> str:
        """The step's name with its templates filled in, as far as they are known; nothing secret is in it."""
        return called(step, scope, self._services.secrets.current)

    def _other(
        self,
        step: Step,
        place: StepPlace,
        scope: Scope,
        control: Control,
        send: Callable[[], StepEnd],
    ) -> StepEnd:
        """A step of a kind that carries itself out; what its request came to counts whatever it makes of it."""

        def receive(wanted: WantedCall) -> StepEnd:
            receiver = self.receivers.at(wanted.url)
            return listen(self._services, place, step, scope, receiver, wanted, control)

        receives = step.traits.receives
        sent = Once(receive, "waits for its call") if receives else Once(send)
        session = self._session(scope, control)
        if receives:
            session = replace(session, receive=sent)
        elif step.traits.sends is not None:
            session = replace(session, send=sent)
        try:
            done = carry_out(step.kind, step.spec, session)
        except (SmokeError, TemplateError, BuildError) as error:
            if sent.fault is not None:
                raise sent.fault from error
            if sent.end is None:
                raise
            done = Done(Outcome.ERRORED, str(error))  # an order that it placed is not forgotten
        if sent.fault is not None:
            raise sent.fault
        return with_done(sent.end, done, self._services.secrets)

    def _session(self, scope: Scope, control: Control) -> Session:
        """The engine's doors for a step, but for those of its kind."""

        def ask(name: str, spec: Any) -> Answer:
            with control.waiting():
                return self._services.check(name, spec)

        return Session(
            scope=scope,
            sleep=control.sleep,
            clear_cookies=self._clear,
            remaining=control.remaining,
            ask=ask,
            open_receiver=self.receivers.open,
        )

    def _ended(
        self, step: Step, where: Where, names: ScopeNames, end: StepEnd, *, teardown: bool
    ) -> StepEnd:
        """A step that ended without being carried out."""
        self._ordering.skipped(step, end.message)
        try:
            scope = names.seen_by(step)
        except TemplateError:
            scope = None  # it is called as it is written
        _, started = self._started(step, where, scope, teardown=teardown)
        return self._finished(step, scope, started, end, 0.0)

    def jar(self, name: str) -> Jar:
        """The cookies of a customer."""
        return self.jars.setdefault(name, Jar())

    def _clear(self, name: str) -> None:
        for customer, jar in self.jars.items():
            if name in ("*", customer):
                jar.clear()

    def _masked(self, text: str) -> str:
        return mask_text(text, self._services.secrets.current)

    def _started(
        self, step: Step, where: Where, scope: Scope | None, *, teardown: bool
    ) -> tuple[StepPlace, StepResult]:
        """Emit that a step starts; its place, and what is known of it so far."""
        name = self.called(step, scope)
        with self._naming:
            place = StepPlace(self._scenario, _free(where.id(step.id), self._ids, "~{}"))
            title = _free(where.title(name), self._titles, " ({})")
        started = StepResult(
            id=place.step,
            name=name,
            kind=step.kind,
            outcome=Outcome.UNFINISHED,
            teardown=teardown,
            source=step.span.source,
            line=step.span.line,
            title=title if title != place.step else "",
            rounds=where.rounds,
        )
        self._services.journal.append(StepStarted(self._services.at(), self._scenario, started))
        return place, started

    def _finished(
        self,
        step: Step,
        scope: Scope | None,
        started: StepResult,
        end: StepEnd,
        seconds: float,
    ) -> StepEnd:
        end = end.called(started.called)
        self.removals.take(step, end, scope)
        result = replace(
            started,
            outcome=end.outcome,
            captures=end.captures,
            checked=end.checked,
            facts=end.facts,
            message=end.message,
            flaky=end.flaky,
            seconds=round(seconds, 6),
            by_hand=end.by_hand,
        )
        self._services.journal.append(StepFinished(self._services.at(), self._scenario, result))
        return end


def _free(name: str, taken: set[str], numbered: str) -> str:
    """The name, with a number behind it when it is taken; it is taken from now on."""
    free, number = name, 1
    while free in taken:
        number += 1
        free = name + numbered.format(number)
    taken.add(free)
    return free
