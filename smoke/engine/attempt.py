"""One try of a request step: journalled, sent, judged, masked, kept and classified, in that order."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from msgspec import Struct, field
from msgspec.structs import replace

from smoke.advice.pasted import put_in
from smoke.classify import auth_wall, fingerprint, with_names
from smoke.engine.against import blocked, incomplete, refused_in_words
from smoke.engine.as_read import as_read
from smoke.engine.captures import keep_secret, take_captures
from smoke.engine.control import Control
from smoke.engine.cookies import Jar
from smoke.engine.orders import accepted, id_text, may_be_none, settle, without_id
from smoke.engine.sender import Sent
from smoke.engine.services import Services
from smoke.engine.taken import Taking
from smoke.engine.tally import Order, StepPlace, Tally
from smoke.model import made_up
from smoke.model.events import ExchangeRecorded, OrderIntended, OrderSettled
from smoke.model.exchange import Completeness, Exchange, RawExchange, Window
from smoke.model.finding import Finding, Severity
from smoke.model.met import Met
from smoke.model.run import JsonValue, Mismatch, OrderState, PlacedOrder
from smoke.redact import mask_text, payload_digest
from smoke.scenario.answer import StepAnswer
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.expect import evaluate, most_telling_first
from smoke.scenario.extract import CaptureFailed, where
from smoke.scenario.filtering import kind
from smoke.scenario.model import Step
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import Expression, as_text, compile_text
from smoke.scenario.template import evaluate as evaluate_expression
from smoke.steps._session import Built


class AttemptInput(Struct, frozen=True):
    """Everything that one attempt needs. `before_send` is called when all is ready: the seconds held back, None to wait in turn."""

    services: Services
    place: StepPlace
    step: Step
    built: Built
    scope: Scope
    jar: Jar
    control: Control
    number: int
    order_key: str = ""
    may_exist: bool = False
    """An earlier attempt of the same order ended without a clear answer."""
    before_send: Callable[[], float | None] | None = None


def attempt(given: AttemptInput) -> Tally:
    """Carry out one attempt and emit its exchanges and what is known of its order.

    An order's intent is on the disk before the request leaves, its outcome directly after the answer.
    """
    services = given.services
    exchange_id = services.new_id()
    order = _intend(given, exchange_id) if given.step.places_order is not None else None
    with nullcontext() if order is None else _around(given):
        held = services.sender.pace.turn(given.control, given.before_send)
        started_at = services.at()
        sent = services.sender.send(
            given.built.request,
            jar=given.jar,
            follow=given.built.follow_redirects,
            timeout=given.built.timeout or services.timeout,
            control=given.control,
            exchange_id=exchange_id,
            name=_name(given),
            held=held,
        )
    met = _wall(given, sent)
    if order is not None:
        # before anything that could fail: the ledger must know of every order whose response arrived
        order = _settle(given, sent, order, exchange_id, met)
    judged = _judge(given, sent, order.no_id if order and not order.may_be_none else "")
    mismatches = (*blocked(given.step, sent), *judged.mismatches)
    good = not mismatches
    recorded = _record(given, sent, started_at, sync=order is not None or not good, good=good)
    final, seconds = _without_body(sent.final), sent.seconds
    followed = len(sent.exchanges) > 1
    del sent  # what is kept is examined: a large body is not held twice meanwhile
    findings = _findings(given, recorded, met)
    serious = any(finding.severity is Severity.ERROR for finding in findings)
    if judged.holds and not serious and order and (order.no_id or order.may_be_none):
        # all but its id is as expected: this order exists, unless the author says that there is none then
        state = OrderState.NOT_PLACED if order.may_be_none else OrderState.PLACED
        order = _settled(given, replace(order, state=state), exchange_id)
    return Tally(
        number=given.number,
        final=final,
        exchange=recorded[-1][0],
        mismatches=mismatches,
        findings=findings,
        values=judged.values,
        shown=judged.shown,
        order=order,
        seconds=seconds,
        followed=followed,
        made=_made(given, recorded[0][0]),
        wall=met[1] if met is not None else None,
    )


class _Judged(Struct, frozen=True):
    """What the answer comes to; `holds` when all but the order's id is as expected."""

    mismatches: tuple[Mismatch, ...] = ()
    values: dict[str, JsonValue] = field(default_factory=dict)
    shown: dict[str, JsonValue] = field(default_factory=dict)
    holds: bool = False


def _judge(given: AttemptInput, sent: Sent, no_id: str) -> _Judged:
    """Expectations and captures, where there is an answer; `no_id` says why its order has no id."""
    if sent.final.response is None:
        return _Judged()
    seen, nothing = as_read(given.step, given.built, sent)
    if nothing:
        return _Judged(nothing)
    answer = _answer(given, seen)
    # captures first: what they find to be secret is masked before a value that is not met is cut
    values, shown, missing = take_captures(
        given.step, seen, answer, given.jar, given.scope, given.services.secrets
    )
    step = given.step
    mismatches = evaluate(
        step.expect, answer, given.scope, step.lines, _looked_at(step), step.contracts
    )
    mismatches += missing
    mismatches += (*incomplete(step, sent.final), *refused_in_words(step, answer))
    told = most_telling_first(mismatches + without_id(given.step, no_id))
    return _Judged(told, values, shown, holds=not mismatches)


def _around(given: AttemptInput) -> AbstractContextManager[None]:
    place = given.place
    return given.services.around_order(place.scenario, place.step, given.number, given.control)


def _wall(given: AttemptInput, sent: Sent) -> tuple[int, Met] | None:
    """The hop that a wall before the deployment answered; nothing where the scenario expects its very status.

    An order that is answered by a redirect to somebody's login is never what was expected.
    """
    met = given.services.sender.wall(sent.exchanges)
    if met is None:
        return None
    redirected = met[1].status < 400 and given.step.places_order is not None
    return None if given.step.expect.names_status(met[1].status) and not redirected else met


def _answer(given: AttemptInput, sent: Sent) -> StepAnswer:
    secrets = given.services.secrets
    return StepAnswer(
        sent.final,
        elapsed=sent.seconds,
        first=sent.exchanges[0].request,
        follows=given.built.follow_redirects,
        mask=lambda text: mask_text(text, secrets.current),
        at=given.services.clock.now(),
    )


def _looked_at(step: Step) -> tuple[CaptureSpec, ...]:
    """All that the step takes from its answer."""
    rule = step.places_order.id if step.places_order is not None else None
    return (*step.capture.values(), *([rule] if rule is not None else []))


def _without_body(raw: RawExchange) -> RawExchange:
    """What decisions need of an exchange: its status, headers and error."""
    if raw.response is None:
        return raw
    body = replace(raw.response.body, window=Window(), wire=None)
    return replace(raw, response=replace(raw.response, body=body))


def _intend(given: AttemptInput, exchange_id: str) -> Order:
    at = given.services.at()
    given.services.journal.append(
        OrderIntended(
            at,
            PlacedOrder(
                key=given.order_key,
                scenario=given.place.scenario,
                step=given.place.step,
                exchange_id=exchange_id,
                idempotency_key=given.built.idempotency_key or "",
                payload_digest=payload_digest(given.built.request.body, given.services.digest_key),
                intended_at=at,
                remove_hint=_hint(given, ""),
            ),
        ),
        sync=True,
    )
    return Order(given.order_key)


def _settle(
    given: AttemptInput, sent: Sent, order: Order, exchange_id: str, met: tuple[int, Met] | None
) -> Order:
    rule = given.step.places_order
    assert rule is not None
    order_id = no_id = ""
    walled = met is not None and met[0] == 0  # the request itself never reached the shop
    response = sent.final.response if not walled else None
    if rule.id is not None and response is not None:
        try:
            found = _found_id(given, sent, rule.id)
            order_id = id_text(found)
            if not order_id and not rule.id.optional:
                no_id = f"{where(rule.id)} is {kind(found)}, which names no order"
        except CaptureFailed as failure:
            no_id = str(failure)
        # a refusal has no order to name; over a WebSocket (101) it is messages that refuse
        no_id = no_id if accepted(response.status) or response.status == 101 else ""
    state = OrderState.NOT_PLACED
    followed = len(sent.exchanges) > 1
    if not walled:
        state = settle(sent.final, order_id, has_id_rule=rule.id is not None, followed=followed)
    if state is OrderState.NOT_PLACED and given.may_exist:
        state = OrderState.MAY_EXIST
    before = followed or given.may_exist
    none = not walled and may_be_none(given.step, sent.final, order_id, asked_before=before)
    known = replace(order, state=state, order_id=order_id, no_id=no_id, may_be_none=none)
    return _settled(given, known, exchange_id)


def _settled(given: AttemptInput, order: Order, exchange_id: str) -> Order:
    """Write down what is known of an order."""
    given.services.journal.append(
        OrderSettled(
            at=given.services.at(),
            key=order.key,
            state=order.state,
            order_id=mask_text(order.order_id, given.services.secrets.current),
            exchange_id=exchange_id,
            remove_hint=_hint(given, order.order_id),
        ),
        sync=True,
    )
    return order


def _found_id(given: AttemptInput, sent: Sent, rule: CaptureSpec) -> JsonValue:
    """What the rule finds; an id from a masked place is a secret as every capture is. Raises CaptureFailed."""
    secrets = given.services.secrets
    taking = Taking(sent.exchanges, _answer(given, sent), secrets.current)
    taken = taking.take(rule, given.jar.values(), given.scope)
    keep_secret(secrets, "order_id", taken, declared=rule.secret)
    return taken.value


def _hint(given: AttemptInput, order_id: str) -> str:
    """How a person removes this order: the scenario's words with their names filled in, as far as they are known."""
    rule = given.step.places_order
    if rule is None or not rule.remove:
        return ""
    scope = given.scope.with_names({"order_id": order_id} if order_id else {})
    parts = compile_text(rule.remove)
    text = put_in(part if isinstance(part, str) else _named(part, scope) for part in parts)
    return mask_text(text, given.services.secrets.current)


def _named(expression: Expression, scope: Scope) -> tuple[str, str | None]:
    """A name of the hint, and its value if there is one: words for a person must not stop an order."""
    name = "".join(f".{step}" if at else str(step) for at, step in enumerate(expression.path))
    try:
        return name, as_text(evaluate_expression(expression, scope))
    except TemplateError:
        return name, None


def _name(given: AttemptInput) -> str:
    """What the names of this attempt's body files begin with."""
    return f"{given.place.scenario}.{given.place.step}.{given.number}"


def _record(
    given: AttemptInput, sent: Sent, started_at: str, *, sync: bool, good: bool
) -> tuple[tuple[Exchange, Window], ...]:
    """Mask and keep every exchange, with the bytes to be examined; the last one is the answer.

    Unless the answer is `good` and no error, its bodies have files of their own, to be opened and sent around.
    """
    recorded = []
    hops = len(sent.exchanges)
    for hop, raw in enumerate(sent.exchanges, start=1):
        name = _name(given) + (f".hop{hop}" if hops > 1 else "")
        # an answer that broke off or failed is what we are here for: it must survive a crash that follows
        broken = raw.error is not None or (
            raw.response is not None
            and (
                raw.response.status >= 500
                or raw.response.body.completeness is not Completeness.COMPLETE
            )
        )
        failed = broken or (raw.response is not None and raw.response.status >= 400)
        exchange, window = given.services.record(
            raw, name, started_at, sync=sync or broken, in_event=good and not failed
        )
        given.services.journal.append(
            ExchangeRecorded(
                at=given.services.at(),
                scenario=given.place.scenario,
                step=given.place.step,
                attempt=given.number,
                exchange=exchange,
            ),
            sync=sync or broken,
        )
        recorded.append((exchange, window))
    return tuple(recorded)


def _made(given: AttemptInput, exchange: Exchange) -> tuple[str, ...]:
    """The unique made-up values of a request, of what is kept of it: one that is masked there may be a password."""
    values = given.scope.unique_values()
    if not values:
        return ()
    request = exchange.request
    body = given.services.bodies.window(request.body).head if request.body.size else b""
    parts = [request.url.encode(), *(value for _, value in request.headers), body]
    return made_up.sent_in(b"\n".join(parts).decode("utf-8", "replace"), values)


def _findings(
    given: AttemptInput, recorded: tuple[tuple[Exchange, Window], ...], met: tuple[int, Met] | None
) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    for hop, (exchange, window) in enumerate(recorded):
        if met is not None and met[0] == hop:
            found: tuple[Finding, ...] = (with_names(auth_wall(met[1]), exchange),)
        else:
            found = given.services.classify(exchange, window)
        for finding in found:
            if met is None and _allowed(given.step, finding, exchange):
                finding = dataclasses.replace(finding, severity=Severity.NOTE)  # noqa: PLW2901  (the same one, weighed)
            findings.append(
                dataclasses.replace(
                    finding,
                    scenario=given.place.scenario,
                    step=given.place.step,
                    attempt=given.number,
                    exchange_id=exchange.id,
                    fingerprint=fingerprint(finding, given.step.name),
                )
            )
    return tuple(findings)


def _allowed(step: Step, finding: Finding, exchange: Exchange) -> bool:
    """Whether the scenario says that this is no failure: by name, or by expecting exactly this 5xx status."""
    if finding.database_error is not None:
        return step.expect.database_error_allowed
    status = exchange.response.status if exchange.response is not None else 0
    return step.expect.server_error_allowed or step.expect.names_status(status)
