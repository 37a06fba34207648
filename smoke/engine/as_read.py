"""What expectations and captures look at of an answer, where its step kind reads something out of it."""

from __future__ import annotations

from msgspec.structs import replace

from smoke.diagnostic import SmokeError
from smoke.engine.sender import Sent
from smoke.model.run import Mismatch
from smoke.scenario.model import Step
from smoke.steps._guarded import read_by
from smoke.steps._session import Built


def as_read(step: Step, built: Built, sent: Sent) -> tuple[Sent, tuple[Mismatch, ...]]:
    """The exchanges as the step sees them, and what speaks against them when there is nothing to see.

    The answer as it came stays in the evidence, and what is masked in it is masked in what was read.
    """
    response = sent.final.response
    if built.read is None or response is None or sent.final.error is not None:
        return sent, ()
    broken = False
    try:
        found = read_by(step.kind, built.read, response)
    except SmokeError as fault:  # it must not hide an order that the answer tells of
        found, broken = str(fault), True
    if isinstance(found, str):
        span = step.span
        mismatch = Mismatch(
            "answer",
            f"what a {step.kind} step looks for",
            None,
            found,
            own=broken,
            source=span.source,
            line=span.line,
            column=span.column,
        )
        return sent, (mismatch,)
    seen = replace(sent.final, response=found)
    return replace(sent, exchanges=(*sent.exchanges, seen)), ()
