"""What a watch counts, as metrics of Prometheus by its own client, and whether rounds are going on.

Labels are names of files and targets, and words of ours: nothing that a shop answers is one, so there are no more series
than scenarios times targets times outcomes.
"""

from __future__ import annotations

import importlib.util
import math
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from smoke.app.delivering import Deliver, Receiver
from smoke.app.watch_rounds import Hearing
from smoke.diagnostic import SmokeError
from smoke.engine.control import Clock
from smoke.extras import install_command
from smoke.model.run import Outcome
from smoke.overview.table import Shop
from smoke.text import shorten
from smoke.watching.notice import Notice
from smoke.watching.standing import Standing, What

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

_LEAST_GRACE = 300.0
_LONGEST_LABEL = 200


def check_metrics() -> None:
    """Refuse metrics where the client is not installed. Raises SmokeError."""
    if importlib.util.find_spec("prometheus_client") is None:
        raise SmokeError.of(
            "metrics-missing-extra",
            "--metrics needs a package that is not installed",
            notes=[install_command("metrics")],
        )


class RoundsDue:
    """Which rounds are due when, and whether one of them is long overdue. Threads may share it."""

    def __init__(self, clock: Clock, every: float) -> None:
        self._clock = clock
        self._grace = max(2 * every, _LEAST_GRACE)
        self._guard = threading.Lock()
        self._due: dict[str, float] = {}

    def set(self, target: str, due: float) -> None:
        """The next round of the target is due then, in seconds of the monotonic clock."""
        with self._guard:
            self._due[target] = due

    def overdue(self) -> str:
        """Why rounds are not going on; empty when they are."""
        with self._guard:
            target, due = min(self._due.items(), key=lambda each: each[1], default=("", math.inf))
        late = self._clock.monotonic() - due
        if late <= self._grace:
            return ""
        name = shorten(target, _LONGEST_LABEL)
        return f"the round of {name} that was due {late:.0f} s ago is not over"


class Figures:
    """The metrics of one watch, in a registry of their own."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge

        self.registry: CollectorRegistry = CollectorRegistry()
        of_scenario = ("target", "scenario")

        def gauge(name: str, told: str, labels: tuple[str, ...]) -> Gauge:
            return Gauge(name, told, labels, registry=self.registry)

        def counter(name: str, told: str, labels: tuple[str, ...]) -> Counter:
            return Counter(name, told, labels, registry=self.registry)

        self._outcome = gauge(
            "smoke_scenario_outcome",
            "1 for what the last round of a scenario came to, 0 for the other outcomes",
            (*of_scenario, "outcome"),
        )
        self._seconds = gauge(
            "smoke_scenario_duration_seconds", "How long its last round took", of_scenario
        )
        self._rounds = counter(
            "smoke_rounds", "Rounds of a target by what they came to", ("target", "outcome")
        )
        self._last = gauge(
            "smoke_last_round_timestamp_seconds", "When its last round was over", ("target",)
        )
        self._left = counter(
            "smoke_orders_left_behind", "Orders that rounds may have left at a target", ("target",)
        )
        self._failed = counter(
            "smoke_notice_failures", "Deliveries of notices that failed, tries included", ()
        )

    def round(self, shop: Shop, at: float) -> None:
        """Count a round that was over `at` (seconds since 1970)."""
        target = shorten(shop.target, _LONGEST_LABEL)
        self._rounds.labels(target, shop.outcome.value).inc()
        self._last.labels(target).set(at)
        left = self._left.labels(target)
        for scenario in shop.run.scenarios if shop.run is not None else ():
            name = shorten(scenario.name, _LONGEST_LABEL)
            for outcome in Outcome:
                told = self._outcome.labels(target, name, outcome.value)
                told.set(1 if outcome is scenario.outcome else 0)
            self._seconds.labels(target, name).set(scenario.seconds)
        if shop.run is not None:
            left.inc(len(shop.run.orders_left_behind))

    def delivering(self, deliver: Deliver) -> Deliver:
        """The same delivery; what it cannot deliver is counted."""

        def counted(receiver: Receiver, notice: Notice) -> str:
            why = deliver(receiver, notice)
            if why:
                self._failed.inc()
            return why

        return counted


class MeasuredHearing:
    """Hears what another hears, and counts it."""

    def __init__(
        self, hearing: Hearing, figures: Figures, due: RoundsDue, now: Callable[[], datetime]
    ) -> None:
        self._hearing = hearing
        self._figures = figures
        self._due = due
        self._now = now

    def round(self, shop: Shop, standing: Standing, what: What | None) -> None:
        self._figures.round(shop, self._now().timestamp())
        self._hearing.round(shop, standing, what)

    def expecting(self, target: str, due: float) -> None:
        self._due.set(target, due)
        self._hearing.expecting(target, due)

    def resting(self, until: datetime) -> None:
        self._hearing.resting(until)

    def problem(self, text: str) -> None:
        self._hearing.problem(text)
