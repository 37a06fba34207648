"""Records of a history as tests need them: runs of one target, one minute after another."""

from __future__ import annotations

from smoke.history.rows import FailureRow, RunRecord, RunRow, ScenarioRow, StepRow

TARGET = "production"
RULE = "a" * 16
OTHER = "b" * 16


def failure(
    fingerprint: str = RULE, step: str = "Order", scenario: str = "order", **more: str | int
) -> FailureRow:
    title = "unique_violation (SQLSTATE 23505) by jobs_uq" if fingerprint == RULE else "another"
    row = {"code": "unique-violation", "title": title, "outcome": "failed", **more}
    return FailureRow(scenario, step, fingerprint, **row)  # type: ignore[arg-type]  # its own fields


def ran(
    minute: int,
    version: str = "",
    *failures: FailureRow,
    steps: tuple[StepRow, ...] = (),
    status: int | None = None,
    **scenarios: str,
) -> RunRecord:
    """A run that began in that minute: its failures, and the outcomes of its scenarios (`order`, as those say)."""
    found = scenarios or {"order": _worst(failures)}
    if status is None:
        worst = "failed" if "failed" in found.values() else next(iter(found.values()))
        status = {"passed": 0, "failed": 1, "skipped": 5}.get(worst, 3)
    broken = {(row.scenario, row.step) for row in failures}
    passed = tuple(
        StepRow(name, step, "passed", 0.1)
        for name in found
        for step in ("Order", "Pay")
        if (name, step) not in broken and found[name] == "passed"
    )
    return RunRecord(
        RunRow(
            id=f"run-{minute:04}",
            target=TARGET,
            url="https://shop.example",
            version=version,
            version_from="--build" if version else "",
            started=f"2026-11-28T{minute // 60:02}:{minute % 60:02}:00.000+00:00",
            outcome="passed" if status == 0 else "failed",
            status=status,
            interrupted="",
            problems=0,
            orders_left=0,
            seconds=1.0,
            message="",
        ),
        tuple(ScenarioRow(name, outcome, 1.0) for name, outcome in found.items()),
        steps or (*passed, *(StepRow(r.scenario, r.step, r.outcome, 0.2) for r in failures)),
        failures,
    )


def _worst(failures: tuple[FailureRow, ...]) -> str:
    outcomes = {row.outcome for row in failures}
    return "failed" if "failed" in outcomes else next(iter(outcomes), "passed")
