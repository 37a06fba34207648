"""`--step`: each request is shown to a person, and sent, edited or skipped as they say."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from smoke.app.edited_request import EditedText, EditError
from smoke.app.journal import RunJournal
from smoke.engine.by_hand import QUIT, Handled, HandWord, HeldClock, HeldRequest
from smoke.engine.control import Control
from smoke.engine.services import SecretBox
from smoke.model.exchange import Body, RawExchange, Request, StoredRequest
from smoke.model.run import Run
from smoke.redact import redact
from smoke.store import RunFolder


class Choice(StrEnum):
    """What a person may say of a request."""

    SEND = "send"
    EDIT = "edit"
    SKIP = "skip"
    GO_ON = "go on"
    QUIT = "quit"


class ShownRequest(Struct, frozen=True):
    """A request as it may be printed: everything secret is masked."""

    scenario: str
    step: str
    request: StoredRequest
    body: bytes
    orders: bool
    teardown: bool
    edited: bool = False


class Person(Protocol):
    """Somebody at a terminal."""

    editing: bool
    """Whether they have an editor open: Ctrl-C is its own then."""

    def show(self, shown: ShownRequest) -> None:
        """Draw a request."""

    def choose(self, over: Callable[[], bool]) -> Choice:
        """What they say; QUIT when nothing comes any more, and when it is `over`."""

    def edit(self, text: str) -> str | None:
        """The text as they edited it; None where that could not be done: they were told."""

    def tell(self, line: str) -> None:
        """Say something."""

    def look(self, run: Run, scenario: str, folder: RunFolder, over: Callable[[], bool]) -> bool:
        """Let them look at a scenario that failed, before its teardown; False when they quit. Raises nothing."""


class Stepping:
    """Asks before each request until somebody says that the run may go on, or quits. Steps side by side are asked about in turn."""

    def __init__(
        self,
        person: Person,
        clock: HeldClock,
        steps: Control,
        secrets: SecretBox,
        journal: RunJournal,
    ) -> None:
        self._person = person
        self._clock = clock
        self._steps = steps
        self._secrets = secrets
        self._journal = journal
        self._asks = True

    def decide(self, held: HeldRequest) -> Handled:
        """What is to be done with this request; after an interruption nobody is asked."""
        with self._clock.held():
            if self._asks and not self._steps.cancelled.is_set():
                return self._asked(held)
        return Handled(HandWord.SEND, held.request)

    def _asked(self, held: HeldRequest) -> Handled:
        """What they say. One who quits says nothing of the request: whether it is sent depends on what it is for."""
        title, teardown = self._step(held)
        request, draft = held.request, ""
        while True:
            edited = request != held.request
            self._person.show(self._masked(held, request, title, teardown, edited=edited))
            match self._person.choose(self._steps.cancelled.is_set):
                case Choice.SEND:
                    return Handled(HandWord.SEND, request)
                case Choice.SKIP:
                    return Handled(HandWord.SKIP, held.request)
                case Choice.EDIT:
                    request, draft = self._edited(held, request, draft)
                case Choice.GO_ON:
                    self._asks = False
                    return Handled(HandWord.SEND, request)
                case Choice.QUIT:
                    self._steps.cancel(QUIT)  # as by Ctrl-C, what was ordered is removed
                    return Handled(HandWord.SEND, held.request)

    def _edited(self, held: HeldRequest, request: Request, draft: str) -> tuple[Request, str]:
        """The request as it was edited, and what was written where that is none."""
        shown = held.with_all(request)
        before = EditedText.of(shown, self._secrets.current)
        written = self._person.edit(draft or before.text)
        if written is None or written == before.text:
            return request, ""
        try:
            made = before.read(written, request)
        except EditError as error:
            self._person.tell(f"not taken: {error}. `e` goes on with what you wrote")
            return request, written
        refusal = held.refusal(made.url) or self._seen(held, made, before, written)
        if refusal:
            self._person.tell(f"not taken: {refusal}. `e` goes on with what you wrote")
            return request, written
        return made, ""

    def _seen(self, held: HeldRequest, made: Request, before: EditedText, written: str) -> str:
        """Which secret could be seen where it was moved to; empty where none. All of them are masked everywhere from now on."""
        moved = before.secrets_in(written)
        for name, value in moved:
            self._secrets.learn(name, value)
        again = EditedText.of(held.with_all(made), self._secrets.current)
        seen = sorted({name for name, value in moved if again.shows(value, written)})
        return f"it could be seen where it is now: {', '.join(seen)}" if seen else ""

    def _masked(
        self, held: HeldRequest, request: Request, title: str, teardown: bool, *, edited: bool
    ) -> ShownRequest:
        kept: dict[str, bytes] = {}

        def keep(part: str, data: bytes) -> Body:
            kept[part] = data
            return Body(size=len(data))

        raw = RawExchange("shown", held.with_all(request))
        shown = redact(raw, self._secrets.current, keep, started_at="").request
        body = kept.get("request", b"")
        scenario = held.place.scenario
        return ShownRequest(scenario, title, shown, body, held.orders, teardown, edited)

    def _step(self, held: HeldRequest) -> tuple[str, bool]:
        """How the step is called, and whether it is one of the teardown."""
        scenario, _ = self._journal.scenario(held.place.scenario)
        for step in reversed(scenario.steps if scenario is not None else ()):
            if step.id == held.place.step:
                return step.called, step.teardown
        return held.place.step, False
