"""`smoke merge`: the runs of `--shard` as one run, with one verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smoke.cli.declared import declared_options

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@declared_options(out="Where the merged run is kept.")
def merge(
    folders: Annotated[
        list[Path],
        typer.Argument(
            help="The runs' folders, or folders that hold them, such as downloaded artifacts."
        ),
    ],
    *,
    out: Path,
    reports: tuple[str, ...],
    build: str,
    history: str,
    fail_on: str,
    known_failures: Path | None,
    verdict: Path | None,
    quiet: bool,
    verbose: bool,
) -> None:
    """Make one run of the runs of all shards: one summary, one report, one verdict, all orders in one list.

    Nothing is sent, and the runs stay as they are. A shard that is missing or did not come to its end, and a scenario
    that no shard or more than one had, keep the run from being green.

    Exit status: that of the whole run, as if it had not been divided; 2 when the runs are not parts of one.
    """
    import os

    from smoke.app.merging import merge as merged
    from smoke.app.options import RunOptions
    from smoke.app.past_options import PastOptions
    from smoke.app.remembering import remember, wish_of
    from smoke.ci import Here
    from smoke.cli.remembered import told_and_gated
    from smoke.cli.report_paths import check_paths
    from smoke.cli.running import tell_run
    from smoke.cli.terminal import stdout
    from smoke.cli.values import report_target

    targets = tuple(report_target(item) for item in reports)
    check_paths(targets, verdict)
    past = PastOptions(
        build=build,
        history=history,
        fail_on=fail_on,
        known_failures=known_failures,
        verdict=verdict,
    )
    wish = wish_of(RunOptions(out=out), past, os.environ)
    terminal = stdout()
    run, status = tell_run(
        merged(folders, out=out),
        terminal,
        Here.of(os.environ),
        reports=targets,
        quiet=quiet,
        verbose=verbose,
        wish=wish,
    )
    raise typer.Exit(told_and_gated(terminal, remember(run, wish), wish, status))
