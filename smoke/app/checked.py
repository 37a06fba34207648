"""Options that nothing can be done with: each mistake is told, and nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from smoke.app.declared import Declared, declared
from smoke.app.logs import problems as log_problems
from smoke.app.options import RunOptions
from smoke.diagnostic import Diagnostic, SmokeError


def check_options(options: RunOptions) -> None:
    """Refuse values that are out of bounds or of another form. Raises SmokeError with all of them."""
    items = declared(RunOptions).values()
    _refuse([*_each(items, _values(options, items)), *_together(options)])


def check_values(items: Iterable[Declared], values: Mapping[str, Any]) -> None:
    """As `check_options`, for the options of a command that makes no run, by field. Raises SmokeError."""
    logs = log_problems(values.get("logs", ()), values.get("log_token_env", ""))
    _refuse([*_each(items, values), *logs])


def _values(options: RunOptions, items: Iterable[Declared]) -> dict[str, Any]:
    return {item.field: getattr(options, item.field) for item in items}


def _refuse(problems: Iterable[str]) -> None:
    found = [Diagnostic("bad-option", problem) for problem in problems]
    if found:
        raise SmokeError(found)


def _each(items: Iterable[Declared], values: Mapping[str, Any]) -> Iterator[str]:
    for item in items:
        for problem in item.option.problems(values[item.field]):
            yield f"{item.name}{problem}"


def _together(options: RunOptions) -> Iterator[str]:
    """What does not go together."""
    if options.version_from and not options.expect_version:
        yield "--version-from tells where to look for a build: --expect-version says for which"
    if options.shard_times is not None and not options.shard:
        yield "--shard-times makes the parts of --shard even, which is not given"
    if options.on:
        yield from _with_workers(options)
    # a token may be for the target's logs, which are looked at where the target is known
    token = options.log_token_env if options.all_logs or not options.target else ""
    yield from log_problems(options.all_logs, token)


def _with_workers(options: RunOptions) -> Iterator[str]:
    """What does not go together with workers somewhere else."""
    if options.workers != 1:
        yield "--workers is for scenarios in this process: with --on the cluster says how many are carried out at once"
    if options.shard:
        yield "--shard divides the scenarios among jobs, and --on among workers: one of them"
    if options.all_logs:
        yield "--log is read where the run is, and with --on it is elsewhere: `smoke show RUN --log FILE` looks afterwards"
