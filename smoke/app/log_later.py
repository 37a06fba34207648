"""A saved run whose failures are looked up in logs afterwards: nothing is sent, nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from smoke.app.in_log import InLog, failed_attempts
from smoke.app.logs import open_logs
from smoke.model.run import Attempt, Run, ScenarioResult, StepResult
from smoke.redact import Secrets
from smoke.store import RunFolder


def with_log(
    folder: RunFolder,
    sources: str | Sequence[str],
    environ: Mapping[str, str],
    token_variable: str = "",
) -> Run:
    """The run of a folder, with what logs tell: files, `-` or `supabase:REF`. Raises SmokeError."""
    run = folder.run()
    in_log = logs_of(run, folder, sources, environ, token_variable)
    return run if in_log is None else looked_up(run, in_log)


def logs_of(
    run: Run,
    folder: RunFolder,
    sources: str | Sequence[str],
    environ: Mapping[str, str],
    token_variable: str = "",
    *,
    database: Callable[[], str] = str,
) -> InLog | None:
    """The logs of the time of a run; None when none is named. `database` gives the name of the shop's, where it is known."""
    started = datetime.fromisoformat(run.started_at)
    ended = datetime.fromisoformat(run.finished_at) if run.finished_at else datetime.now(UTC)
    named = (sources,) if isinstance(sources, str) else tuple(sources)
    log = open_logs(named, environ, token_variable=token_variable, started=started, ended=ended)
    if log is None:
        return None
    # what the run kept secret is not known any more; what looks like a secret or a card number is still masked
    secrets = Secrets.of({})
    return InLog(
        log,
        folder.folder,
        lambda: secrets,
        also=(run.id,),
        database=database,
        repeated=bool(run.seed) and run.seed != run.id,
    )


def looked_up(run: Run, in_log: InLog) -> Run:
    """The run with what logs tell of every step that failed, or passed only when it was tried again."""
    return replace(
        run,
        asked=replace(run.asked, log=True) if run.asked is not None else None,
        scenarios=tuple(_scenario(scenario, run, in_log) for scenario in run.scenarios),
    )


def _scenario(scenario: ScenarioResult, run: Run, in_log: InLog) -> ScenarioResult:
    if not any(step.flaky or step.outcome.bad for step in scenario.steps):
        return scenario
    belongings = in_log.belongings(scenario, run.orders, run.scenarios)
    place = 0
    steps: list[StepResult] = []
    for step in scenario.steps:
        failed = failed_attempts(step) if step.flaky or step.outcome.bad else ()
        attempts: list[Attempt] = []
        for attempt in step.attempts:
            findings = attempt.findings
            if attempt in failed:
                findings = in_log.looked_up(
                    belongings, place, step, attempt, scenario.name, 0.0, _no_wait
                )
            attempts.append(replace(attempt, findings=findings))
            place += 1
        steps.append(replace(step, attempts=tuple(attempts)))
    return replace(scenario, steps=tuple(steps))


def _no_wait(_seconds: float) -> bool:
    """Whatever the log will hold is there."""
    return False
