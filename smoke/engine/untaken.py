"""Calls that came to a receiver and that no step took: what a person should see, such as a second confirmation."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from smoke.engine.receivers import keep_call
from smoke.engine.services import Services
from smoke.engine.tally import StepPlace
from smoke.model.call import ReceivedCall
from smoke.model.events import StepFinished, StepStarted
from smoke.model.fact import Fact
from smoke.model.run import NOTE, Outcome, StepResult
from smoke.redact import mask_text
from smoke.text import shorten

_MOST_KEPT = 20
_ID = "calls that no step took"


def tell_untaken(
    services: Services, scenario: str, source: str, calls: Sequence[ReceivedCall]
) -> None:
    """Write them down as a note at the end of the scenario, with the first ones whole. It changes no verdict."""
    if not calls:
        return
    count = len(calls)
    title = "a call came that no step took" if count == 1 else f"{count} {_ID}"
    started = StepResult(_ID, _ID, NOTE, Outcome.UNFINISHED, source=source, title=title)
    services.journal.append(StepStarted(services.at(), scenario, started))
    for number, call in enumerate(calls[:_MOST_KEPT], start=1):
        keep_call(services, StepPlace(scenario, _ID), call, services.new_id(), number=number)
    listed = [f"{call.request.method} {call.path or '/'}" for call in calls]
    if count > _MOST_KEPT:
        listed.append(f"({count - _MOST_KEPT} of them were not kept)")
    words = mask_text("\n".join(listed), services.secrets.current)
    seen = f"to look at: {shorten(', '.join(words.splitlines()), 300)}"
    ended = replace(
        started, outcome=Outcome.SKIPPED, message=seen, facts=(Fact("calls", words, block=True),)
    )
    services.journal.append(StepFinished(services.at(), scenario, ended))
