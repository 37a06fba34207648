"""A person who looks at each request before it leaves: what they may say, and what that means for the step.

They are asked once a step, before its order is written down: a request that they keep back leaves nothing in the journal. A retry
or a redirect sends what they let go.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from smoke.engine.control import Clock, Control
from smoke.engine.cookies import Jar
from smoke.engine.renewal import keys_of
from smoke.engine.sender import Sender
from smoke.engine.tally import StepPlace, Tally
from smoke.model.exchange import Request
from smoke.model.fact import Fact
from smoke.model.run import ByHand, Decision
from smoke.model.semantics import SAFE_METHODS
from smoke.scenario.model import Step
from smoke.steps._session import Built


class HandWord(StrEnum):
    """What is to be done with a request."""

    SEND = "send"
    SKIP = "skip"


QUIT = "the person at the terminal"
"""What a run was interrupted by that somebody quit."""


class HeldRequest(Struct, frozen=True):
    """A request that is about to be sent, with its real values.

    `with_all` adds what goes along: headers of the target and the customer's cookies; `refusal` says why nothing may be sent to a URL.
    """

    place: StepPlace
    request: Request
    orders: bool
    with_all: Callable[[Request], Request]
    refusal: Callable[[str], str]


class Handled(Struct, frozen=True):
    """What was said of it, and the request that is to be sent."""

    word: HandWord
    request: Request


class Hand(Protocol):
    """Whoever is asked. Steps side by side ask from threads of their own."""

    def decide(self, held: HeldRequest) -> Handled:
        """What is to be done with this request. Raises nothing."""


class LetGo(Struct, frozen=True):
    """What a person made of a step's request; `why_not` says why it is not sent at all."""

    built: Built
    by_hand: ByHand | None = None
    why_not: str = ""

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What every report tells of it."""
        edited = self.by_hand is ByHand.EDITED
        return (Fact("by hand", "edited before it was sent"),) if edited else ()

    def decision(self, tally: Tally) -> Decision | None:
        """That one which was edited is not sent again, whatever the step says: its author's promise was of another request."""
        edited = self.by_hand is ByHand.EDITED
        if not edited or tally.good or self.built.request.method.upper() in SAFE_METHODS:
            return None
        return Decision(retry=False, reason="not sent again: it was edited by hand")


def let_go(
    hand: Hand | None,
    sender: Sender,
    place: StepPlace,
    step: Step,
    ready: tuple[Built, Jar],
    control: Control,
) -> LetGo:
    """The request of a step as a person lets it go; as it is where nobody is asked."""
    built, jar = ready
    if hand is None:
        return LetGo(built)

    def with_all(request: Request) -> Request:
        return sender.prepare(request, jar, control, named=False)

    said = hand.decide(
        HeldRequest(
            place, built.request, step.places_order is not None, with_all, sender.why_not_to
        )
    )
    if said.word is HandWord.SKIP:
        return LetGo(built, ByHand.SKIPPED, "skipped by hand: nothing was sent")
    if (
        control.cancelled.is_set()
    ):  # what a teardown sends, or a login for it, has an end of its own
        return LetGo(built, why_not=control.why_over())
    if said.request == built.request:
        return LetGo(built)
    # it is the request that promises: a key that was taken out, or changed, is no longer the step's
    own, keys = keys_of(built.request.headers), keys_of(said.request.headers)
    key = built.idempotency_key if own == keys else b"".join(keys[:1]).decode("latin-1")
    edited = replace(built, request=said.request, idempotency_key=key or None)
    return LetGo(edited, ByHand.EDITED)


class HeldClock:
    """A clock that stands still while somebody is asked: what they think about is nobody's deadline."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._one = threading.Lock()
        self._guard = threading.Lock()
        self._lost = 0.0
        self._since: float | None = None

    def monotonic(self) -> float:
        with self._guard:
            return (self._clock.monotonic() if self._since is None else self._since) - self._lost

    def now(self) -> datetime:
        return self._clock.now()

    @contextmanager
    def held(self) -> Iterator[None]:
        """While inside, no time passes. One at a time is inside, others wait: nobody answers two questions at once."""
        with self._one:
            since = self._clock.monotonic()
            with self._guard:
                self._since = since
            try:
                yield
            finally:
                with self._guard:
                    self._lost += self._clock.monotonic() - since
                    self._since = None
