"""Calls from the shop: the receivers that a scenario opened, and the step that waits for one."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from msgspec.structs import replace

from smoke.diagnostic import SmokeError
from smoke.engine.captures import shown_captures, take_captures
from smoke.engine.control import Control
from smoke.engine.cookies import Jar
from smoke.engine.ports import CallReceiver
from smoke.engine.sender import Sent
from smoke.engine.services import Services
from smoke.engine.step import StepEnd
from smoke.engine.tally import StepPlace
from smoke.engine.verdict import VerdictInput, verdict
from smoke.model.call import CallAnswer, ReceivedCall
from smoke.model.events import AttemptFinished, ExchangeRecorded
from smoke.model.exchange import RawBody, RawExchange, RawResponse, Request, Timing, Window
from smoke.model.fact import Fact
from smoke.model.run import Attempt, Decision, Mismatch, Outcome
from smoke.redact import mask_mismatch, mask_text
from smoke.scenario.answer import StepAnswer
from smoke.scenario.expect import described, evaluate
from smoke.scenario.model import Step
from smoke.scenario.scope import Scope
from smoke.steps._session import WantedCall

MOST = 20
"""Receivers that one scenario may have open."""
_TICK = 0.1
_OF_AN_ANSWER = ("status ", "no database error")
_NOT_AGAIN = Decision(retry=False, reason="a call is waited for once")


class Receivers:
    """The receivers of one scenario, from the step that opens one to the end of the teardown."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._open: dict[str, CallReceiver] = {}
        self._left: list[ReceivedCall] = []
        """What no step took of those that are closed: its steps may be carried out again with others."""

    def open(self, answer: CallAnswer, port: int) -> str:
        """Open one; its URL. Raises SmokeError when there is no port for it."""
        if len(self._open) >= MOST:
            raise SmokeError.of("no-receiver", f"a scenario has {MOST} receivers at the most")
        receiver = self._services.open_receiver(answer, port=port, now=self._services.at)
        self._open[receiver.url] = receiver
        return receiver.url

    def at(self, url: str) -> CallReceiver:
        """The receiver of that URL. Raises SmokeError when there is none."""
        if url not in self._open:
            raise SmokeError.of("no-receiver", "no receiver of this scenario has that URL")
        return self._open[url]

    @property
    def untaken(self) -> list[ReceivedCall]:
        """The calls that no step took."""
        return [*self._left, *self._waiting()]

    def _waiting(self) -> list[ReceivedCall]:
        return [call for receiver in self._open.values() for call in receiver.waiting]

    def close(self) -> None:
        """Give all ports back."""
        for receiver in self._open.values():
            receiver.close()
        self._left += self._waiting()
        self._open.clear()


def listen(
    services: Services,
    place: StepPlace,
    step: Step,
    scope: Scope,
    receiver: CallReceiver,
    wanted: WantedCall,
    control: Control,
) -> StepEnd:
    """Wait for a call, keep it, and hold it against what the step expects. None at all is a failure of the shop's."""
    limit = control.narrower(wanted.seconds)
    call = None
    with control.waiting():
        while call is None and not limit.over:
            call = receiver.take(wanted.is_met_by, min(_TICK, limit.remaining()))
    if call is not None and wanted.none:
        return _unwanted(services, place, step, call, receiver)
    if call is not None:
        return _judged(services, place, step, scope, call, receiver)
    if control.over:
        return StepEnd(Outcome.ERRORED, control.why_over(), facts=tuple(_facts(services, receiver)))
    if wanted.none:
        words = f"{wanted.words} did not come within {wanted.seconds:g} s"
        checked = (mask_text(words, services.secrets.current),)
        return StepEnd(Outcome.PASSED, checked=checked, facts=tuple(_facts(services, receiver)))
    message = f"{wanted.words} did not come within {wanted.seconds:g} s"
    others = receiver.waiting
    if others:
        message += f"; {len(others)} other {'call' if len(others) == 1 else 'calls'} came"
    return StepEnd(
        Outcome.FAILED,
        mask_text(message, services.secrets.current),
        facts=tuple(_facts(services, receiver)),
    )


def _facts(services: Services, receiver: CallReceiver) -> Iterator[Fact]:
    """What else came to the receiver."""
    waiting = [f"{call.request.method} {call.path or '/'}" for call in receiver.waiting]
    if waiting:
        yield Fact("other calls", mask_text("\n".join(waiting), services.secrets.current), True)
    refused = [f"{count}: {why}" for why, count in sorted(receiver.refused.items())]
    if refused:
        yield Fact("refused calls", "\n".join(refused), block=True)


def _judged(
    services: Services,
    place: StepPlace,
    step: Step,
    scope: Scope,
    call: ReceivedCall,
    receiver: CallReceiver,
) -> StepEnd:
    mirror = _as_answer(call, services.new_id())
    answer = StepAnswer(mirror, elapsed=call.seconds)
    # the status is ours: nothing is asked of it
    expect = step.expect.model_copy(update={"status": ("200",)})
    mismatches = evaluate(expect, answer, scope, step.lines, tuple(step.capture.values()))
    sent = Sent((mirror,), None, call.seconds)
    values, shown, missing = take_captures(step, sent, answer, Jar(), scope, services.secrets)
    mismatches += missing
    keep_call(services, place, call, mirror.id, mismatches)
    secrets = services.secrets.current
    judged = VerdictInput(mirror, mismatches, (), passed=not mismatches)
    outcome, message = verdict(judged, expect, services.now())
    path = urlsplit(call.request.url).path
    return StepEnd(
        outcome,
        mask_text(message, secrets),
        values,
        shown_captures(step, shown, secrets),
        checked=(
            mask_text(f"received {call.request.method} {path}", secrets),
            *(words for words in described(step.expect) if not words.startswith(_OF_AN_ANSWER)),
        ),
        facts=tuple(_facts(services, receiver)) if mismatches else (),
    )


def _unwanted(
    services: Services, place: StepPlace, step: Step, call: ReceivedCall, receiver: CallReceiver
) -> StepEnd:
    """A call came where none may come."""
    named = f"{call.request.method} {call.path or '/'}"
    mismatch = Mismatch(
        path="call",
        expected="no call",
        actual=named,
        message=f"a {named} came, and none may come",
        source=step.span.source,
        line=step.span.line,
        column=step.span.column,
    )
    keep_call(services, place, call, services.new_id(), (mismatch,))
    message = mask_text(mismatch.message, services.secrets.current)
    return StepEnd(Outcome.FAILED, message, facts=tuple(_facts(services, receiver)))


def _as_answer(call: ReceivedCall, identity: str) -> RawExchange:
    """The call as if it were an answer, which is what expectations and captures look at."""
    body = call.request.body
    return RawExchange(
        identity,
        Request(call.request.method, call.request.url),
        RawResponse(
            200,
            headers=call.request.headers,
            body=RawBody(window=Window(head=body), wire_size=len(body)),
        ),
    )


def keep_call(
    services: Services,
    place: StepPlace,
    call: ReceivedCall,
    identity: str,
    mismatches: tuple[Mismatch, ...] = (),
    number: int = 1,
) -> None:
    """Keep the call and what it was answered, masked."""
    body = call.answer.body
    raw = RawExchange(
        identity,
        call.request,
        RawResponse(
            call.answer.status,
            http_version=call.http_version,
            headers=call.answer.headers,
            body=RawBody(window=Window(head=body), wire_size=len(body)),
        ),
        timing=Timing(total=round(call.seconds, 6)),
        peer=call.peer,
    )
    bad = bool(mismatches)
    exchange, _ = services.record(raw, f"{place.scenario}.{place.step}.{number}", call.at, sync=bad)
    exchange = replace(exchange, received=True)
    services.journal.append(
        ExchangeRecorded(services.at(), place.scenario, place.step, number, exchange), sync=bad
    )
    secrets = services.secrets.current
    masked = tuple(mask_mismatch(mismatch, secrets) for mismatch in mismatches)
    attempt = Attempt(number, mismatches=masked, decision=_NOT_AGAIN)
    services.journal.append(
        AttemptFinished(services.at(), place.scenario, place.step, attempt), sync=bad
    )
