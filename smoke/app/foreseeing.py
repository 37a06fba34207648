"""What of a scenario's own values cannot be used, told before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from smoke.app.names import with_scenario
from smoke.app.target import ResolvedTarget
from smoke.diagnostic import Diagnostic, Note, Span
from smoke.engine.foreseen import foreseen
from smoke.engine.pace import rate_of
from smoke.engine.row_secrets import MAX_ROW_SECRETS, row_secrets
from smoke.redact import Secrets, mask_text
from smoke.scenario.model import Scenario, every_step
from smoke.scenario.scope import Scope
from smoke.scenario.source import with_excerpt
from smoke.scenario.traits import Holds
from smoke.scenario.variables import Overrides


def usable(
    scenario: Scenario,
    variables: Overrides,
    where: ResolvedTarget,
    environ: Mapping[str, str],
) -> Iterator[Diagnostic]:
    """A diagnostic for each template whose values are known and cannot be used. Raises SmokeError (`bad-variable`)."""
    scope = Scope(  # made-up data is made up again when the run begins
        seed="foreseen",
        run_id="foreseen",
        started=datetime.now(UTC).isoformat(timespec="milliseconds"),
        target_url=where.base_url,
        secrets=where.secrets,
        environ=environ,
        placeholders=True,
    )
    scope = with_scenario(scope, scenario, variables)
    secret = row_secrets(scenario)
    if len(secret) > MAX_ROW_SECRETS:
        message = f"the files of its loops hold {len(secret):,} secrets, and {MAX_ROW_SECRETS:,} can be masked"
        yield Diagnostic("bad-row", message, span=Span(scenario.source))
        return
    secrets = Secrets.of(where.secrets)
    for value, name in secret.items():
        secrets = secrets.adding(name, value)
    yield from _too_wide(scenario, where)
    for problem in foreseen(scenario, scope, where.base_url):
        masked = replace(problem, message=mask_text(problem.message, secrets))
        yield with_excerpt(masked, _lines(problem))


def _too_wide(scenario: Scenario, where: ResolvedTarget) -> Iterator[Diagnostic]:
    """Each `together` that would send more at one instant than the target's rate allows in its time."""
    rate = rate_of(where.options.rate) if where.options.rate else None
    for step in every_step((*scenario.steps, *scenario.teardown)) if rate is not None else ():
        count = len(step.children)
        if step.traits.holds is Holds.TOGETHER and rate is not None and count > rate.count:
            problem = Diagnostic(
                "together-rate",
                f"'{step.name}' sends {count} requests at one instant, and the rate is {rate.text}",
                span=step.span,
                notes=(
                    Note(f"a rate of {count}/s or more, or leave the scenario out with --skip"),
                ),
            )
            yield with_excerpt(problem, _lines(problem))


def _lines(problem: Diagnostic) -> tuple[str, ...]:
    """The lines of the file that a diagnostic speaks of; none when it cannot be read any more."""
    assert problem.span is not None
    try:
        return tuple(Path(problem.span.source).read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError):
        return ()
