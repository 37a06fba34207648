"""A request step: its attempts, until one passes, the policy ends it, or time is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from smoke.engine.attempt import AttemptInput, attempt
from smoke.engine.by_hand import LetGo, let_go
from smoke.engine.captures import shown_captures
from smoke.engine.control import Control
from smoke.engine.cookies import Jar
from smoke.engine.draws import Draws
from smoke.engine.orders import removal
from smoke.engine.pace import BeforeSend
from smoke.engine.renewal import StepLogins, refused, same_order, why_not
from smoke.engine.retry import Policy, Tried, decide
from smoke.engine.services import Services
from smoke.engine.tally import StepPlace, Tally
from smoke.engine.verdict import VerdictInput, header, verdict
from smoke.model.events import AttemptFinished, OrderRemoved
from smoke.model.fact import Fact
from smoke.model.run import (
    Attempt,
    ByHand,
    Capture,
    Decision,
    JsonValue,
    OrderState,
    Outcome,
    Removal,
)
from smoke.model.semantics import SAFE_METHODS
from smoke.redact import mask_mismatch, mask_text
from smoke.scenario.expect import described
from smoke.scenario.model import Step
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import render
from smoke.steps import BuildError
from smoke.steps._guarded import built as built_by
from smoke.steps._session import Built, Making

_NONE_PLACED = (Fact("order", "none was placed: the answer is as expected and holds no id"),)


class Ordered(Struct, frozen=True):
    """An order that the shop has, or may have: without an id when nobody knows it."""

    key: str
    order_id: str = ""
    idempotency_key: str = ""


class StepEnd(Struct, frozen=True):
    """What a step came to. `values` are its captures with their real values, for the steps behind it."""

    outcome: Outcome
    message: str = ""
    values: Mapping[str, JsonValue] = field(default_factory=dict)
    captures: tuple[Capture, ...] = ()
    checked: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    flaky: bool = False
    order: Ordered | None = None
    """The order that it placed, or may have placed."""
    removed: tuple[str, Removal] | None = None
    """Key of the order that it was to remove, and what came of it."""
    status: int | None = None
    """Of the last answer."""
    wall: str = ""
    """Which wall before the deployment answered it, if one did."""
    title: str = ""
    """How the step is called for a reader, unique in the scenario."""
    by_hand: ByHand | None = None
    """What a person made of its request before it was to be sent."""

    def called(self, title: str) -> StepEnd:
        """The same end of a step of that title."""
        return replace(self, title=title)


class BuiltStep(Struct, frozen=True):
    """A request ready to be sent, the names that it was made with, and whose cookies go along."""

    built: Built
    scope: Scope
    jar: Jar


class Sending:
    """Sends one step's request. It is built once: a retry sends the same bytes and the same key."""

    def __init__(
        self,
        services: Services,
        place: StepPlace,
        step: Step,
        jars: Callable[[str], Jar],
        control: Control,
        logins: StepLogins,
    ) -> None:
        self._services = services
        self._place = place
        self._step = step
        self._jars = jars
        self._control = control
        self._logins = logins
        self._draws = Draws(services.new_uuid, services.now) if logins.may_run_out else None
        """What is drawn for it, so that it can be built again with a new login; None where that is never done."""

    def perform(self, scope: Scope, before_send: BeforeSend | None = None) -> StepEnd:
        """Its attempts, until one passes, the policy ends it, or time is over."""
        services, step = self._services, self._step
        ready = self._built(scope)
        # its key must be known before anything is sent: what was removed is written down under it
        removes = "" if step.removes_order is None else str(render(step.removes_order, scope))
        let = self._let_go(ready)
        if let.why_not:
            return StepEnd(Outcome.SKIPPED, let.why_not, by_hand=let.by_hand)
        ready = replace(ready, built=let.built)
        limit = self._limit()
        number = 0
        may_exist = failed_before = False
        while True:
            number += 1
            tally = self._attempt(
                ready, limit, number, before_send if number == 1 else None, may_exist=may_exist
            )
            may_exist = may_exist or (
                tally.order is not None and tally.order.state is OrderState.MAY_EXIST
            )
            decision, again = self._renewed(ready, tally, may_exist=may_exist)
            if decision is None:
                decision = let.decision(tally) or self._decide(ready.built, tally, limit)
            if decision.retry and not limit.sleep(decision.wait):
                decision = Decision(
                    retry=False, reason=f"{decision.reason}, but {limit.why_over()}"
                )
            _finish(services, self._place, tally, decision)
            if not decision.retry:
                break
            failed_before = failed_before or again is None  # a new login says nothing of the shop
            ready = again or ready
        flaky = failed_before and tally.passed and step.until is None
        end = _end(services, step, tally, flaky=flaky)
        end = replace(end, facts=(*end.facts, *let.facts))
        removed = _removed(services, removes, tally, end) if removes else None
        order = _ordered(tally, ready.built.idempotency_key or "")
        return replace(end, removed=removed, order=order, by_hand=let.by_hand)

    def _limit(self) -> Control:
        """What ends its attempts: its own time, where it polls."""
        until = self._step.until
        if until is None:
            return self._control
        what = f"the time for this step (until: {until.deadline:g} s)"
        return self._control.narrower(until.deadline, what)

    def _let_go(self, ready: BuiltStep) -> LetGo:
        """The request as a person lets it go; one that they edited is not made anew with another login."""
        services = self._services
        of = (ready.built, ready.jar)
        let = let_go(services.hand, services.sender, self._place, self._step, of, self._control)
        if let.by_hand is not None:
            self._draws = None
        return let

    def _built(self, scope: Scope) -> BuiltStep:
        """The request under these names. Raises TemplateError, BuildError, and SmokeError for a plugin's fault."""
        services, draws = self._services, self._draws
        making = Making(
            scope if draws is None else draws.around(scope),
            services.base_url,
            services.new_uuid if draws is None else draws.new_uuid,
            self._step.files,
            services.now if draws is None else draws.now,
            self._good_for,
            self._logins.lease.refresh_of(self._step),
        )
        built = built_by(self._step.kind, self._step.spec, making)
        return BuiltStep(built, scope, self._jars(built.customer))

    def _good_for(self, seconds: float, refresh: str) -> None:
        self._services.secrets.learn("refresh_token", refresh)
        now = self._services.clock.monotonic()
        self._logins.lease.take(self._step, now, seconds, refresh)

    def _attempt(
        self,
        ready: BuiltStep,
        limit: Control,
        number: int,
        before_send: BeforeSend | None,
        *,
        may_exist: bool,
    ) -> Tally:
        return attempt(
            AttemptInput(
                services=self._services,
                place=self._place,
                step=self._step,
                built=ready.built,
                scope=ready.scope,
                jar=ready.jar,
                control=limit,
                number=number,
                # a retry asks for the same order, so it has the same place in the journal
                order_key=f"{self._place.scenario}/{self._place.step}",
                may_exist=may_exist,
                before_send=before_send,
            )
        )

    def _renewed(
        self, ready: BuiltStep, tally: Tally, *, may_exist: bool
    ) -> tuple[Decision | None, BuiltStep | None]:
        """The same request with a new login, where the old one ran out; None for an answer that says no such thing.

        Once for a step: `_draws` is gone then.
        """
        response, draws, logins = tally.final.response, self._draws, self._logins
        if draws is None or response is None:
            return None, None
        holds = logins.that_ran_out(response.status, self._step, ready.built)
        named = {status for hold in holds for status in hold.renew_on}
        safe = _only_reads(self._step)
        told = refused(self._step, ready.built, tally, named, safe=safe, may_exist=may_exist)
        if not holds or told is None:
            return None, None
        wrong = why_not(told)
        if wrong:
            return Decision(retry=False, reason=f"not sent again with a new login: {wrong}"), None
        cookies = self._cookies(ready)
        wrong = logins.renew(holds, self._jars, self._control)
        if wrong:
            return Decision(retry=False, reason=f"there is no new login: {wrong}"), None
        draws.again()
        try:
            again = self._built(logins.seen())
        except (BuildError, TemplateError) as error:
            reason = f"not sent again with a new login: {error}"
            return Decision(retry=False, reason=reason), None
        finally:
            self._draws = None
        if not same_order(ready.built, again.built):
            reason = "not sent again with a new login: it would be another order"
            return Decision(retry=False, reason=reason), None
        if again.built == ready.built and self._cookies(again) == cookies:
            reason = "not sent again: the new login changes nothing in it"
            return Decision(retry=False, reason=reason), None
        names = ", ".join(f"'{hold.need.name}'" for hold in holds)
        reason = f"status {response.status}: {names} was carried out again; sent once more with it"
        return Decision(retry=True, reason=reason), again

    def _cookies(self, ready: BuiltStep) -> bytes | None:
        return ready.jar.header(ready.built.request.url, self._services.now())

    def _decide(self, built: Built, tally: Tally, limit: Control) -> Decision:
        has_key = bool(built.idempotency_key)
        policy = _policy(self._step)
        return _decide(
            self._services, self._step, built.request.method, tally, policy, limit, has_key
        )


def _policy(step: Step) -> Policy:
    retry = step.retry
    if retry is None:
        return Policy()
    return Policy(
        attempts=retry.attempts,
        on=retry.on,
        wait=retry.wait,
        max_wait=retry.max_wait,
        idempotent=retry.idempotent,
        named=retry.on if "on" in retry.model_fields_set else (),
    )


def _decide(
    services: Services,
    step: Step,
    method: str,
    tally: Tally,
    policy: Policy,
    limit: Control,
    has_key: bool,
) -> Decision:
    if tally.wall is not None:
        return Decision(retry=False, reason="a wall before the deployment answered: it will again")
    safe = _only_reads(step)
    if step.until is not None and (safe or method.upper() in SAFE_METHODS):
        if tally.good:
            return Decision(retry=False, reason="the expectations hold")
        if limit.remaining() <= step.until.every or limit.over:
            return Decision(retry=False, reason=f"not within {step.until.deadline:g} s (until)")
        return Decision(
            retry=True, reason="the expectations do not hold yet (until)", wait=step.until.every
        )
    response = tally.final.response
    return decide(
        Tried(
            number=tally.number,
            method=method,
            passed=tally.good,
            status=response.status if response is not None else None,
            error=tally.final.error,
            retry_after=header(tally.final, b"retry-after"),
            has_key=has_key,
            followed=tally.followed,
            safe=safe,
        ),
        policy,
        remaining=limit.remaining(),
        jitter=services.random(),
        now=services.now(),
    )


def _only_reads(step: Step) -> bool:
    """Whether the scenario says so, or a GraphQL query is sent; never of an order."""
    sends = step.traits.sends
    orders = step.places_order is not None or step.removes_order is not None
    return sends is not None and (sends.safe or sends.reads) and not orders


def _finish(services: Services, place: StepPlace, tally: Tally, decision: Decision) -> None:
    secrets = services.secrets.current
    services.journal.append(
        AttemptFinished(
            at=services.at(),
            scenario=place.scenario,
            step=place.step,
            attempt=Attempt(
                tally.number,
                mismatches=tuple(mask_mismatch(mismatch, secrets) for mismatch in tally.mismatches),
                findings=tally.findings,
                decision=decision,
                error=mask_text(tally.final.error.message, secrets) if tally.final.error else "",
                made=tally.made,
            ),
        )
    )


def _removed(services: Services, key: str, tally: Tally, end: StepEnd) -> tuple[str, Removal]:
    """Write down what became of the order that this step was to remove: its key, and that."""
    state = removal(passed=tally.good, status=end.status, page=_is_page(tally))
    note = "" if end.status is None else f"status {end.status}"
    if state is Removal.FAILED:
        note = f"{note}; {end.message}" if note else end.message
    event = OrderRemoved(at=services.at(), key=key, removed=state, note=note)
    services.journal.append(event, sync=True)
    return key, state


def _is_page(tally: Tally) -> bool:
    """Whether the answer is a page or empty, as of a router that knows no such address."""
    response = tally.final.response
    if response is None or not response.body.wire_size:
        return True
    media_type = header(tally.final, b"content-type") or ""
    return not media_type or media_type.lower().startswith(("text/html", "text/plain"))


def _end(services: Services, step: Step, tally: Tally, *, flaky: bool) -> StepEnd:
    values = dict(tally.values or {})
    secrets = services.secrets.current
    captures = shown_captures(step, tally.shown or {}, secrets)
    wall = tally.wall.message if tally.wall is not None else ""
    # the headline is made of the first one's words: what its path announces is masked before
    masked = tuple(mask_mismatch(mismatch, secrets) for mismatch in tally.mismatches)
    judged = VerdictInput(tally.final, masked, tally.findings, tally.passed, wall)
    outcome, message = verdict(judged, step.expect, services.now())
    response = tally.final.response
    return StepEnd(
        outcome=outcome,
        # who stands before the shop is told in words of our own, with a setting to copy: nothing of them is masked
        message=wall or mask_text(message, secrets),
        values=values,
        captures=captures,
        checked=described(step.expect, step.traits.sends),
        facts=_NONE_PLACED if tally.order is not None and tally.order.none else (),
        flaky=flaky,
        status=response.status if response is not None else None,
        wall=tally.wall.title if tally.wall is not None else "",
    )


def _ordered(tally: Tally, idempotency_key: str) -> Ordered | None:
    order = tally.order
    if order is None or order.state is OrderState.NOT_PLACED:
        return None
    return Ordered(order.key, order.order_id, idempotency_key)
