"""`smoke check --watch` and `smoke run --watch`: what changed is checked when it is saved. Nothing is sent for that, and nothing on the terminal is cleared."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from smoke import system
from smoke.app.catalog import meant
from smoke.app.given_values import given_values
from smoke.app.options import RunOptions
from smoke.app.preparing import prepare
from smoke.app.signals import stopping
from smoke.app.watching import FileChecked, Round, WatchedFiles
from smoke.cli.terminal import Terminal, stderr, stdout
from smoke.diagnostic import Diagnostic, Level, SmokeError
from smoke.engine.control import Control, SystemClock
from smoke.model.verdict import signal_status
from smoke.text import plural, safe_line

EVERY = 0.3
"""Seconds between two looks at the times of the files: less than a person notices, and next to no work."""

_LOOKS = 3
"""Of so many looks for a key one is at the files, too: about as often as EVERY."""

_ASKS = "\nEnter runs  saving checks  Ctrl-C ends"

Run = Callable[[], int | None]
"""Runs the scenarios; the exit status of a run that was interrupted."""

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


def watch_and_run(options: RunOptions, run: Run) -> NoReturn:
    """Check what is saved, and run what the options say whenever somebody presses Enter, until a signal or the end of their input.

    Nothing is run for a file that was saved, nor for a key that was pressed before it was asked for. Raises SmokeError
    where no scenario is meant.
    """
    terminal = stdout()
    if options.selectors:
        paths, problems = meant(options.selectors)
        if not paths:
            raise SmokeError(problems)

    def fit(_: Sequence[FileChecked]) -> None:
        prepare(options, given_values(options, os.environ))

    try:
        fit(())
    except SmokeError as error:  # anything else is told below, and may be mended
        if any(each.code == "nothing-selected" for each in error.diagnostics):
            raise
    also = [Path(word) for word in (*options.vars_files, *options.env_files)]
    watched = WatchedFiles(options.selectors, also)
    control = Control(SystemClock())
    status: int | None = None
    with stopping(control, control):
        _tell(terminal, watched, watched.begin(), fit)
        while status is None and not control.cancelled.is_set():
            typed = _enter(terminal, watched, control, fit)
            if typed is None:
                break
            if typed == "":
                status = _run(run)
    sys.exit(signal_status(control.reason) if status is None else status)


def _enter(terminal: Terminal, watched: WatchedFiles, control: Control, given: Given) -> str | None:
    """The next line that is typed; what is saved meanwhile is checked. None at the end of the input, or of the watch."""
    typing = sys.stdin.fileno()
    looks = 0
    saved = False

    def over() -> bool:
        nonlocal looks, saved
        looks += 1
        saved = looks % _LOOKS == 0 and watched.settled()
        return saved or control.cancelled.is_set()

    try:
        system.drop_typed(typing)
        terminal.write(_ASKS)
        while (line := system.typed_line(typing, over)) is None and saved:
            _tell(terminal, watched, watched.again(), given)
            terminal.write(_ASKS)
            saved = False
    except OSError:  # the terminal has gone
        return None
    return line.strip() if line is not None else None


def _run(run: Run) -> int | None:
    """One run; what it cannot be done with is told, and may be mended."""
    try:
        return run()
    except SmokeError as error:
        stderr().diagnostics(error.diagnostics)
        return None


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
