"""Whether a run is a part of another, or made of several."""

from __future__ import annotations

from smoke.model.asked import Shard
from smoke.model.run import Outcome, Run
from smoke.text import plural

_MOST = 10
"""Runs that are named; how many more there are is told."""


def part_facts(run: Run) -> tuple[tuple[str, str], ...]:
    """Label and text: which part of a selection a run is, and the runs that it was merged of."""
    facts = []
    if run.shard is not None:
        facts.append(("shard", f"{run.shard}: {_share(run.shard)}"))
    if run.merged:
        more = f" and {len(run.merged) - _MOST} more" if len(run.merged) > _MOST else ""
        names = ", ".join(run.merged[:_MOST])
        facts.append(("merged", f"{plural(len(run.merged), 'run')}: {names}{more}"))
    return tuple(facts)


def nothing_to_do(run: Run) -> str:
    """Why a run without a scenario passed; empty for every other run."""
    if run.scenarios or run.outcome is not Outcome.PASSED or run.shard is None:
        return ""
    return f"shard {run.shard} has {_share(run.shard)}"


def _share(shard: Shard) -> str:
    return f"{len(shard.scenarios) or 'none'} of {plural(len(shard.selected), 'scenario')}"
