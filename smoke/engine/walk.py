"""The steps of a scenario in order: in groups, in loops, side by side."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from msgspec import Struct

from smoke.engine.carrying import Carrying
from smoke.engine.control import Control
from smoke.engine.cookies import Jar
from smoke.engine.frame import ScopeNames, Where, given_by
from smoke.engine.logins import Hold, Logins, Shared
from smoke.engine.removals import as_names
from smoke.engine.renewal import StepLogins
from smoke.engine.rounds import RoundsBegun, rounds_of
from smoke.engine.services import Services
from smoke.engine.step import Ordered, StepEnd
from smoke.engine.together import MOST_PATIENCE, Gate, side_by_side
from smoke.engine.verdict import Ordering
from smoke.model.call import ReceivedCall
from smoke.model.run import JsonValue, Outcome
from smoke.scenario.blame import from_response
from smoke.scenario.model import LastStep, Step
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import render
from smoke.scenario.traits import Holds
from smoke.scenario.when import holds

_CONDITION = "its condition (when) does not hold"


class Lane(Struct, frozen=True):
    """A step that is carried out beside others: who goes through it, with which names."""

    step: Step
    walk: Walk
    names: ScopeNames


class Walk:
    """Goes through the steps of one scenario once. Owns its orders; shares nothing of them."""

    def __init__(
        self,
        scenario: str,
        services: Services,
        scope: Scope,
        ordering: Ordering,
        last: LastStep | None = None,
    ) -> None:
        """It goes no further than `last`, where there is one."""
        self._scenario = scenario
        self._services = services
        self._carrying = Carrying(scenario, services, ordering)
        self._ordering = ordering
        self._scope = scope
        self._names = ScopeNames(scope)
        self._orders: list[Ordered] = []
        self._known = 0
        """How many orders there were when it began."""
        self._begun = RoundsBegun()
        self._last = last
        self._reached = ""
        """Why nothing more is carried out: the last step is over."""
        self.cut_short = ""
        """The same, once a step was left out for it."""
        self.wall = ""
        """Which wall before the deployment answered a step, if one did."""
        self.by_hand: list[str] = []
        """What a person made of steps, in words."""

    def steps(self, steps: Sequence[Step], control: Control) -> list[Outcome]:
        """Outcomes of all steps. After one that did not pass the rest is skipped."""
        self._reached = ""
        return [
            end.outcome for end in self._list(steps, self._names, Where(), control, teardown=False)
        ]

    def teardown(self, steps: Sequence[Step], control: Control) -> list[Outcome]:
        """Outcomes of all steps. All are tried, but those that need what a step before them could not give."""
        self._begun = RoundsBegun()
        return [
            end.outcome for end in self._list(steps, self._names, Where(), control, teardown=True)
        ]

    def know(self, given: Sequence[Hold]) -> None:
        """Begin with what needed scenarios gave. The cookies are copies: what becomes of them here, nobody else sees."""
        logins = Logins(given)
        for jars in logins.jars:
            for customer, jar in jars.items():
                self._carrying.jars.setdefault(customer, Jar()).absorb(jar)
        self._names = ScopeNames(self._scope, logins=logins)

    def begin_anew(self, given: Sequence[Hold]) -> None:
        """Forget what was captured, the cookies and the ports: its steps are carried out as if for the first time."""
        self._begun = RoundsBegun()
        self._carrying.receivers.close()
        self._carrying.jars.clear()
        self._carrying.lease.begin_anew()
        self.know(given)

    def shared(self, names: Iterable[str], number: int = 1) -> Shared:
        """What others begin with: those of the names that were captured, and the cookies; `number` counts the times."""
        learnt = self._names.learnt
        return Shared(
            {name: learnt[name] for name in names if name in learnt},
            frozenset(self._names.untrusted),
            {customer: jar.copy() for customer, jar in self._carrying.jars.items()},
            number,
            self._carrying.lease.good_until,
        )

    @property
    def untaken(self) -> list[ReceivedCall]:
        """The calls from the shop that no step took."""
        return self._carrying.receivers.untaken

    def close(self) -> None:
        """Give back what the steps hold: the ports of receivers."""
        self._carrying.receivers.close()

    def take_orders(self, orders: Sequence[Ordered]) -> None:
        """Orders that were placed before, by an earlier run."""
        self._orders += orders

    @property
    def left(self) -> list[Ordered]:
        """The orders that the shop still has, as far as it is known."""
        return [order for order in self._orders if not self._carrying.removals.done(order.key)]

    def untried(self) -> Iterator[tuple[Ordered, str]]:
        """The orders that no step is known to have tried to remove, and why."""
        for order in self._orders:
            if (why := self._carrying.removals.why_not(order)) is not None:
                yield order, why

    def _list(
        self,
        steps: Sequence[Step],
        names: ScopeNames,
        where: Where,
        control: Control,
        *,
        teardown: bool,
    ) -> Iterator[StepEnd]:
        stopped = ""
        for step in steps:
            stopped = stopped or self._why_over(control, teardown=teardown)
            if stopped:
                yield from self._skip(step, names, where, stopped, teardown=teardown)
                continue
            for end in self._step(step, names, where, control, teardown=teardown):
                yield end
                if end.outcome.stops and not teardown:
                    stopped = stopped or f"step '{end.title}' did not pass"
            self._over((step,))

    def _over(self, steps: Sequence[Step]) -> None:
        """These are over: whether that is as far as it goes."""
        if self._last is not None and any(step.path in self._last.paths for step in steps):
            self._reached = f"behind '{self._last.title}' (--until)"

    def _why_over(self, control: Control, *, teardown: bool) -> str:
        """Why nothing more is begun; empty where something is."""
        if control.over:
            return control.why_over()
        if teardown:
            return ""
        self.cut_short = self.cut_short or self._reached
        return self._reached

    def _step(
        self, step: Step, names: ScopeNames, where: Where, control: Control, *, teardown: bool
    ) -> Iterator[StepEnd]:
        """The end of each round of a step, of each step of each round of a group."""
        missing = names.missing(step)
        if missing is not None:
            what, giver = missing
            why = f"it needs {what} from {giver}"
            yield from self._skip(step, names, where, why, teardown=teardown)
            names.lost.update(dict.fromkeys(given_by(step), giver))
            return
        try:
            if step.traits.binds:
                self._bind(step, names)
                return
            rounds = self._rounds(step, names)
        except TemplateError as error:
            yield self._unreadable(step, where, names, error, teardown=teardown)
            return
        if not rounds:
            yield self._nothing(step, names, where, teardown=teardown)
        for number, added in enumerate(rounds, start=1):
            if over := self._why_over(control, teardown=teardown):
                yield from self._skip(step, names, where, over, teardown=teardown)
                return
            within, here = names, where
            if step.is_loop:
                seen = self._seen_by(step, names)
                untrusted = ("item",) if from_response(step.for_each, seen) else ()
                row = step.rows[number - 1].name if step.rows else ""
                within, here = names.of_round(added, untrusted), where.in_round(number, row)
            bad = False
            for end in self._round(step, within, here, control, teardown=teardown):
                bad = bad or end.outcome.stops
                yield end
            if bad and not teardown:
                return

    def _round(
        self, step: Step, names: ScopeNames, where: Where, control: Control, *, teardown: bool
    ) -> Iterator[StepEnd]:
        try:
            scope = self._seen_by(step, names)
            wanted = step.when is None or holds(step.when, scope)
        except TemplateError as error:
            yield self._unreadable(step, where, names, error, teardown=teardown)
            return
        if not wanted:
            yield self._carrying.skip(step, where, names, _CONDITION, teardown=teardown)
        elif step.is_group:
            inside = where.inside(step.id, self._carrying.called(step, scope))
            yield from self._list(step.children, names, inside, control, teardown=teardown)
        elif step.traits.holds is Holds.TOGETHER:
            yield from self._together(step, names, where, control, teardown=teardown)
        else:
            yield self._one(step, names, where, scope, control, teardown=teardown)

    def _one(
        self,
        step: Step,
        names: ScopeNames,
        where: Where,
        scope: Scope,
        control: Control,
        *,
        teardown: bool,
    ) -> StepEnd:
        """A step that does something itself, with a token that has not run out."""
        carrying = self._carrying
        over = names.logins.over(step, self._services.clock.monotonic())
        if over:
            why = names.logins.renew(over, carrying.jar, control)
            if why:
                why = f"not carried out: what it needs ran out, and there is no new one: {why}"
                return carrying.skip(step, where, names, why, Outcome.ERRORED, teardown=teardown)
            scope = self._seen_by(step, names)
        seen = functools.partial(self._seen_by, step, names)
        logins = StepLogins(names.logins, seen, carrying.lease)
        end = carrying.one(step, where, scope, control, logins, teardown=teardown)
        self._learn(step, end, names, teardown=teardown)
        return end

    def _skip(
        self, step: Step, names: ScopeNames, where: Where, why: str, *, teardown: bool
    ) -> Iterator[StepEnd]:
        """A step that is not carried out; of a group without rounds, each of its steps."""
        if step.traits.binds:
            return
        if not step.is_group or step.is_loop:
            yield self._carrying.skip(step, where, names, why, teardown=teardown)
            return
        try:
            scope = self._seen_by(step, names)
        except TemplateError:
            scope = None  # it is called as it is written
        inside = where.inside(step.id, self._carrying.called(step, scope))
        for child in step.children:
            yield from self._skip(child, names, inside, why, teardown=teardown)

    def _unreadable(
        self, step: Step, where: Where, names: ScopeNames, error: TemplateError, *, teardown: bool
    ) -> StepEnd:
        """A step whose templates cannot be filled in."""
        end = self._carrying.fail(
            step, where, names, str(error), error.template or "", teardown=teardown
        )
        if teardown:
            names.lose(given_by(step), end.title)
        return end

    def _nothing(self, step: Step, names: ScopeNames, where: Where, *, teardown: bool) -> StepEnd:
        """A list that came out empty: a teardown has nothing to do; a step that should have ordered did not."""
        if teardown:
            return self._carrying.skip(step, where, names, "nothing to loop over", teardown=True)
        try:
            if step.when is not None and not holds(step.when, self._seen_by(step, names)):
                return self._carrying.skip(step, where, names, _CONDITION, teardown=False)
        except TemplateError:
            pass  # a condition about each item says nothing of a list without any
        message = (
            "the list of for_each is empty, so nothing was done; `when` says when that is right"
        )
        return self._carrying.fail(step, where, names, message, step.for_each, teardown=False)

    def _bind(self, step: Step, names: ScopeNames) -> None:
        """Give the parameters of an included file their values, once for all its steps."""
        key, scope = step.spec["key"], self._seen_by(step, names)
        given = step.spec["values"]
        untrusted = [
            f"{key}/{name}" for name, value in given.items() if from_response(value, scope)
        ]
        names.learn({key: render(given, scope)}, untrusted)

    def _seen_by(self, step: Step, names: ScopeNames) -> Scope:
        """The names that a step sees. The orders are those of the whole scenario, in every round."""
        return names.seen_by(step).with_names(as_names(self._orders))

    def _rounds(self, step: Step, names: ScopeNames) -> list[dict[str, JsonValue]]:
        """The names that each round adds: none for a step without a loop."""
        rounds = rounds_of(step, self._seen_by(step, names))
        self._begun.more(len(rounds))
        return rounds

    def _together(
        self,
        step: Step,
        names: ScopeNames,
        where: Where,
        control: Control,
        *,
        teardown: bool,
    ) -> Iterator[StepEnd]:
        """Each child in a lane of its own; their first requests leave at the same instant."""
        lanes = [Lane(child, self._beside(), names.of_lane()) for child in step.children]
        # a lane that is let go waits for the others for as long as somebody thinks about them
        patience = None if self._services.hand is not None else MOST_PATIENCE

        def perform(
            number: int, jars: dict[str, Jar], before_send: Callable[[], float | None]
        ) -> list[StepEnd]:
            lane = lanes[number]
            return lane.walk.lane(lane, jars, before_send, where, control, teardown=teardown)

        try:
            gate = Gate(len(lanes), control, self._services.sender.pace, patience)
            ends = side_by_side(len(lanes), perform, self._carrying.jars, control, gate)
        finally:  # whatever happened to one of them: the teardown must know of what the others ordered
            for lane in lanes:
                self._orders += lane.walk.ordered
                self.wall = self.wall or lane.walk.wall
                self.cut_short = self.cut_short or lane.walk.cut_short
                self.by_hand += lane.walk.by_hand
            names.join([lane.names for lane in lanes])
            self._over(step.children)
        yield from chain.from_iterable(ends)

    def _beside(self) -> Walk:
        """A walk through steps beside this one: what it orders and meets is its own until they join."""
        other = Walk(self._scenario, self._services, self._names.scope, self._ordering, self._last)
        other._carrying, other._begun = self._carrying, self._begun
        other._orders = list(self._orders)
        other._known = len(self._orders)
        return other

    def lane(
        self,
        lane: Lane,
        jars: dict[str, Jar],
        before_send: Callable[[], float | None],
        where: Where,
        control: Control,
        *,
        teardown: bool,
    ) -> list[StepEnd]:
        """The ends of the steps of one lane, with its own cookies."""
        self._carrying = self._carrying.beside(jars, before_send)
        return list(self._step(lane.step, lane.names, where, control, teardown=teardown))

    @property
    def ordered(self) -> list[Ordered]:
        """The orders that this lane placed."""
        return self._orders[self._known :]

    def _learn(self, step: Step, end: StepEnd, names: ScopeNames, *, teardown: bool) -> None:
        """What a step captured or ordered is there for the steps behind it.

        In a teardown, what a step that did not pass captured is not: another order could be removed by it.
        """
        self.wall = self.wall or end.wall
        if end.by_hand is not None:
            self.by_hand.append(f"'{end.title}' was {end.by_hand.value} by hand")
        if self._services.hand is not None and end.outcome is Outcome.SKIPPED:
            self._ordering.skipped(step, end.message)
            names.lose(given_by(step), end.title, "was not sent")
            return
        self._ordering.carried_out(step, end.status, ordered=end.order is not None)
        if end.order is not None:
            self._orders.append(end.order)
        if teardown and end.outcome.stops:
            names.lose(step.gives, end.title)
        else:
            names.learn(end.values, end.values)
