"""A run as its events tell it: scenarios, steps, attempts, orders, findings."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from smoke.model.asked import Asked, Shard, Target
from smoke.model.exchange import Exchange
from smoke.model.fact import Fact
from smoke.model.finding import Finding
from smoke.model.since import Since

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"


class Outcome(StrEnum):
    """JUnit's meaning: failed = an expectation was not met; errored = no verdict was possible."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"
    SKIPPED = "skipped"
    UNFINISHED = "unfinished"

    @property
    def rank(self) -> int:
        """The larger decides: a run is as bad as its worst part. An unfinished part has no verdict."""
        return {"passed": 1, "skipped": 0, "unfinished": 3, "errored": 3, "failed": 4}[self.value]

    @property
    def stops(self) -> bool:
        """Whether what follows in the scenario is not begun: it failed, or there is no verdict."""
        return self in (Outcome.FAILED, Outcome.ERRORED)

    @property
    def bad(self) -> bool:
        """Whether somebody has to look: it neither passed nor was skipped, and one that never ended counts."""
        return self.stops or self is Outcome.UNFINISHED


_ROUND = re.compile(r", round ([0-9]{1,9})(?: \([^()]{1,300}\))?\Z")
_TAKEN = re.compile(r"~[0-9]{1,9}\Z")
NOTE = "note"
"""The kind of what stands among the steps and is none: something that smoke saw and that a person should look at."""


class OrderState(StrEnum):
    """What is known of an order that was asked for."""

    INTENDED = "intended"
    PLACED = "placed"
    MAY_EXIST = "may-exist"
    NOT_PLACED = "not-placed"


class Removal(StrEnum):
    """Whether a placed order was removed again. `gone`: the shop says that it does not exist (any more)."""

    NO = "no"
    YES = "yes"
    GONE = "gone"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ByHand(StrEnum):
    """What a person made of a step's request before it was sent (`smoke run --step`): such a run says nothing of the shop."""

    EDITED = "edited"
    SKIPPED = "skipped"


class ValueDifference(Struct, frozen=True):
    """One place within a value where it is not what was expected."""

    path: str
    """Where, as a JSONPath."""
    expected: JsonValue = None
    """What was expected there, as data."""
    actual: JsonValue = None
    """What was there, as data."""
    rule: str = ""
    """What asks for it, such as a keyword of a JSON Schema; empty for a value to be equal to."""
    absent: str = ""
    """`actual`: nothing is there; `expected`: nothing was expected there."""


class Mismatch(Struct, frozen=True):
    """One expectation that was not met; `actual` and `expected` are data, never a formatted sentence."""

    path: str
    """What was looked at: `status`, `header etag`, `json $.ok` …"""
    expected: JsonValue
    """What was expected, as data."""
    actual: JsonValue
    """What was there, as data."""
    message: str = ""
    """Both in words."""
    unevaluated: str = ""
    """Why no comparison was possible (a body cut off, JSON that does not parse): a failure too."""
    source: str = ""
    """The file that states it."""
    line: int = 0
    """The line there."""
    column: int = 0
    """The column there."""
    own: bool = False
    """What kept it from being compared is the scenario's own value: that says nothing of the response."""
    differences: tuple[ValueDifference, ...] = ()
    """Where an object or a list differs, place by place; at most twenty."""
    more_differences: int = 0
    """How many places beyond those were seen."""


class Decision(Struct, frozen=True):
    """Whether a request is sent again, and the reason in words."""

    retry: bool
    """Whether it is sent again."""
    reason: str
    """Why, or why not."""
    wait: float = 0.0
    """Seconds to wait before."""


class Attempt(Struct, frozen=True):
    """One try of a step: its exchanges (redirect hops in order), what was not met, what was found."""

    number: int
    """From 1."""
    exchanges: tuple[Exchange, ...] = ()
    """The exchanges; the hops of redirects in order."""
    mismatches: tuple[Mismatch, ...] = ()
    """Expectations that were not met."""
    findings: tuple[Finding, ...] = ()
    """What the answers show."""
    decision: Decision | None = None
    """Whether the step was tried again after it, and why."""
    error: str = ""
    """Why it broke off before there was an exchange."""
    made: tuple[str, ...] = ()
    """Random values of its request that smoke made up, and that only this run can have, as they were sent."""


class Capture(Struct, frozen=True):
    """A named value that a step took from its response; a secret one shows only its mask."""

    name: str
    """The name that steps use."""
    value: JsonValue
    """The value, or the mask of a secret."""
    secret: bool = False
    """Whether it is a secret."""


class StepResult(Struct, frozen=True):
    """One step. `id` and `title` are unique in its scenario and hold the groups and includes around the step."""

    id: str
    """Unique in its scenario, for command lines: `Orders#2/Place`."""
    name: str
    """The step's own name."""
    kind: str
    """The kind of step: `request`, `pause`, `check` …"""
    outcome: Outcome
    """What came of it."""
    attempts: tuple[Attempt, ...] = ()
    """Each try of it."""
    captures: tuple[Capture, ...] = ()
    """What it took from the answer."""
    checked: tuple[str, ...] = ()
    """What was checked, in words."""
    message: str = ""
    """Why it was skipped, or had no verdict."""
    teardown: bool = False
    """Whether it is a step of the teardown."""
    flaky: bool = False
    """Whether it passed only when it was tried again."""
    seconds: float = 0.0
    """How long it took, pauses between tries included."""
    source: str = ""
    """The file that it stands in."""
    line: int = 0
    """The line there."""
    title: str = ""
    """Unique in its scenario, for readers: `Orders, round 2 › Place`; empty where it would be the id."""
    rounds: tuple[int, ...] = ()
    """Numbers of the loops' rounds around it, outermost first."""
    facts: tuple[Fact, ...] = ()
    """What its kind has to tell of it, beside what every step tells."""
    by_hand: ByHand | None = None
    """`edited` or `skipped`, where a person did that with its request (`--step`)."""

    @property
    def called(self) -> str:
        """How every report names the step."""
        return self.title or self.id

    @property
    def typed(self) -> str:
        """Its name for a command line, with what its templates came to: `Seller ann#1/Sees the order`; else its id."""
        titles, ids = self.called.split(" › "), self.id.split("/")
        if self.title == "" or len(titles) != len(ids) or not self.title.isprintable():
            return self.id
        if _TAKEN.search(ids[-1]):  # its number stands otherwise in its title
            return self.id
        return "/".join(_ROUND.sub(r"#\1", title) for title in titles)

    @property
    def is_note(self) -> bool:
        """Whether it is no step, but something to look at: neither a success nor a failure."""
        return self.kind == NOTE

    @property
    def word(self) -> str:
        """What came of it, in a word: `passed`, `skipped` …, `note`."""
        return NOTE if self.is_note else self.outcome.value


class PlacedOrder(Struct, frozen=True):
    """One order that was asked for, from its intent to its removal."""

    key: str
    """Its name in the run: what `smoke orders forget` takes."""
    scenario: str
    """The scenario that asked for it."""
    step: str
    """The id of the step that asked for it."""
    state: OrderState = OrderState.INTENDED
    """`placed`, `may-exist` (its answer does not tell), `not-placed`, or `intended` (nothing is known)."""
    order_id: str = ""
    """The shop's id; empty where it is unknown."""
    exchange_id: str = ""
    """The exchange that asked for it."""
    idempotency_key: str = ""
    """The key that was sent along."""
    payload_digest: str = ""
    """Keyed digest of the body that was sent (the key is not stored)."""
    intended_at: str = ""
    """When it was journalled, before it was sent."""
    removed: Removal = Removal.NO
    """Whether it was removed: `yes`, `no`, `gone` (the shop says that it does not exist), `failed` or `unknown`."""
    removal_note: str = ""
    """What became of the removal, in words."""
    remove_hint: str = ""
    """How a person would remove it."""
    forgotten: str = ""
    """Why a person said that nothing is to be done about it any more."""
    step_title: str = ""
    """The title of the step; empty where it would be its id."""

    @property
    def known(self) -> bool:
        """True when it is known that the order was placed; otherwise it may exist."""
        return self.state is OrderState.PLACED

    @property
    def placed_by(self) -> str:
        """How every report names the step that placed it."""
        return self.step_title or self.step

    @property
    def left_behind(self) -> bool:
        """True when the shop has, or may have, this order still."""
        if self.forgotten:
            return False
        exists = self.state in (OrderState.PLACED, OrderState.MAY_EXIST, OrderState.INTENDED)
        return exists and self.removed not in (Removal.YES, Removal.GONE)


class ScenarioResult(Struct, frozen=True):
    """One scenario. `passed_message` is the sentence to print when it passed."""

    name: str
    """Its name."""
    summary: str
    """What it shows, in a sentence."""
    source: str
    """Its file."""
    outcome: Outcome
    """What came of it."""
    steps: tuple[StepResult, ...] = ()
    """Its steps, those of the teardown last."""
    message: str = ""
    """Why it was skipped, or had no verdict."""
    passed_message: str = ""
    """The sentence to print when it passed."""
    fix: str = ""
    """The SQL file that mends what it finds, if it names one."""
    seconds: float = 0.0
    """How long it took."""
    teardown_of: str = ""
    """The scenario whose orders a later `smoke teardown` was to remove: this is no verdict of its own."""
    removes: bool = True
    """Whether its teardown has a step that removes orders."""
    looks: bool = False
    """Whether its teardown looks for orders without an id."""


class Run(Struct, frozen=True):
    """A whole run: the fold of its events."""

    id: str
    """Its name: what `smoke show` takes."""
    schema: int
    """Number of the format of the events."""
    smoke_version: str
    """The version that made it."""
    target: Target
    """The deployment."""
    started_at: str
    """When it began (ISO 8601, UTC)."""
    finished_at: str = ""
    """When it ended; empty where it did not."""
    outcome: Outcome = Outcome.UNFINISHED
    """What came of it: its worst part."""
    scenarios: tuple[ScenarioResult, ...] = ()
    """Its scenarios."""
    orders: tuple[PlacedOrder, ...] = ()
    """Every order that was asked for."""
    seed: str = ""
    """What makes its random data the same again (`--seed`)."""
    folder: str = ""
    """Its folder, with the evidence."""
    readiness: str = ""
    """How the waiting for the deployment ended."""
    readiness_exchange: Exchange | None = None
    """The last look while waiting."""
    interrupted_by: str = ""
    """The signal that stopped it, or `the person at the terminal`."""
    problems: tuple[str, ...] = ()
    """What kept smoke from its own work: with any of them no run is green."""
    warnings: tuple[str, ...] = ()
    """What was noticed before anything was sent: a secret too short to be masked everywhere, a number that loses digits."""
    seconds: float = 0.0
    """How long it took."""
    asked: Asked | None = None
    """What it was asked to do."""
    trace_id: str = ""
    """The trace (W3C Trace Context) that the requests of the run belong to; empty where they carry no names."""
    shard: Shard | None = None
    """Which part of a selection it carries out, where `--shard` said so."""
    merged: tuple[str, ...] = ()
    """Ids of the runs that `smoke merge` made it of."""
    since: tuple[Since, ...] = ()
    """Since when its failures last, where the history of a command line tells it: no event of the run does."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings in the order of the steps."""
        return tuple(
            finding
            for scenario in self.scenarios
            for step in scenario.steps
            for attempt in step.attempts
            for finding in attempt.findings
        )

    @property
    def by_hand(self) -> bool:
        """Whether a person changed what it sent: it is no evidence of what the shop does."""
        return any(step.by_hand is not None for each in self.scenarios for step in each.steps)

    @property
    def orders_left_behind(self) -> tuple[PlacedOrder, ...]:
        """The orders that the shop has, or may have, still."""
        return tuple(order for order in self.orders if order.left_behind)
