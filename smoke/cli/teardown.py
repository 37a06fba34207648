"""`smoke teardown`: remove the orders that earlier runs left behind."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from smoke.cli.declared import OwnOption, declared_options

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@declared_options(
    url="With RUN: where the orders are, if not where the run placed them. Without: only the runs at this URL.",
    target="With RUN: a named target in place of the run's own. Without: only the runs of this target.",
    targets_file="The targets file. [default: the run's]",
    variables="A variable that the run did not keep.",
    env_files="Variables that the environment lacks, from a file of NAME=VALUE lines. Those of the run are read, too, where they are there.",
    headers="A header that the run did not keep.",
    max_time=OwnOption("Total time for the teardown of a run.", default=120.0),
)
def teardown(
    run: Annotated[
        str,
        typer.Argument(
            help="A run: its id, the beginning of it, or latest. [default: all that left orders]"
        ),
    ] = "",
    if_any: Annotated[
        bool, typer.Option("--if-any", help="Exit 0 when there is no run at all.")
    ] = False,
    *,
    url: str,
    target: str,
    targets_file: Path | None,
    variables: Mapping[str, str],
    env_files: tuple[str, ...],
    headers: tuple[tuple[str, str], ...],
    out: Path,
    max_time: float,
) -> None:
    """Run the teardown of earlier runs' scenarios for the orders that are, or may be, still there.

    Works from the runs' journals alone, each at its own target and with its own options. Without RUN it goes through
    all runs that left orders, by target, the oldest first.
    Exit status: 0 nothing is left, 1 something is, 2 usage.
    """
    from smoke.app.env_file import with_env_files
    from smoke.app.options import RunOptions
    from smoke.app.target import check_given
    from smoke.cli.removing import tear_down_all, tear_down_one
    from smoke.cli.terminal import stdout
    from smoke.model.status import ExitStatus
    from smoke.store import list_runs

    options = RunOptions(
        targets_file=targets_file,
        out=out,
        variables=variables,
        headers=headers,
        max_time=max_time,
    )
    check_given(options, url)
    environ = with_env_files(os.environ, env_files)
    if if_any and not list_runs(out):
        stdout().write("no run, so no orders")
        raise typer.Exit(ExitStatus.PASSED)
    if run:
        raise typer.Exit(tear_down_one(run, options, url, target, environ))
    raise typer.Exit(tear_down_all(options, url, target, environ))
