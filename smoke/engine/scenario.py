"""One scenario: its steps in order, in loops and side by side, then its teardown, whatever happened."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from smoke import plugins
from smoke.diagnostic import SmokeError
from smoke.engine.attempt import Place
from smoke.engine.control import Control
from smoke.engine.cookies import Jar
from smoke.engine.removals import Removals, as_names
from smoke.engine.rounds import rounds_of
from smoke.engine.services import Services
from smoke.engine.step import Ordered, StepEnd, perform_request
from smoke.engine.verdict import Ordering
from smoke.model.events import (
    OrderRemoved,
    ScenarioFinished,
    ScenarioStarted,
    StepFinished,
    StepStarted,
)
from smoke.model.run import Outcome, PlacedOrder, Removal
from smoke.redact import mask_text
from smoke.scenario.includes import LET
from smoke.scenario.model import Scenario, Step
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import render
from smoke.scenario.when import holds
from smoke.steps._session import Answer, Session
from smoke.steps.request import BuildError

TEARDOWN_SECONDS = 60.0
TEARDOWN_AFTER_INTERRUPT = 3.5
"""GitHub Actions kills 7.5 s after its first signal; teardown and reports must fit in less."""


class ScenarioRun:
    """Runs one scenario once. Owns its names, its customers' cookies and its orders; shares nothing of them."""

    def __init__(self, scenario: Scenario, name: str, services: Services, scope: Scope) -> None:
        self._scenario = scenario
        self._name = name
        self._services = services
        self._scope = scope
        self._jars: dict[str, Jar] = {}
        self._orders: list[Ordered] = []
        self._removals = Removals()
        self._ids: dict[str, int] = {}
        self._ordering = Ordering(scenario.steps)

    def run(self, control: Control, teardown: Control | None = None) -> Outcome:
        """Carry it out and emit its events. `teardown` bounds the clean-up; it outlives an interruption."""
        services, scenario = self._services, self._scenario
        begun = services.clock.monotonic()
        self._announce()
        try:
            outcomes = self._steps(scenario.steps, control, teardown=False)
            services.after_steps(self._name, _worst(outcomes), control)
        except BaseException:
            self._teardown(control, teardown)  # no order stays behind because of a fault of ours
            raise
        message = ""
        if control.over and Outcome.SKIPPED in outcomes:
            message = control.why_over()
        outcomes += self._teardown(control, teardown)
        outcome = _worst(outcomes)
        if outcome in (Outcome.PASSED, Outcome.SKIPPED):
            if not message and not scenario.may_place_none:
                message = self._ordering.why_none()
            if message:  # it was cut short, or ordered nothing: no verdict
                outcome = Outcome.ERRORED
        services.journal.append(
            ScenarioFinished(
                at=services.at(),
                scenario=self._name,
                outcome=outcome,
                message=message,
                seconds=round(services.clock.monotonic() - begun, 6),
            )
        )
        return outcome

    def skip(self, why: str, outcome: Outcome = Outcome.SKIPPED) -> Outcome:
        """Emit that it was not carried out, and why."""
        services = self._services
        self._announce()
        services.journal.append(
            ScenarioFinished(at=services.at(), scenario=self._name, outcome=outcome, message=why)
        )
        return outcome

    def clean_up(self, control: Control, of: str, orders: Sequence[PlacedOrder]) -> Outcome:
        """Carry out the teardown alone, for the orders that the scenario `of` of an earlier run left behind."""
        services = self._services
        begun = services.clock.monotonic()
        self._orders = [Ordered(o.key, o.order_id, o.idempotency_key) for o in orders]
        self._scope = self._scope.with_names(as_names(self._orders))
        self._announce(teardown_of=of)
        outcomes = self._steps(self._scenario.teardown, control, teardown=True)
        self._tell_untried()
        left = [order for order in self._orders if not self._removals.done(order.key)]
        if left:  # whatever its steps came to, it is not done
            known = any(order.order_id for order in left)
            outcomes.append(Outcome.FAILED if known else Outcome.ERRORED)
        outcome = _worst(outcomes)
        services.journal.append(
            ScenarioFinished(
                at=services.at(),
                scenario=self._name,
                outcome=outcome,
                seconds=round(services.clock.monotonic() - begun, 6),
            )
        )
        return outcome

    def _announce(self, teardown_of: str = "") -> None:
        scenario = self._scenario
        self._services.journal.append(
            ScenarioStarted(
                at=self._services.at(),
                scenario=self._name,
                summary=scenario.summary,
                source=scenario.source,
                passed_message="" if teardown_of else scenario.passed,
                fix=scenario.fix or "",
                teardown_of=teardown_of,
            )
        )

    def _teardown(self, control: Control, teardown: Control | None) -> list[Outcome]:
        if not self._scenario.teardown:
            return []
        limit = teardown if teardown is not None else Control(self._services.clock)
        interrupted = control.cancelled.is_set()
        seconds = TEARDOWN_AFTER_INTERRUPT if interrupted else TEARDOWN_SECONDS
        limit = limit.narrower(seconds, f"the time for the teardown ({seconds:g} s)")
        outcomes = self._steps(self._scenario.teardown, limit, teardown=True)
        self._tell_untried()
        return outcomes

    def _tell_untried(self) -> None:
        """Write down of every order that no step tried to remove why that is so."""
        for order in self._orders:
            if (why := self._removals.why_not(order)) is not None:
                event = OrderRemoved(self._services.at(), order.key, Removal.NO, why)
                self._services.journal.append(event, sync=True)

    def _steps(self, steps: tuple[Step, ...], control: Control, *, teardown: bool) -> list[Outcome]:
        """Outcomes of all steps. After one that did not pass the rest is skipped, but in teardown all are tried."""
        outcomes: list[Outcome] = []
        stopped = ""
        for step in steps:
            if control.over and not stopped:
                stopped = control.why_over()
            if stopped:
                outcomes.append(self._skip(step, stopped, teardown=teardown))
                continue
            for outcome in self._step(step, control, teardown=teardown):
                outcomes.append(outcome)
                if outcome in (Outcome.FAILED, Outcome.ERRORED) and not teardown:
                    stopped = f"step '{step.name}' did not pass"
                    break
        return outcomes

    def _step(self, step: Step, control: Control, *, teardown: bool) -> Iterator[Outcome]:
        """The outcome of each round of a step; what one round captures the next one sees."""
        try:
            if step.kind == LET:
                self._bind(step)
                return
            rounds = rounds_of(step, self._visible(step))
        except TemplateError as error:
            yield self._failed(step, str(error), teardown=teardown)
            return
        if not rounds:
            yield self._nothing(step, teardown=teardown)
        for names in rounds:
            if control.over:
                yield self._skip(step, control.why_over(), teardown=teardown)
                return
            try:
                scope = self._visible(step).with_names(names)
                wanted = step.when is None or holds(step.when, scope)
            except TemplateError as error:
                yield self._failed(step, str(error), teardown=teardown)
                continue
            if not wanted:
                yield self._skip(step, "its condition (when) does not hold", teardown=teardown)
            elif step.kind == "together":
                yield from self._together(step, scope, control, teardown=teardown)
            else:
                end = self._one(step, scope, control, self._jar, None, teardown=teardown)
                self._learn(step, end)
                yield end.outcome

    def _nothing(self, step: Step, *, teardown: bool) -> Outcome:
        """A list that came out empty: a teardown has nothing to do; a step that should have ordered did not."""
        if teardown:
            return self._skip(step, "nothing to loop over", teardown=True)
        try:
            if step.when is not None and not holds(step.when, self._visible(step)):
                return self._skip(step, "its condition (when) does not hold", teardown=False)
        except TemplateError:
            pass  # a condition about each item says nothing of a list without any
        message = (
            "the list of for_each is empty, so nothing was done; `when` says when that is right"
        )
        return self._failed(step, message, teardown=False)

    def _bind(self, step: Step) -> None:
        """Give the parameters of an included file their values, once for all its steps."""
        values = render(step.spec["values"], self._visible(step))
        self._scope = self._scope.with_names({step.spec["key"]: values})

    def _visible(self, step: Step) -> Scope:
        """The names that a step sees: all, and the parameters of the files that it was included from."""
        return self._with_parameters(self._scope, step)

    def _with_parameters(self, scope: Scope, step: Step) -> Scope:
        for key in step.names_from:
            if not self._scope.has(key):  # in teardown, after a failure before it
                raise TemplateError("the include that gives its parameters was not carried out")
            parameters = self._scope.look_up([key])
            assert isinstance(parameters, dict)
            scope = scope.with_names(parameters)
        return scope

    def _one(
        self,
        step: Step,
        scope: Scope,
        control: Control,
        jars: Callable[[str], Jar],
        before_send: Callable[[], None] | None,
        *,
        teardown: bool,
    ) -> StepEnd:
        """Carry out one round of one step, with its events."""
        services = self._services
        place = Place(self._name, self._unique(step.id))
        begun = services.clock.monotonic()
        self._started(step, place, teardown=teardown)
        try:
            if step.kind == "request":
                end = perform_request(services, place, step, scope, jars, control, before_send)
            else:
                end = self._other(step, scope, control)
        except (TemplateError, BuildError) as error:
            end = StepEnd(Outcome.FAILED, mask_text(str(error), services.secrets.current))
        except SmokeError as error:  # an order that cannot be written down is not sent
            end = StepEnd(Outcome.ERRORED, mask_text(str(error), services.secrets.current))
        self._removals.take(step, end)
        self._finished(place, end, services.clock.monotonic() - begun)
        return end

    def _other(self, step: Step, scope: Scope, control: Control) -> StepEnd:
        """A step of a kind that a plugin carries out."""

        def ask(name: str, spec: Any) -> Answer:
            with control.waiting():
                return self._services.check(name, spec)

        session = Session(
            scope=scope,
            sleep=control.sleep,
            clear_cookies=self._clear,
            remaining=control.remaining,
            ask=ask,
        )
        done = plugins.load("steps", step.kind.replace("_", "-")).perform(step.spec, session)
        secrets = self._services.secrets.current
        checked = tuple(mask_text(text, secrets) for text in done.checked)
        return StepEnd(done.outcome, mask_text(done.message, secrets), checked=checked)

    def _together(
        self, step: Step, scope: Scope, control: Control, *, teardown: bool
    ) -> Iterator[Outcome]:
        """All children at the same instant: each gets ready, then they leave through one barrier."""
        from concurrent.futures import ThreadPoolExecutor

        children = step.children
        try:
            scopes = [self._with_parameters(scope, child) for child in children]
        except TemplateError as error:
            yield self._failed(step, str(error), teardown=teardown)
            return
        barrier = threading.Barrier(len(children))

        # each child starts from the customers' cookies as they are, and goes its own way
        jars = [{name: jar.copy() for name, jar in self._jars.items()} for _ in children]

        def child(number: int) -> StepEnd:
            own = jars[number]
            met = threading.Event()

            def meet() -> None:
                met.set()
                with contextlib.suppress(threading.BrokenBarrierError):
                    barrier.wait(timeout=min(10.0, max(0.1, control.remaining())))

            try:
                return self._one(
                    children[number],
                    scopes[number],
                    control,
                    lambda name: own.setdefault(name, Jar()),
                    meet,
                    teardown=teardown,
                )
            finally:
                if not met.is_set():  # it could not get ready: it must not hold the others up
                    barrier.abort()

        with control.waiting(), ThreadPoolExecutor(max_workers=len(children)) as pool:
            ends = list(pool.map(child, range(len(children))))
        for own in jars:
            for name, jar in own.items():
                self._jar(name).absorb(jar)
        # all of them before any is judged: an order that one child placed must be known to the teardown
        for number, end in enumerate(ends):
            self._learn(children[number], end)
        yield from (end.outcome for end in ends)

    def _learn(self, step: Step, end: StepEnd) -> None:
        """What a step captured or ordered is there for the steps behind it."""
        self._ordering.carried_out(step, end.status, ordered=end.order is not None)
        if end.order is not None:
            self._orders.append(end.order)
        self._scope = self._scope.with_names({**end.values, **as_names(self._orders)})

    def _jar(self, name: str) -> Jar:
        return self._jars.setdefault(name, Jar())

    def _clear(self, name: str) -> None:
        for customer, jar in self._jars.items():
            if name in ("*", customer):
                jar.clear()

    def _skip(self, step: Step, why: str, *, teardown: bool) -> Outcome:
        return self._ended(step, StepEnd(Outcome.SKIPPED, why), teardown=teardown)

    def _failed(self, step: Step, why: str, *, teardown: bool) -> Outcome:
        message = mask_text(why, self._services.secrets.current)
        return self._ended(step, StepEnd(Outcome.FAILED, message), teardown=teardown)

    def _ended(self, step: Step, end: StepEnd, *, teardown: bool) -> Outcome:
        """A step that ended without being carried out."""
        self._ordering.skipped(step, end.message)
        place = Place(self._name, self._unique(step.id))
        self._removals.take(step, end)
        self._started(step, place, teardown=teardown)
        self._finished(place, end, 0.0)
        return end.outcome

    def _unique(self, step_id: str) -> str:
        """The step's id, with `#n` from its second round on."""
        count = self._ids[step_id] = self._ids.get(step_id, 0) + 1
        return step_id if count == 1 else f"{step_id}#{count}"

    def _started(self, step: Step, place: Place, *, teardown: bool) -> None:
        self._services.journal.append(
            StepStarted(
                at=self._services.at(),
                scenario=place.scenario,
                step=place.step,
                name=step.name,
                kind=step.kind,
                teardown=teardown,
                source=step.span.source,
                line=step.span.line,
            )
        )

    def _finished(self, place: Place, end: StepEnd, seconds: float) -> None:
        self._services.journal.append(
            StepFinished(
                at=self._services.at(),
                scenario=place.scenario,
                step=place.step,
                outcome=end.outcome,
                captures=end.captures,
                checked=end.checked,
                message=end.message,
                flaky=end.flaky,
                seconds=round(seconds, 6),
            )
        )


def _worst(outcomes: list[Outcome]) -> Outcome:
    """The outcome of a scenario: its worst step's; skipped when nothing was carried out at all."""
    return max(outcomes, key=lambda outcome: outcome.rank, default=Outcome.SKIPPED)
