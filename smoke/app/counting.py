"""What the database counts while an order is placed: read before its request leaves and after its answer came."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from smoke.diagnostic import SmokeError
from smoke.model.run import OrderState

if TYPE_CHECKING:
    from smoke.app.asking import Asking
    from smoke.database.counters import Compared, Counted, Counters, StatementSource
    from smoke.engine.control import Control
    from smoke.model.finding import Finding
    from smoke.model.run import PlacedOrder, ScenarioResult

_PATIENCE = 3.0
"""Seconds for one reading: an order waits for it."""
SETTLES = 10.5
"""Seconds until an idle session has told its statistics (PGSTAT_IDLE_INTERVAL: ten)."""

Place = tuple[str, str, int]
"""Scenario, id of the step, number of the attempt."""


class Counting:
    """Reads the counters of one database around each order. Safe to share between workers; raises nothing.

    Where it cannot be read, it is not tried again in this run: a database that is away would hold every order up.
    """

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._lock = threading.Lock()
        self._source: StatementSource | None = None
        self._given_up = not asking.available
        self._counted: dict[Place, Counted] = {}
        self._under_way: set[Place] = set()
        self._met: set[Place] = set()

    @contextmanager
    def around(self, scenario: str, step: str, attempt: int, control: Control) -> Iterator[None]:
        """Read before and after what is done inside."""
        place = (scenario, step, attempt)
        with self._lock:
            if self._under_way:  # each of them has the others' statements in its count
                self._met |= self._under_way | {place}
            self._under_way.add(place)
        before = self._read(control)
        try:
            yield
        finally:
            after = None if before is None else self._read(control)
            with self._lock:
                self._under_way.discard(place)
                if before is not None and after is not None:
                    from smoke.database.counters import Counted

                    self._counted[place] = Counted(
                        before, after, place not in self._met, control.clock.monotonic()
                    )

    def compared(
        self, finding: Finding, scenario: ScenarioResult, orders: tuple[PlacedOrder, ...]
    ) -> Compared | None:
        """What was counted of the order that failed, beside the last one before it that worked; None without them."""
        second = self._counted.get((finding.scenario, finding.step, finding.attempt))
        if second is None or self._source is None:
            return None
        from smoke.database.counters import Compared

        called = {step.id: step.called for step in scenario.steps}
        before = list(called)[: list(called).index(finding.step)] if finding.step in called else []
        placed = {
            order.step: order
            for order in orders
            if order.state is OrderState.PLACED and order.order_id and order.step in before
        }
        for step in reversed(scenario.steps):
            order = placed.get(step.id)
            if order is None or len(step.attempts) != 1:
                continue
            first = self._counted.get((scenario.name, step.id, step.attempts[0].number))
            if first is not None:
                return Compared(
                    self._source, first, second, step.called, called[finding.step], order.order_id
                )
        return None

    def settled(self, compared: Compared, control: Control) -> Compared | None:
        """The same with what is counted when every session has told its statistics; None where there is no time for that."""
        from dataclasses import replace

        left = compared.second.ended + SETTLES - control.clock.monotonic()
        if left > 0 and not control.sleep(left):
            return None
        counters = self._read(control)
        return None if counters is None else replace(compared, settled=counters)

    def _read(self, control: Control) -> Counters | None:
        if self._given_up or control.over:
            return None
        from smoke.database.counters import read, source_of
        from smoke.database.session import Database

        def ask(database: Database) -> tuple[StatementSource, Counters]:
            source = self._source or source_of(database)
            return source, read(database, source)

        try:
            with control.waiting():
                self._source, found = self._asking.ask(
                    ask, min(_PATIENCE, max(control.remaining(), 0.1))
                )
        except SmokeError:
            self._given_up = True  # told when the database is asked about the failure
            return None
        return found
