"""How a target stands, and what a round changes in that: only changes are told."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from smoke.facts.fingerprints import causes_of
from smoke.model.run import Run
from smoke.model.status import ExitStatus
from smoke.model.verdict import exit_status

UNCLEAR_ROUNDS = 2
"""Rounds without a verdict before that is told: one alone is a restart, or a packet that was lost."""


class WatchLevel(StrEnum):
    """What the last rounds came to."""

    PASSING = "passing"
    FAILING = "failing"
    NO_VERDICT = "no-verdict"


class What(StrEnum):
    """What is told of a target."""

    FAILING = "failing"
    NEW_CAUSE = "new-cause"
    NO_VERDICT = "no-verdict"
    RECOVERED = "recovered"


class Standing(Struct, frozen=True):
    """What is known of a target; stored between rounds, so that a restart tells nothing twice."""

    state: WatchLevel = WatchLevel.PASSING
    causes: tuple[str, ...] = ()
    """Fingerprints of everything that failed since it was last passing."""
    since: str = ""
    """When it came into this state (ISO 8601, UTC); empty where it was never judged."""
    bad: int = 0
    """Rounds in a row that did not pass."""
    unclear: int = 0
    """Rounds in a row without a verdict."""


class RoundJudged(Struct, frozen=True):
    """How a target stands after a round, and what is to be told of it, if anything."""

    standing: Standing
    what: What | None = None


def after(before: Standing, run: Run | None, at: str) -> RoundJudged:
    """What a round changes; `run` is None where none could be made. An interrupted one changes nothing."""
    if run is not None and run.interrupted_by:
        return RoundJudged(before)
    status = ExitStatus.NO_VERDICT if run is None else exit_status(run)
    if status is ExitStatus.PASSED:
        return _passed(before, at)
    if status is ExitStatus.FAILED and run is not None:
        return _failed(before, tuple(cause.fingerprint for cause in causes_of(run)), at)
    return _unclear(before, at)


def _passed(before: Standing, at: str) -> RoundJudged:
    if before.state is WatchLevel.PASSING:
        return RoundJudged(Standing(since=before.since or at))
    return RoundJudged(Standing(since=at), What.RECOVERED)


def _failed(before: Standing, causes: tuple[str, ...], at: str) -> RoundJudged:
    if before.state is not WatchLevel.FAILING:
        return RoundJudged(
            Standing(WatchLevel.FAILING, causes, at, bad=before.bad + 1), What.FAILING
        )
    known = tuple(dict.fromkeys((*before.causes, *causes)))
    now = replace(before, causes=known, bad=before.bad + 1, unclear=0)
    return RoundJudged(now, What.NEW_CAUSE if len(known) > len(before.causes) else None)


def _unclear(before: Standing, at: str) -> RoundJudged:
    now = replace(before, bad=before.bad + 1, unclear=before.unclear + 1)
    if before.state is WatchLevel.NO_VERDICT or now.unclear < UNCLEAR_ROUNDS:
        return RoundJudged(now)
    return RoundJudged(replace(now, state=WatchLevel.NO_VERDICT, since=at), What.NO_VERDICT)
