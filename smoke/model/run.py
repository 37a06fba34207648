"""A run as its events tell it: scenarios, steps, attempts, orders, findings."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from smoke.model.exchange import Exchange
from smoke.model.fact import Fact
from smoke.model.finding import Finding

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


class Target(Struct, frozen=True):
    """The deployment under test, as far as it is known."""

    name: str = ""
    url: str = ""
    version: str = ""
    expected_version: str = ""
    insecure: bool = False
    proxy: str = ""
    allowed_hosts: tuple[str, ...] = ()


class Asked(Struct, frozen=True):
    """What a run was asked to do, for the commands that go on from it. Nothing secret is in it.

    `options` are the other options as words of a command line. `left_out` names the options whose values were not
    kept, because they would be masked in the evidence. `database` and `log` say whether one was at hand.
    """

    selectors: tuple[str, ...] = ()
    url: str = ""
    targets_file: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    allow_hosts: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    timeout: float = 30.0
    ca_file: str = ""
    http2: bool = False
    dsn_env: str = ""
    database: bool = False
    log: bool = False
    left_out: tuple[str, ...] = ()
    no_trace: bool = False


class Mismatch(Struct, frozen=True):
    """One expectation that was not met; `actual` and `expected` are data, never a formatted sentence.

    `unevaluated` says why no comparison was possible (a body cut off, JSON that does not parse): a failure too.
    `line` and `column` are where the scenario states it.
    """

    path: str
    expected: JsonValue
    actual: JsonValue
    message: str = ""
    unevaluated: str = ""
    source: str = ""
    line: int = 0
    column: int = 0
    own: bool = False
    """What kept it from being compared is the scenario's own value: that says nothing of the response."""


class Decision(Struct, frozen=True):
    """Whether a request is sent again, and the reason in words."""

    retry: bool
    reason: str
    wait: float = 0.0


class Attempt(Struct, frozen=True):
    """One try of a step: its exchanges (redirect hops in order), what was not met, what was found.

    `made` are random values of its request that smoke made up and that only this run can have (`fake.uuid`, a long
    `fake.hex` or `fake.digits`), as they were sent.
    """

    number: int
    exchanges: tuple[Exchange, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    findings: tuple[Finding, ...] = ()
    decision: Decision | None = None
    error: str = ""
    made: tuple[str, ...] = ()


class Capture(Struct, frozen=True):
    """A named value that a step took from its response; a secret one shows only its mask."""

    name: str
    value: JsonValue
    secret: bool = False


class StepResult(Struct, frozen=True):
    """One step. `id` and `title` are unique in its scenario and hold the groups and includes around the step.

    The id is for evidence and command lines (`Orders#2/Place`), the title for readers (`Orders, round 2 › Place`; it is
    empty where it would be the id). `name` is the step's own. `rounds` are the numbers of the loops' rounds around it,
    outermost first. `facts` are what its kind has to tell of it, beside what every step tells.
    """

    id: str
    name: str
    kind: str
    outcome: Outcome
    attempts: tuple[Attempt, ...] = ()
    captures: tuple[Capture, ...] = ()
    checked: tuple[str, ...] = ()
    message: str = ""
    teardown: bool = False
    flaky: bool = False
    seconds: float = 0.0
    source: str = ""
    line: int = 0
    title: str = ""
    rounds: tuple[int, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def called(self) -> str:
        """How every report names the step."""
        return self.title or self.id


class PlacedOrder(Struct, frozen=True):
    """One order that was asked for, from its intent to its removal."""

    key: str
    scenario: str
    step: str
    state: OrderState = OrderState.INTENDED
    order_id: str = ""
    exchange_id: str = ""
    idempotency_key: str = ""
    payload_digest: str = ""
    intended_at: str = ""
    removed: Removal = Removal.NO
    removal_note: str = ""
    remove_hint: str = ""
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
    """One scenario. `passed_message` is the sentence to print when it passed.

    `teardown_of` names the scenario whose orders a later `smoke teardown` was to remove: this is no verdict of its own.
    `removes` says whether its teardown has a step that removes orders, `looks` whether one looks for orders without id.
    """

    name: str
    summary: str
    source: str
    outcome: Outcome
    steps: tuple[StepResult, ...] = ()
    message: str = ""
    passed_message: str = ""
    fix: str = ""
    seconds: float = 0.0
    teardown_of: str = ""
    removes: bool = True
    looks: bool = False


class Run(Struct, frozen=True):
    """A whole run: the fold of its events."""

    id: str
    schema: int
    smoke_version: str
    target: Target
    started_at: str
    finished_at: str = ""
    outcome: Outcome = Outcome.UNFINISHED
    scenarios: tuple[ScenarioResult, ...] = ()
    orders: tuple[PlacedOrder, ...] = ()
    seed: str = ""
    folder: str = ""
    readiness: str = ""
    readiness_exchange: Exchange | None = None
    interrupted_by: str = ""
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """What was noticed before anything was sent: a secret too short to be masked everywhere, a number that loses digits."""
    seconds: float = 0.0
    asked: Asked | None = None
    trace_id: str = ""
    """The trace (W3C Trace Context) that the requests of the run belong to; empty where they carry no names."""

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
    def orders_left_behind(self) -> tuple[PlacedOrder, ...]:
        """The orders that the shop has, or may have, still."""
        return tuple(order for order in self.orders if order.left_behind)
