"""What a job says of a run: its outputs, the comment on the pull request, the status of the deployment. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from smoke.action.event import OURS
from smoke.facts.evidence import Evidence
from smoke.facts.fingerprints import Cause, causes_of
from smoke.model.run import Outcome, Run
from smoke.model.status import ExitStatus
from smoke.report.github import job_summary, sentence
from smoke.text import plural, safe_line, shorten

LARGEST_COMMENT = 60_000
"""Bytes; GitHub takes 65,536 characters."""
LONGEST_DESCRIPTION = 140
"""Characters that GitHub takes of a deployment status's description."""
MOST_IN_OUTPUT = 200
CANCELLED = "cancelled"

_WORDS: dict[int, str] = {
    ExitStatus.PASSED: "passed",
    ExitStatus.FAILED: "failed",
    ExitStatus.USAGE: "invalid",
    ExitStatus.NOTHING_RUN: "nothing-run",
}
_STATES: dict[int | None, str] = {ExitStatus.PASSED: "success", ExitStatus.FAILED: "failure"}
_MOST_CHANGES = 20


class Ended(Struct, frozen=True):
    """How the run's process ended: `status` is None when it was killed; `verdict` is what the history says, if it was asked."""

    status: int | None
    run: Run | None = None
    verdict: Any = None
    reports: tuple[str, ...] = ()
    changed_since: bool = False
    """Whether only scenarios that changed were to be run."""


def is_idle(ended: Ended) -> bool:
    """Whether all is well, since there was nothing to do: no scenario changed, or nothing was to be sent."""
    return ended.status == ExitStatus.PASSED and ended.run is None


def verdict_word(ended: Ended) -> str:
    """One word for a gate: the history's where it was asked, else what the exit status means."""
    if is_idle(ended):
        return "skipped"
    if ended.status is None or (ended.run is not None and ended.run.interrupted_by):
        return CANCELLED
    said = ended.verdict.get("verdict") if isinstance(ended.verdict, dict) else None
    if isinstance(said, str):
        return said
    return _WORDS.get(ended.status, "no-verdict")


def because(ended: Ended) -> str:
    """Why, in one sentence: what the history says of it, and of what it cannot judge the first cause."""
    said = ended.verdict.get("because") if isinstance(ended.verdict, dict) else None
    causes = causes_of(ended.run) if ended.run is not None else ()
    if isinstance(said, str) and not (causes and verdict_word(ended) in ("no-verdict", CANCELLED)):
        return safe_line(shorten(said, 1000))
    if is_idle(ended):
        return f"nothing was run{': no scenario changed' if ended.changed_since else ''}"
    if ended.run is None:
        return "nothing was run" if ended.status is not None else "it was ended before it began"
    if causes:
        return _cause(causes)
    if ended.run.interrupted_by:
        return f"interrupted by {safe_line(ended.run.interrupted_by)}"
    if ended.run.outcome is Outcome.PASSED and ended.status == ExitStatus.PASSED:
        return f"{plural(len(ended.run.scenarios), 'scenario')} passed"
    return safe_line(shorten(ended.run.readiness or "; ".join(ended.run.problems), 1000))


def _cause(causes: tuple[Cause, ...]) -> str:
    first = causes[0]
    more = f", and {plural(len(causes) - 1, 'more cause')}" if len(causes) > 1 else ""
    return safe_line(shorten(f"{first.failures[0].scenario.name}: {first.title}{more}", 1000))


def outputs(ended: Ended) -> dict[str, str]:
    """The action's outputs. Lists are JSON; what a server said is in one line."""
    run = ended.run
    causes = causes_of(run) if run is not None else ()
    failed = [each.name for each in run.scenarios if each.outcome.bad] if run is not None else []
    left = run.orders_left_behind if run is not None else ()
    return {
        "exit-status": "" if ended.status is None else str(ended.status),
        "verdict": verdict_word(ended),
        "because": because(ended),
        "run": run.id if run is not None else "",
        "orders-left": str(len(left)),
        "orders": json.dumps([order.order_id for order in left[:MOST_IN_OUTPUT]]),
        "failed-scenarios": json.dumps(failed[:MOST_IN_OUTPUT]),
        "fingerprints": json.dumps([cause.fingerprint for cause in causes[:MOST_IN_OUTPUT]]),
        "reports": "\n".join(ended.reports),
    }


def comment(
    ended: Ended, evidence: Evidence | None, mark: str, links: Mapping[str, str], sha: str
) -> str:
    """The comment's Markdown: the job's summary, where more is, and the hidden mark it is found by."""
    foot = [f"[{name}]({address})" for name, address in links.items() if address]
    commit = f"commit {sha[:12]}" if sha.isalnum() else ""
    last = f"\n{' · '.join([*filter(None, [commit]), *foot])}\n\n{mark}\n"
    if ended.run is None or evidence is None:
        return f"## smoke: no verdict\n\n{because(ended)}.\n{last}"
    return _gate(ended) + job_summary(ended.run, evidence, LARGEST_COMMENT) + last


def _gate(ended: Ended) -> str:
    """What the history says, above the rest: the verdict, and what changed since the build before."""
    if not isinstance(ended.verdict, dict):
        return ""
    lines = [f"**{verdict_word(ended)}**: {sentence(because(ended))}\n"]
    for key, word in _CHANGES.items():
        found = ended.verdict.get(key)
        changes = found if isinstance(found, list) else []
        lines += [_change(word, each) for each in changes[:_MOST_CHANGES]]
        if len(changes) > _MOST_CHANGES:
            lines.append(f"- **{word}**: and {len(changes) - _MOST_CHANGES} more")
    return "\n".join(lines) + "\n\n"


_CHANGES = {
    "new": "new",
    "still_failing": "still",
    "fixed": "fixed",
    "not_judged": "not judged",
    "slower": "slower",
    "flaky": "flaky",
}


def _change(word: str, change: Any) -> str:
    def said(name: str) -> str:
        found = change.get(name) if isinstance(change, dict) else None
        return "" if found is None else str(found)

    where = ", ".join(filter(None, (said("scenario"), said("step"))))
    since = f"since build {said('since_build')}" if word == "still" and said("since_build") else ""
    times = f"{said('seconds_before')} s before, now {said('seconds')} s" if word == "slower" else ""  # fmt: skip
    told = "; ".join(filter(None, (said("title"), since, times, said("note"))))
    return f"- **{word}**: {sentence(where)}{': ' if told else ''}{sentence(told)}"


def deployment_status(ended: Ended, environment: str, log: str) -> dict[str, Any]:
    """The body of `POST /deployments/ID/statuses`. Others of its environment stay active."""
    word = verdict_word(ended)
    described = f"{OURS}{word}: {because(ended)}"
    told = {
        "state": _STATES.get(ended.status, "error"),
        "description": shorten(described, LONGEST_DESCRIPTION),
        "log_url": log,
        "auto_inactive": False,
    }
    return {**told, "environment": environment} if environment else told
