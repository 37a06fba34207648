"""A finished run as a record of the history."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from smoke.facts.fingerprints import Failure, failures_of, steady, without_rounds
from smoke.history.rows import FailureRow, RunRecord, RunRow, ScenarioRow, StepRow
from smoke.model.asked import Target
from smoke.model.run import Outcome, Run, ScenarioResult
from smoke.model.verdict import exit_status
from smoke.text import safe_line, shorten

_LONGEST = 200
CI_COMMIT = "GITHUB_SHA"
"""What tells a build only where nothing else does."""
_BUILD_HEADERS = frozenset(
    {
        "x-app-version",
        "x-build-id",
        "x-commit",
        "x-commit-sha",
        "x-deployment-id",
        "x-git-sha",
        "x-release",
    }
)


def record_of(run: Run, version: str = "", version_from: str = "", target: str = "") -> RunRecord:
    """What is kept of a run. `version` is the build as the caller knows it, and what told it; `target` another name for it.

    Sentences lose their values, so that what an answer said of a customer is not kept.
    """
    if not version or version_from == CI_COMMIT:
        told, how = build_of(run)
        version, version_from = (told, how) if told else (version, version_from)
    judged = [scenario for scenario in run.scenarios if not scenario.teardown_of]
    failures = [failure_row(each) for scenario in judged for each in failures_of(scenario)]
    return RunRecord(
        run=RunRow(
            id=_line(run.id),
            target=_line(target or target_of(run.target)),
            url=_line(origin(run.target.url)),
            version=_line(version),
            version_from=_line(version_from),
            started=run.started_at,
            outcome=run.outcome.value,
            status=int(exit_status(run)),
            interrupted=_line(run.interrupted_by),
            problems=len(run.problems),
            orders_left=len(run.orders_left_behind),
            seconds=run.seconds,
            message="" if judged else _line(steady(run.readiness)),
            strict=int(run.asked is not None and "--fail-on-flaky" in run.asked.options),
        ),
        scenarios=tuple(
            ScenarioRow(_line(each.name), each.outcome.value, each.seconds) for each in judged
        ),
        steps=tuple(row for scenario in judged for row in _steps(scenario)),
        failures=tuple({row.key: row for row in failures}.values()),
    )


def target_of(target: Target) -> str:
    """Under which name the runs of a deployment belong together."""
    return target.name or origin(target.url)


def origin(url: str) -> str:
    """A URL without its path, and without credentials."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}".lower() if host else url


def build_of(run: Run) -> tuple[str, str]:
    """The build that a run tested, and what told it; empty where neither the target nor the command line did."""
    if run.target.version:
        return run.target.version, "the target's answer"
    if run.target.expected_version:
        return run.target.expected_version, "--expect-version"
    return _told_by_answers(run)


def _told_by_answers(run: Run) -> tuple[str, str]:
    """The build that a header of all answers names; while two builds answer, none is the one that was tested."""
    found: dict[str, set[str]] = {}
    for scenario in run.scenarios:
        for step in scenario.steps:
            for attempt in step.attempts:
                for exchange in attempt.exchanges:
                    headers = exchange.response.headers if exchange.response is not None else ()
                    for name, value in headers:
                        key = name.decode("latin-1").lower()
                        if key in _BUILD_HEADERS and value:
                            found.setdefault(key, set()).add(value.decode("latin-1"))
    sure = sorted((key, values) for key, values in found.items() if len(values) == 1)
    return (sure[0][1].pop(), f"the header {sure[0][0]}") if sure else ("", "")


def _steps(scenario: ScenarioResult) -> Iterator[StepRow]:
    rounds: dict[str, list[tuple[Outcome, float, bool]]] = {}
    for step in scenario.steps:
        if step.outcome is not Outcome.SKIPPED:
            name = _line(without_rounds(step.id))
            rounds.setdefault(name, []).append((step.outcome, step.seconds, step.flaky))
    for name, all_of_it in rounds.items():
        worst = max((outcome for outcome, _, _ in all_of_it), key=lambda each: each.rank)
        mean = sum(seconds for _, seconds, _ in all_of_it) / len(all_of_it)
        flaky = any(flaky for _, _, flaky in all_of_it)
        yield StepRow(_line(scenario.name), name, worst.value, round(mean, 6), int(flaky))


def failure_row(failure: Failure) -> FailureRow:
    """What is kept of one failure."""
    step = failure.step
    return FailureRow(
        scenario=_line(failure.scenario.name),
        step=_line(failure.where),
        fingerprint=failure.fingerprint,
        code=_line(failure.code),
        title=_line(failure.brief),
        outcome=(step if step is not None else failure.scenario).outcome.value,
        teardown=int(step is not None and step.teardown),
    )


def _line(text: str) -> str:
    return shorten(safe_line(text), _LONGEST)
