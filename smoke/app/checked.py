"""Options that no run can be made with: each mistake is told, and nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator

from smoke.app.declared import declared
from smoke.app.logs import problems as log_problems
from smoke.app.options import RunOptions
from smoke.diagnostic import Diagnostic, SmokeError


def check_options(options: RunOptions) -> None:
    """Refuse values that are out of bounds or of another form. Raises SmokeError with all of them."""
    found = [Diagnostic("bad-option", message) for message in _problems(options)]
    if found:
        raise SmokeError(found)


def _problems(options: RunOptions) -> Iterator[str]:
    for item in declared(RunOptions).values():
        for problem in item.option.problems(getattr(options, item.field)):
            yield f"{item.name}{problem}"
    if options.version_from and not options.expect_version:
        yield "--version-from tells where to look for a build: --expect-version says for which"
    # a token may be for the target's logs, which are looked at where the target is known
    token = options.log_token_env if options.all_logs or not options.target else ""
    yield from log_problems(options.all_logs, token)
