"""A saved run whose hidden errors are looked up in a server's log afterwards: nothing is sent, nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from smoke.app.in_log import InLog
from smoke.app.logs import open_logs
from smoke.model.run import Run, StepResult
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
    started = datetime.fromisoformat(run.started_at)
    ended = datetime.fromisoformat(run.finished_at) if run.finished_at else datetime.now(UTC)
    named = (sources,) if isinstance(sources, str) else sources
    log = open_logs(named, environ, token_variable=token_variable, started=started, ended=ended)
    if log is None:
        return run
    # what the run kept secret is not known any more; what looks like a secret or a card number is still masked
    secrets = Secrets.of({})
    in_log = InLog(log, folder.folder, lambda: secrets, also=(run.id,))
    return replace(
        run,
        scenarios=tuple(
            replace(scenario, steps=tuple(_step(step, in_log) for step in scenario.steps))
            for scenario in run.scenarios
        ),
    )


def _step(step: StepResult, in_log: InLog) -> StepResult:
    attempts = tuple(
        replace(
            attempt,
            findings=tuple(
                in_log.looked_up(finding, attempt, 0.0, _no_wait) for finding in attempt.findings
            ),
        )
        for attempt in step.attempts
    )
    return replace(step, attempts=attempts)


def _no_wait(_seconds: float) -> bool:
    """Whatever the log will hold is there."""
    return False
