"""`smoke check --watch`: what changed is checked when it is saved. Nothing is sent, and nothing on the terminal is cleared."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from smoke.app.signals import stopping
from smoke.app.watching import FileChecked, Round, WatchedFiles
from smoke.cli.terminal import Terminal, stderr, stdout
from smoke.diagnostic import Diagnostic, Level, SmokeError
from smoke.engine.control import Control, SystemClock
from smoke.text import plural, safe_line

EVERY = 0.3
"""Seconds between two looks at the times of the files: less than a person notices, and next to no work."""

Given = Callable[[Sequence[FileChecked]], None]
"""Raises SmokeError where files of values do not fit the scenarios."""


def watch(watched: WatchedFiles, given: Given) -> NoReturn:
    """Check, and check again what changes, until a signal ends the process: between two looks, so that no line is cut."""
    terminal = stdout()
    control = Control(SystemClock())
    with stopping(control, control):
        _tell(terminal, watched, watched.begin(), given)
        terminal.write("watching: a file is checked when it is saved; Ctrl-C ends it")
        while control.sleep(EVERY):
            if watched.settled():
                _tell(terminal, watched, watched.again(), given)
    sys.exit(128 + signal.Signals[control.reason])


def _tell(terminal: Terminal, watched: WatchedFiles, found: Round, given: Given) -> None:
    """What was found now; of files that were not checked again nothing is said a second time but how many have mistakes."""
    diagnostics = [*found.problems, *(d for each in found.checked for d in each.diagnostics)]
    if not any(map(_is_error, diagnostics)):
        try:
            given([each for each in watched.checked.values() if each.loaded is not None])
        except SmokeError as error:
            diagnostics += error.diagnostics
    if not (diagnostics or found.checked or found.gone):
        return  # a file that nothing includes
    if diagnostics:
        terminal.stream.flush()
        stderr().diagnostics(list(dict.fromkeys(diagnostics)))
    for each in found.checked:
        count = sum(map(_is_error, each.diagnostics))
        told = "all right" if not count else plural(count, "mistake")
        terminal.write(safe_line(f"{each.path.as_posix()}: {told}"))
    for path in found.gone:
        terminal.write(safe_line(f"{path.as_posix()}: not there any more"))
    others = [
        each for each in watched.checked.values() if not each.right and each not in found.checked
    ]
    if others:
        terminal.write(f"{plural(len(others), 'other file')} with mistakes, as before")
    if not watched.checked:
        terminal.write("no scenario to check")


def _is_error(diagnostic: Diagnostic) -> bool:
    return diagnostic.level is Level.ERROR
