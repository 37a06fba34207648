"""What the engine works with in a run: its doors to the outside, and what is the same for all scenarios."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from smoke.diagnostic import SmokeError
from smoke.engine.by_hand import Hand
from smoke.engine.control import Clock, Control
from smoke.engine.ports import Bodies, CallReceiver, Journal, Receiving
from smoke.engine.sender import Sender
from smoke.model.call import CallAnswer
from smoke.model.exchange import MEMORY_LIMIT, Body, Exchange, RawExchange, Window
from smoke.model.finding import Finding
from smoke.model.run import Outcome
from smoke.redact import Secrets, is_worth_hiding, mask_text, readings, redact
from smoke.redact.headers import is_credential
from smoke.redact.matches import MaskReason
from smoke.redact.spelling import MIN_EVERYWHERE
from smoke.steps._session import Answer

_LONGEST_SEEN = 4096
_SCHEME = len("Bearer ")
_MOST_SEEN = 10_000
_MAIN_PARTS = frozenset({"request", "response"})
"""What an event may hold itself; the rest is a body's other half or no HTTP, and needs a file."""

Classifier = Callable[[Exchange, Window], tuple[Finding, ...]]


class SecretBox:
    """The secrets known so far in a run; captured ones join while scenarios run side by side."""

    def __init__(self, secrets: Secrets, on_add: Callable[[str], None] | None = None) -> None:
        self._secrets = secrets
        self._on_add = on_add
        self._lock = threading.Lock()
        self._masked: dict[str, None] = {}

    @property
    def current(self) -> Secrets:
        return self._secrets

    def add(self, name: str, value: str) -> None:
        """From now on this value is masked everywhere."""
        with self._lock:
            self._secrets = self._secrets.adding(name, value)
        if self._on_add is not None:
            self._on_add(value)

    def learn(self, name: str, value: str) -> None:
        """A value that was taken from a masked place is masked everywhere, unless it is an ordinary word."""
        for text in readings(value):
            if not is_worth_hiding(text):
                continue
            with self._lock:
                known = len(self._secrets)
                self._secrets = self._secrets.adding(name, text, kind=MaskReason.LEARNED)
                is_new = len(self._secrets) > known
            if is_new and self._on_add is not None:
                self._on_add(text)

    def derived(self, value: str, result: str) -> None:
        """What filters make of a secret (`replace`, `slug`, `sha256`) is one, too; most of them are its spellings anyhow."""
        current = self._secrets
        if not len(current) or value == result or mask_text(result, current) != result:
            return
        for name, secret in current:
            if (
                len(secret) >= MIN_EVERYWHERE
                and secret in value
                and len(value) <= len(secret) + _SCHEME  # a secret, not a text with one in it
            ):
                self.learn(name, result)
                return

    def saw(self, name: str, value: bytes) -> None:
        """Remember, in memory, that this value is masked where it stands; it may turn up somewhere else."""
        if len(value) > _LONGEST_SEEN:
            return
        for text in readings(value.decode("utf-8", "replace")):
            # all cookies are masked, whatever they hold: only what must be a credential is known again
            if is_credential(text.encode()) if name == "cookie" else is_worth_hiding(text):
                self._masked[text] = None
        while len(self._masked) > _MOST_SEEN:
            del self._masked[next(iter(self._masked))]

    def is_masked(self, value: str) -> bool:
        """Whether this value was masked somewhere in the run."""
        return value in self._masked


AfterSteps = Callable[[str, Outcome, Control], None]
"""Takes a scenario's name, the worst outcome of its steps and what bounds them; raises nothing."""


Around = Callable[[str, str, int, Control], AbstractContextManager[None]]
"""Takes scenario, step and number of an attempt that places an order, and what bounds it; raises nothing."""


def _not_watched(
    _scenario: str, _step: str, _attempt: int, _control: Control
) -> AbstractContextManager[None]:
    """Nothing is looked at around an order."""
    return nullcontext()


def _no_database(name: str, _spec: Any) -> Answer:
    raise SmokeError.of("no-dsn", f"no database to ask for the check '{name}'")


def _no_receiver(_answer: CallAnswer, **_: Any) -> CallReceiver:
    raise SmokeError.of("no-receiver", "nothing can be received here")


def _nothing(_name: str, _outcome: Outcome, _control: Control) -> None:
    """Nothing is to be done between steps and teardown."""


@dataclass(frozen=True, slots=True)
class Services:
    """The doors of one run. `random` gives numbers from 0 to 1, `new_id` ids that are unique in the run."""

    run_id: str
    base_url: str
    seed: str
    journal: Journal
    bodies: Bodies
    sender: Sender
    secrets: SecretBox
    classify: Classifier
    clock: Clock
    new_id: Callable[[], str]
    new_uuid: Callable[[], str]
    random: Callable[[], float]
    timeout: float = 30.0
    digest_key: bytes = field(default=b"", repr=False)
    check: Callable[[str, Any], Answer] = _no_database
    """Asks the database: a check's name and its spec. Raises SmokeError when there is no answer."""
    open_receiver: Receiving = _no_receiver
    """Opens a port of the loopback for calls from the shop."""
    around_order: Around = _not_watched
    """Entered while the request of an order is under way."""
    after_steps: AfterSteps = _nothing
    """Called between a scenario's steps and its teardown, while its orders are still there."""
    after_teardown: AfterSteps = _nothing
    """Called when a scenario's teardown is over."""
    hand: Hand | None = None
    """Who is asked before a request leaves."""

    def at(self) -> str:
        """The wall time for an event: UTC, ISO 8601, milliseconds."""
        return self.clock.now().astimezone(UTC).isoformat(timespec="milliseconds")

    def now(self) -> datetime:
        return self.clock.now()

    def record(
        self, raw: RawExchange, name: str, started_at: str, *, sync: bool, in_event: bool = False
    ) -> tuple[Exchange, Window]:
        """The exchange, masked, with its bodies kept under names that begin with `name`, or in it (`in_event`).

        Beside it the bytes of the response that are examined (masked as they are kept); none without a response.
        """
        masked: dict[str, bytes] = {}

        def keep(part: str, data: bytes) -> Body:
            masked[part] = data
            return self.bodies.keep(
                f"{name}.{part}", data, sync=sync, in_event=in_event and part in _MAIN_PARTS
            )

        exchange = redact(
            raw,
            self.secrets.current,
            keep,
            started_at=started_at,
            digest_key=self.digest_key,
            took=self.secrets.saw,
        )
        if exchange.response is None:
            return exchange, Window()
        body = exchange.response.body
        data = masked.get("response")
        if data is not None and len(data) <= MEMORY_LIMIT:  # the file may hold less of it
            omitted = raw.response.body.window.omitted if raw.response is not None else 0
            return exchange, Window(data, masked.get("tail", b""), omitted)
        return exchange, self.bodies.window(body)
