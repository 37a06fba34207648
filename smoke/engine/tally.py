"""What one attempt came to: the answer, what was held against it, and what became of its order."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from smoke.model.exchange import ErrorKind, Exchange, RawExchange
from smoke.model.finding import Finding, Severity
from smoke.model.met import Met
from smoke.model.run import JsonValue, Mismatch, OrderState


class StepPlace(Struct, frozen=True):
    """Where in a run something happens: what every event of a step carries."""

    scenario: str
    step: str


class Order(Struct, frozen=True):
    """The order that a request asks for: its key in the journal, and what became of it.

    `no_id` says why its id could not be read from an answer that took the order. `may_be_none`: such an answer placed none
    where it is as expected.
    """

    key: str
    state: OrderState = OrderState.INTENDED
    order_id: str = ""
    no_id: str = ""
    may_be_none: bool = False

    @property
    def none(self) -> bool:
        """Whether the answer is the one of which the author says that it placed none."""
        return self.may_be_none and self.state is OrderState.NOT_PLACED


class Tally(Struct, frozen=True):
    """What one attempt came to. `values` are the captures with their real values: they never leave memory."""

    number: int
    final: RawExchange
    exchange: Exchange
    mismatches: tuple[Mismatch, ...] = ()
    findings: tuple[Finding, ...] = ()
    values: Mapping[str, JsonValue] | None = None
    shown: Mapping[str, JsonValue] | None = None
    """What may be written down of the captures."""
    order: Order | None = None
    seconds: float = 0.0
    followed: bool = False
    """The answer is that of a page that a redirect led to."""
    made: tuple[str, ...] = ()
    """Made-up values of the request that only this run can have, as they stand in the evidence."""
    wall: Met | None = None
    """The wall before the deployment that answered in the shop's place."""

    @property
    def no_answer(self) -> bool:
        """True when there is no response that could be judged."""
        return self.final.response is None

    @property
    def good(self) -> bool:
        """Nothing speaks against the answer."""
        serious = any(finding.severity is Severity.ERROR for finding in self.findings)
        return not (self.no_answer or self.mismatches or serious or self.wall is not None)

    @property
    def kept(self) -> bool:
        """Whether the answer, as it was judged, is in the evidence."""
        error = self.final.error
        return error is None or error.kind is not ErrorKind.NOT_KEPT

    @property
    def passed(self) -> bool:
        return self.good and self.kept
