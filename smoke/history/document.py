"""What the history says of a run, as JSON: for a rollback, a comment on a pull request, a dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smoke.history.comparing import Became, FailureChange, RunComparison
from smoke.history.known import KnownFailure
from smoke.history.rows import RunRecord, RunRow
from smoke.history.speed import Slower
from smoke.history.verdict import Verdict

SCHEMA = 1
"""Number of the format; it changes when a reader must change."""


def verdict_document(
    comparison: RunComparison,
    verdict: Verdict,
    listed: Mapping[tuple[str, str, str], KnownFailure] | None = None,
) -> dict[str, Any]:
    """The verdict with what led to it. A build that is not known is null, as is what is not there."""
    now, good, against = comparison.now, comparison.last_good, comparison.against
    counted = {change.key for change in verdict.new}
    return {
        "schema": SCHEMA,
        "verdict": verdict.word.value,
        "because": verdict.because,
        "gate_status": verdict.status,
        "run_status": now.status,
        "target": now.target,
        "url": now.url,
        "this_build": now.version or None,
        "this_run": now.id,
        "last_good": good.version or None if good is not None else None,
        "last_good_run": good.id if good is not None else None,
        "against": {"basis": comparison.basis.value, **_run(against)},
        "orders_left": now.orders_left,
        "new": [_change(each, counted) for each in comparison.of(Became.NEW)],
        "still_failing": [_change(each, counted) for each in comparison.of(Became.STILL)],
        "fixed": [_change(each, None) for each in comparison.of(Became.FIXED)],
        "not_judged": [
            {"scenario": each.scenario, "step": each.step or None, "note": each.note}
            for each in comparison.of(Became.UNKNOWN)
        ],
        "slower": [_slower(each) for each in comparison.slower],
        "flaky": [
            {"scenario": each.scenario, "step": each.step or None, "note": each.note}
            for each in comparison.flaky
        ],
        "known": [_known(*each) for each in (listed or {}).items()],
    }


def record_document(record: RunRecord) -> dict[str, Any]:
    """A run of the history."""
    run = record.run
    return {
        "run": run.id,
        "target": run.target,
        "url": run.url,
        "build": run.version or None,
        "build_from": run.version_from or None,
        "started": run.started,
        "outcome": run.outcome,
        "status": run.status,
        "interrupted_by": run.interrupted or None,
        "seconds": run.seconds,
        "orders_left": run.orders_left,
        "scenarios": [
            {"name": row.name, "outcome": row.outcome, "seconds": row.seconds}
            for row in record.scenarios
        ],
        "failures": [
            {
                "scenario": row.scenario,
                "step": row.step or None,
                "fingerprint": row.fingerprint,
                "code": row.code,
                "title": row.title,
                "outcome": row.outcome,
            }
            for row in record.failures
        ],
    }


def _slower(step: Slower) -> dict[str, Any]:
    return {
        "scenario": step.scenario,
        "step": step.step,
        "seconds": round(step.now, 3),
        "seconds_before": round(step.before, 3),
        "runs": step.runs,
        "passes": step.passes,
        "p": round(step.p, 4),
    }


def _known(key: tuple[str, str, str], known: KnownFailure) -> dict[str, Any]:
    scenario, step, name = key
    return {
        "scenario": scenario,
        "step": step or None,
        "fingerprint": name,
        "owner": known.owner,
        "reason": known.reason,
        "expires": known.expires,
    }


def _run(run: RunRow | None) -> dict[str, Any]:
    if run is None:
        return {"build": None, "run": None}
    return {"build": run.version or None, "run": run.id}


def _change(change: FailureChange, counted: set[tuple[str, str, str]] | None) -> dict[str, Any]:
    """A failure; `counts` says whether it makes the build worse (it is neither old nor a known failure)."""
    since = change.since
    told: dict[str, Any] = {
        "scenario": change.scenario,
        "step": change.step or None,
        "fingerprint": change.fingerprint,
        "title": change.title,
        "note": change.note,
        "since_build": since.version or None if since is not None else None,
        "since_run": since.id if since is not None else None,
        "since": since.started if since is not None else None,
        "runs": change.runs,
    }
    return told if counted is None else {**told, "counts": change.key in counted}
