"""A request that failed just now, as its database can know it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from smoke.logs.belonging import window
from smoke.model.correlation import sent_with, trace_and_span

if TYPE_CHECKING:
    from smoke.database.answers.waiting import UnderWay
    from smoke.model.finding import Finding
    from smoke.model.run import ScenarioResult

_SHORTEST = 6


def under_way(finding: Finding, scenario: ScenarioResult) -> UnderWay | None:
    """The request of a finding as its database can know it."""
    from smoke.database.answers.waiting import UnderWay

    attempts = (attempt for step in scenario.steps for attempt in step.attempts)
    mine = (
        attempt
        for attempt in attempts
        if any(exchange.id == finding.exchange_id for exchange in attempt.exchanges)
    )
    attempt = next(mine, None)
    if attempt is None:
        return None
    names: list[str] = []
    for exchange in attempt.exchanges:
        for sent in sent_with(exchange.request.headers):
            parts = trace_and_span(sent.value)
            names.append(sent.value if parts is None else parts[1])
    since = (datetime.now(UTC) - window(attempt)[0]).total_seconds()
    answered = attempt.exchanges[-1].response is not None
    return UnderWay(
        since, tuple(name for name in names if len(name) >= _SHORTEST), answered=answered
    )
