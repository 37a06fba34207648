"""Carries out a run for the command line: shows it live, then its summary, then its reports."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from msgspec.structs import replace

from smoke.app.options import Output, RunOptions
from smoke.app.reporting import Reports, write_reports
from smoke.app.running import run
from smoke.ci import Here, Job
from smoke.cli.live import LiveView, PlainView
from smoke.cli.summary import render_run
from smoke.cli.terminal import Terminal, stderr, stdout
from smoke.model.run import Run
from smoke.model.verdict import exit_status
from smoke.store import RunFolder
from smoke.text import safe_line

if TYPE_CHECKING:
    from smoke.app.attended import Attended
    from smoke.app.remembering import Wish
    from smoke.history.rows import RunRecord


def run_and_exit(
    options: RunOptions,
    reports: Reports,
    output: Output,
    wish: Wish,
    attended: Attended | None = None,
) -> NoReturn:
    """Run, show, report, and leave with the run's exit status, or what a gate makes of it."""
    sys.exit(run_to_the_end(options, reports, output, wish, attended)[1])


def run_to_the_end(
    options: RunOptions,
    reports: Reports,
    output: Output,
    wish: Wish,
    attended: Attended | None = None,
) -> tuple[Run, int]:
    """Run, show, report; the run, and its exit status or what a gate makes of it. Raises SmokeError."""
    terminal = stdout()
    quiet, verbose = output.quiet, output.verbose
    beside = None
    if wish.url:
        beside = _beside(options, terminal, wish, quiet=quiet, verbose=verbose)
    finished, status = show_run(
        options,
        terminal,
        reports=reports,
        quiet=quiet,
        verbose=verbose,
        wish=wish,
        attended=attended,
    )
    tell_collector(finished, output.otel)
    from smoke.app.remembering import remember
    from smoke.cli.remembered import told_and_gated

    return finished, told_and_gated(terminal, remember(finished, wish, beside), wish, status)


def _beside(
    options: RunOptions, terminal: Terminal, wish: Wish, *, quiet: bool, verbose: bool
) -> RunRecord:
    """Run the scenarios at the deployment that is compared with, first. Ends the process when it is interrupted."""
    from smoke.app.remembering import keep_beside

    terminal.try_to_write(
        safe_line(f"against {wish.url}: the scenarios run there first, and order there, too")
    )
    there = replace(options, url=wish.url, expect_version="")
    run, status = show_run(there, terminal, quiet=quiet, verbose=verbose)
    record = keep_beside(run, wish)
    if run.interrupted_by:
        sys.exit(status)
    terminal.try_to_write("")
    return record


def tell_collector(run: Run, otel: str) -> bool:
    """Send the run's spans where they are asked for; whether that went well. It changes no exit status of a run."""
    if not (otel or any(name.startswith("OTEL_EXPORTER_OTLP_") for name in os.environ)):
        return True
    from smoke.app.telemetry import send_spans

    why = send_spans(run, otel, os.environ)
    if why:
        stderr().try_to_write(f"smoke: {why}")
    return not why


def show_run(
    options: RunOptions,
    terminal: Terminal,
    *,
    reports: Reports = (),
    quiet: bool = False,
    verbose: bool = False,
    wish: Wish | None = None,
    attended: Attended | None = None,
) -> tuple[Run, int]:
    """The run, and the exit status that it deserves. Evidence is on the disk before anything is rendered.

    `wish` names the history that it is held against before it is told of.
    """
    here = Here.of(os.environ)
    finished = _ordered(options, terminal, here, attended, quiet=quiet, verbose=verbose)
    return tell_run(
        finished, terminal, here, reports=reports, quiet=quiet, verbose=verbose, wish=wish
    )


def tell_run(
    finished: Run,
    terminal: Terminal,
    here: Here,
    *,
    reports: Reports,
    quiet: bool,
    verbose: bool,
    wish: Wish | None,
) -> tuple[Run, int]:
    """Reports, CI job and summary of a run whose evidence is on the disk; the run with what could not be told, its status."""
    folder = RunFolder.open(Path(finished.folder))
    if wish is not None and finished.outcome.bad and not finished.by_hand:
        from smoke.app.lasting import with_since

        finished = with_since(finished, wish.place, wish.build)
    finished, lines, problems = _reported(finished, folder, here, reports)
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
    for line in lines:
        terminal.try_to_write(line)
    for problem in problems:
        stderr().try_to_write(safe_line(f"smoke: {problem}"))
    return finished, exit_status(finished)


def hider(here: Here) -> Callable[[str], None] | None:
    """Lets the CI system mask a secret in its log, before anything could print it; None where there is none."""

    def hide(value: str) -> None:
        for line in here.hide(value):
            stdout().try_to_write(line)

    return hide if here.systems else None


def _ordered(
    options: RunOptions,
    terminal: Terminal,
    here: Here,
    attended: Attended | None,
    *,
    quiet: bool,
    verbose: bool,
) -> Run:
    """The run itself, shown while it goes on."""
    live = not (quiet or here.systems or attended)  # nothing draws over what somebody is asked
    with _view(terminal, live=live, quiet=quiet, verbose=verbose) as view:
        return run(options=options, listener=view.handle, on_secret=hider(here), attended=attended)


def _reported(
    finished: Run, folder: RunFolder, here: Here, reports: Reports
) -> tuple[Run, list[str], tuple[str, ...]]:
    """The run with what could not be reported, the lines for the job's log, and those problems again.

    Reports come before the summary: one that cannot be written belongs into it, and into the exit status.
    """
    problems = here.problems + write_reports(finished, folder, reports)
    job = Job(os.environ, folder, tuple((name, str(path)) for name, path in reports))
    lines, untold = here.finish(replace(finished, problems=(*finished.problems, *problems)), job)
    problems += untold
    return replace(finished, problems=(*finished.problems, *problems)), lines, problems


@contextlib.contextmanager
def _view(
    terminal: Terminal, *, live: bool, quiet: bool, verbose: bool
) -> Iterator[LiveView | PlainView]:
    if terminal.is_tty and live:
        with LiveView(terminal.stream, color=terminal.color, unicode=terminal.unicode) as view:
            yield view
    else:
        yield PlainView(terminal.stream, unicode=terminal.unicode, quiet=quiet, verbose=verbose)


def dry_run_and_exit(options: RunOptions) -> NoReturn:
    """Print what would be sent, send nothing, and leave with status 0."""
    dry_run(options)
    sys.exit(0)


def dry_run(options: RunOptions) -> None:
    """Print what would be sent, and send nothing. Raises SmokeError for what no run could begin with."""
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
