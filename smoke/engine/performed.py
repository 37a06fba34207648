"""A step that its kind carries out itself: its request, and what its own word adds to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from smoke.diagnostic import SmokeError
from smoke.engine.services import SecretBox
from smoke.engine.step import StepEnd
from smoke.engine.taken import leaves
from smoke.model.fact import LONGEST_VALUE, Fact
from smoke.model.run import Capture
from smoke.redact import mask_text, mask_value
from smoke.steps._session import Done, Reply
from smoke.text import shorten

_MASK = "[masked]"


class Once:
    """The door through which a kind sends its step's request, or waits for a call. `end` is what came of it, `fault` why it could not be done.

    A second request of one step would be an order that nobody asked for: it is refused.
    """

    def __init__(self, send: Callable[..., StepEnd], does: str = "sends its request") -> None:
        self._send = send
        self._does = does
        self._called = False
        self.end: StepEnd | None = None
        self.fault: BaseException | None = None

    def __call__(self, *given: Any) -> Reply:
        """Do it. Raises SmokeError when it was called before, and whatever keeps it from being done."""
        if self._called:
            raise SmokeError.of("plugin-failed", f"a step {self._does} once")
        self._called = True
        try:
            end = self._send(*given)
        except BaseException as fault:
            # it is not the kind's own, and the kind cannot hide it
            self.fault = fault
            raise
        self.end = end
        return Reply(end.outcome, end.message, end.status, dict(end.values))


def with_done(sent: StepEnd | None, done: Done, secrets: SecretBox) -> StepEnd:
    """How a step ended: as its request did, or worse. What the kind tells is masked."""
    for capture in done.captures:
        for leaf in leaves(capture.value, keys=False):
            if capture.secret:
                secrets.add(capture.name, leaf)
            elif secrets.is_masked(leaf):
                secrets.learn(capture.name, leaf)
    known = secrets.current
    captures = tuple(
        Capture(each.name, _MASK if each.secret else mask_value(each.value, known), each.secret)
        for each in done.captures
    )
    message = mask_text(done.message, known)
    checked = tuple(mask_text(text, known) for text in done.checked)
    facts = tuple(
        Fact(
            mask_text(each.label, known),
            shorten(mask_text(each.value, known), LONGEST_VALUE),
            each.block,
        )
        for each in done.facts
    )
    values = {each.name: each.value for each in done.captures}
    if sent is None:
        return StepEnd(done.outcome, message, values, captures, checked, facts)
    worse = done.outcome.rank > sent.outcome.rank
    if (
        done.outcome.stops and message not in ("", sent.message) and not worse
    ):  # what its request came to is the headline
        facts = (*facts, Fact("afterwards", message))
    return replace(
        sent,
        outcome=done.outcome if worse else sent.outcome,
        message=message if worse else sent.message,
        values={**sent.values, **values},
        captures=(*sent.captures, *captures),
        checked=(*sent.checked, *checked),
        facts=(*sent.facts, *facts),
    )
