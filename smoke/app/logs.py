"""The logs that `--log` names: of PostgreSQL, of the application, of both; what each holds is recognised when it is read."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.diagnostic import Diagnostic, SmokeError

if TYPE_CHECKING:
    from smoke.app.server_log import Log
    from smoke.logs.entry import LogEntry
    from smoke.logs.match import Wanted

STANDARD_INPUT = "-"
_PROJECT = "supabase:"


def problems(sources: Sequence[str], token_variable: str = "") -> list[str]:
    """What is wrong with the sources, as far as can be said without opening one."""
    found: list[str] = []
    if any(not source.strip() for source in sources):
        found.append("--log is empty: is the variable set that it comes from?")
    if sources.count(STANDARD_INPUT) > 1:
        found.append("--log - is given twice: standard input can be read only once")
    if token_variable and not any(source.startswith(_PROJECT) for source in sources):
        found.append("--log-token-env belongs to --log supabase:PROJECT_REF")
    return found


def check_source(source: str) -> None:
    """Refuse a file that is not there, or that is a folder, without opening it. Raises SmokeError."""
    if source == STANDARD_INPUT or source.startswith(_PROJECT):
        return
    try:
        folder = stat.S_ISDIR(Path(source).stat().st_mode)
        reason = os.strerror(errno.EISDIR) if folder else ""
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        raise SmokeError.of("unreadable-log", f"cannot read the server's log {source}: {reason}")


def open_logs(
    sources: Sequence[str],
    environ: Mapping[str, str],
    *,
    token_variable: str = "",
    started: datetime,
    ended: datetime | None = None,
) -> Log | None:
    """The logs as one; None when none is named. `ended`: the run is over, and all that they hold is read.

    Raises SmokeError for a source that is none, or that cannot be opened: before anything is sent.
    """
    from smoke.app.server_log import open_log

    named = tuple(dict.fromkeys(sources))
    wrong = problems(named, token_variable)
    if wrong:
        raise SmokeError([Diagnostic("bad-option", problem) for problem in wrong])
    logs = [
        open_log(source, environ, token_variable=token_variable, started=started, ended=ended)
        for source in named
    ]
    if len(logs) < 2:
        return logs[0] if logs else None
    return Logs(logs)


class Logs:
    """Several logs as one: the entries of all that can be read."""

    def __init__(self, logs: Sequence[Log]) -> None:
        self._logs = tuple(logs)
        self._broken = ""

    @property
    def name(self) -> str:
        """What to call them."""
        return ", ".join(log.name for log in self._logs)

    @property
    def hint(self) -> str:
        """What to try when an error is not there, and which of them could not be read."""
        hints = [log.hint for log in self._logs]
        return "; ".join(text for text in (self._broken, *hints) if text)

    def entries(self, wanted: Wanted) -> list[LogEntry]:
        """The entries of all. Raises SmokeError when none can be read; one that cannot is told in the hint."""
        found: list[LogEntry] = []
        broken: list[SmokeError] = []
        for log in self._logs:
            try:
                found += log.entries(wanted)
            except SmokeError as error:
                broken.append(error)
        if len(broken) == len(self._logs):
            raise broken[0]
        self._broken = "; ".join(str(error) for error in broken)
        return found
