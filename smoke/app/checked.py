"""Options that no run can be made with: each mistake is told, and nothing is sent."""

from __future__ import annotations

import math
from collections.abc import Iterator

from smoke.app.logs import problems as log_problems
from smoke.app.options import RunOptions
from smoke.diagnostic import Diagnostic, SmokeError
from smoke.scenario.values import LONGEST, header_problem, version_problem

MOST_WORKERS = 64
LARGEST_BODY = 2**40
"""Bytes: more than any disk of a CI machine has."""
_LONGEST_TEXT = 200


def check_options(options: RunOptions) -> None:
    """Refuse values that are out of bounds or of another form. Raises SmokeError with all of them."""
    found = [Diagnostic("bad-option", message) for message in _problems(options)]
    if found:
        raise SmokeError(found)


def _problems(options: RunOptions) -> Iterator[str]:
    times = {
        "--timeout": options.timeout,
        "--max-time": options.max_time,
        "--ready-timeout": options.ready_timeout,
    }
    for name, seconds in times.items():
        if seconds is not None and not (math.isfinite(seconds) and 0 < seconds <= LONGEST):
            yield f"{name} is a time above zero and at most {LONGEST:,.0f} s, not {seconds:g} s"
    if not 1 <= options.workers <= MOST_WORKERS:
        yield f"--workers is a number from 1 to {MOST_WORKERS}, not {options.workers}"
    if options.max_body is not None and not 0 <= options.max_body <= LARGEST_BODY:
        yield f"--max-body is a number of bytes from 0 (no limit) to {LARGEST_BODY:,}, not {options.max_body}"
    for name, value in options.headers:
        problem = header_problem(name, value)
        if problem:
            yield f"--header: {problem}"
    problem = version_problem(options.version_from) if options.version_from else ""
    if problem:
        yield f"--version-from: {problem}"
    texts = {"--seed": options.seed, "--expect-version": options.expect_version}
    for name, text in texts.items():
        if len(text) > _LONGEST_TEXT or not text.isprintable():
            yield f"{name} is one line of at most {_LONGEST_TEXT} characters"
    if options.version_from and not options.expect_version:
        yield "--version-from tells where to look for a build: --expect-version says for which"
    # a token may be for the target's logs, which are looked at where the target is known
    token = options.log_token_env if options.all_logs or not options.target else ""
    yield from log_problems(options.all_logs, token)
