"""A request step: its attempts, until one passes, the policy ends it, or time is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from smoke.engine.attempt import AttemptInput, attempt
from smoke.engine.captures import shown_captures
from smoke.engine.control import Control
from smoke.engine.cookies import Jar
from smoke.engine.orders import removal
from smoke.engine.retry import Policy, Tried, decide
from smoke.engine.services import Services
from smoke.engine.tally import StepPlace, Tally
from smoke.engine.verdict import VerdictInput, header, verdict
from smoke.model.events import AttemptFinished, OrderRemoved
from smoke.model.fact import Fact
from smoke.model.run import Attempt, Capture, Decision, JsonValue, OrderState, Outcome, Removal
from smoke.model.semantics import SAFE_METHODS
from smoke.redact import mask_mismatch, mask_text
from smoke.scenario.expect import described
from smoke.scenario.model import Step
from smoke.scenario.scope import Scope
from smoke.scenario.template import render
from smoke.steps._guarded import built as built_by
from smoke.steps._session import Making


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

    def called(self, title: str) -> StepEnd:
        """The same end of a step of that title."""
        return replace(self, title=title)


def perform_request(
    services: Services,
    place: StepPlace,
    step: Step,
    scope: Scope,
    jars: Callable[[str], Jar],
    control: Control,
    before_send: Callable[[], None] | None = None,
) -> StepEnd:
    """Send a step's request. It is built once: a retry sends the same bytes and the same key."""
    built = built_by(
        step.kind,
        step.spec,
        Making(scope, services.base_url, services.new_uuid, step.files, services.now),
    )
    # its key must be known before anything is sent: what was removed is written down under it
    removes = "" if step.removes_order is None else str(render(step.removes_order, scope))
    jar = jars(built.customer)
    limit = control
    if step.until is not None:
        deadline = step.until.deadline
        limit = control.narrower(deadline, f"the time for this step (until: {deadline:g} s)")
    policy = _policy(step)
    number = 0
    may_exist = False
    failed_before = False
    while True:
        number += 1
        tally = attempt(
            AttemptInput(
                services=services,
                place=place,
                step=step,
                built=built,
                scope=scope,
                jar=jar,
                control=limit,
                number=number,
                # a retry asks for the same order, so it has the same place in the journal
                order_key=f"{place.scenario}/{place.step}",
                may_exist=may_exist,
                before_send=before_send if number == 1 else None,
            )
        )
        may_exist = may_exist or (
            tally.order is not None and tally.order.state is OrderState.MAY_EXIST
        )
        decision = _decide(
            services, step, built.request.method, tally, policy, limit, bool(built.idempotency_key)
        )
        if decision.retry and not limit.sleep(decision.wait):
            decision = Decision(retry=False, reason=f"{decision.reason}, but {limit.why_over()}")
        _finish(services, place, tally, decision)
        if not decision.retry:
            break
        failed_before = True
    flaky = failed_before and tally.passed and step.until is None
    end = _end(services, step, tally, flaky=flaky)
    removed = _removed(services, removes, tally, end) if removes else None
    return replace(end, removed=removed, order=_ordered(tally, built.idempotency_key or ""))


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
        checked=described(step.expect),
        flaky=flaky,
        status=response.status if response is not None else None,
        wall=tally.wall.title if tally.wall is not None else "",
    )


def _ordered(tally: Tally, idempotency_key: str) -> Ordered | None:
    order = tally.order
    if order is None or order.state is OrderState.NOT_PLACED:
        return None
    return Ordered(order.key, order.order_id, idempotency_key)
