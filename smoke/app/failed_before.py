"""What did not pass in the last run at a target, or was not begun: the scenarios that `--failed` runs again."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from smoke.app.named_target import completed, spec_of
from smoke.app.options import RunOptions
from smoke.diagnostic import NothingSelectedError
from smoke.engine.redirects import origin_of
from smoke.model.run import Outcome, Run, ScenarioResult
from smoke.scenario.files import resolved
from smoke.store import RunEmptyError, list_runs


class FailedBefore(Struct, frozen=True):
    """The files of the scenarios that did not pass, as the run `run_id` names them."""

    run_id: str
    sources: tuple[str, ...]

    @property
    def paths(self) -> frozenset[Path]:
        """The files, however they are called."""
        return frozenset(resolved(Path(source)) for source in self.sources)


def failed_before(options: RunOptions) -> FailedBefore | None:
    """What failed, had no verdict, or was not begun, in the last run at the target of these options; None where they name none.

    Raises NothingSelectedError when there is no such run, or all of it passed.
    """
    url = completed(options, spec_of(options)).url
    if not url:
        return None
    where = options.target or url
    run = _last(options, url)
    if run is None:
        raise NothingSelectedError.of(
            "nothing-failed",
            f"--failed: there is no run at {where} below {options.out.as_posix()}",
            notes=["without --failed it is run for the first time"],
        )
    bad = [
        each
        for each in run.scenarios
        if (each.outcome.bad or _never_begun(each)) and not each.teardown_of
    ]
    if not bad:
        raise NothingSelectedError.of(
            "nothing-failed", f"--failed: nothing failed in the last run at {where}, {run.id}"
        )
    return FailedBefore(run.id, tuple(dict.fromkeys(each.source for each in bad)))


def _never_begun(scenario: ScenarioResult) -> bool:
    """Whether nobody knows what it would have come to: --fail-fast started it no more."""
    return scenario.outcome is Outcome.SKIPPED and not scenario.steps


def _last(options: RunOptions, url: str) -> Run | None:
    """The newest run at a target: of its name where it has one, else of its origin."""
    for stored in list_runs(options.out):
        try:
            run = stored.folder().run()
        except RunEmptyError:
            continue  # it ended before its first event was whole
        if options.target:
            there = run.target.name == options.target
        else:
            there = origin_of(run.target.url) == origin_of(url)
        if there:
            return run
    return None
