"""Carries out a run for the command line: shows it live, then its summary, then its reports."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from msgspec.structs import replace

from smoke.app.options import RunOptions
from smoke.app.reporting import Reports, write_reports
from smoke.app.running import run
from smoke.cli.live import LiveView, PlainView
from smoke.cli.summary import render_run
from smoke.cli.terminal import Terminal, stderr, stdout
from smoke.model.run import Run
from smoke.model.verdict import exit_status
from smoke.store import RunFolder
from smoke.text import safe_line


def run_and_exit(options: RunOptions, reports: Reports, *, quiet: bool, verbose: bool) -> NoReturn:
    """Run, show, report, and leave with the run's exit status."""
    terminal = stdout()
    _, status = show_run(options, terminal, reports=reports, quiet=quiet, verbose=verbose)
    sys.exit(status)


def show_run(
    options: RunOptions,
    terminal: Terminal,
    *,
    reports: Reports = (),
    quiet: bool = False,
    verbose: bool = False,
) -> tuple[Run, int]:
    """The run, and the exit status that it deserves. Evidence is on the disk before anything is rendered."""
    with _view(terminal, quiet=quiet, verbose=verbose) as view:
        finished = run(
            options=options,
            listener=view.handle,
            on_secret=_mask_in_ci if terminal.github else None,
        )
    folder = RunFolder.open(Path(finished.folder))
    # reports come first: one that cannot be written belongs into the summary and its exit status
    problems = write_reports(finished, folder, reports)
    if terminal.github:
        problems += _job_summary(finished, folder)
    finished = replace(finished, problems=(*finished.problems, *problems))
    terminal.try_to_write(
        render_run(
            finished,
            folder,
            width=terminal.width,
            color=terminal.color,
            unicode=terminal.unicode,
            verbose=verbose,
            quiet=quiet,
        )
    )
    if terminal.github:
        _annotate(finished, terminal)
    for problem in problems:
        stderr().try_to_write(safe_line(f"smoke: {problem}"))
    return finished, exit_status(finished)


@contextlib.contextmanager
def _view(terminal: Terminal, *, quiet: bool, verbose: bool) -> Iterator[LiveView | PlainView]:
    if terminal.is_tty and not terminal.github and not quiet:
        with LiveView(terminal.stream, color=terminal.color, unicode=terminal.unicode) as live:
            yield live
    else:
        yield PlainView(terminal.stream, unicode=terminal.unicode, quiet=quiet, verbose=verbose)


def _annotate(finished: Run, terminal: Terminal) -> None:
    """Annotations into the log."""
    from smoke.report.github import annotations

    for line in annotations(finished):
        terminal.try_to_write(line)


def _job_summary(finished: Run, folder: RunFolder) -> tuple[str, ...]:
    """A short summary into the job's page; the problem in words when it cannot be written."""
    from smoke.report.github import job_summary

    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return ()
    try:
        with Path(path).open("a", encoding="utf-8") as out:
            out.write(job_summary(finished, folder))
    except OSError as error:
        return (f"the job summary could not be written: {error.strerror}",)
    return ()


def _mask_in_ci(value: str) -> None:
    """Tell the CI runner to mask a captured secret in its log; it must come before anything could print it."""
    for line in value.splitlines():
        if line.strip():
            escaped = line.replace("%", "%25").replace("\r", "%0D")
            stdout().try_to_write(f"::add-mask::{escaped}")


def dry_run_and_exit(options: RunOptions) -> NoReturn:
    """Print what would be sent, send nothing, and leave with status 0."""
    from smoke.app.dry_run import plan
    from smoke.text import safe, safe_line, shorten

    terminal = stdout()
    scenario = ""
    for planned in plan(options=options):
        if planned.scenario != scenario:
            scenario = planned.scenario
            terminal.write(safe_line(f"{scenario}: nothing is sent (--dry-run)"))
        where = " (teardown)" if planned.teardown else ""
        note = f"  {planned.note}" if planned.note else ""
        terminal.write("")
        terminal.write(safe_line(f"  {planned.step}{where}  [{planned.kind}]{note}"))
        if planned.request is None:
            continue
        terminal.write(safe_line(f"    {planned.request.method} {planned.request.url}"))
        for name, value in planned.request.headers:
            line = f"{name.decode('latin-1')}: {value.decode('utf-8', 'replace')}"
            terminal.write(f"    {safe_line(line)}")
        body = shorten(safe(planned.body.decode("utf-8", "replace")), 2000)
        for line in body.splitlines():
            terminal.write(f"    {line}")
    sys.exit(0)
