"""`smoke teardown`: remove the orders that earlier runs left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smoke.app.options import DEFAULT_OUT
from smoke.app.written import duration, header, pair
from smoke.cli.project import Out

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def teardown(
    run: Annotated[
        str,
        typer.Argument(
            help="A run: its id, the beginning of it, or latest. [default: all that left orders]"
        ),
    ] = "",
    url: Annotated[
        str,
        typer.Option(
            help="With RUN: where the orders are, if not where the run placed them. Without: only the runs at this URL."
        ),
    ] = "",
    target: Annotated[
        str,
        typer.Option(
            help="With RUN: a named target in place of the run's own. Without: only the runs of this target."
        ),
    ] = "",
    targets: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The targets file. [default: the run's]"),
    ] = None,
    var: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A variable that the run did not keep."),
    ] = None,
    header_: Annotated[
        list[str] | None,
        typer.Option(
            "--header", metavar="'NAME: VALUE'", help="A header that the run did not keep."
        ),
    ] = None,
    out: Out = DEFAULT_OUT,
    max_time: Annotated[
        str, typer.Option(metavar="TIME", help="Total time for the teardown of a run.")
    ] = "2m",
    if_any: Annotated[
        bool, typer.Option("--if-any", help="Exit 0 when there is no run at all.")
    ] = False,
) -> None:
    """Run the teardown of earlier runs' scenarios for the orders that are, or may be, still there.

    Works from the runs' journals alone, each at its own target and with its own options. Without RUN it goes through
    all runs that left orders, by target, the oldest first.
    Exit status: 0 nothing is left, 1 something is, 2 usage.
    """
    from smoke.app.options import RunOptions
    from smoke.app.target import check_given
    from smoke.cli.removing import tear_down_all, tear_down_one
    from smoke.cli.terminal import stdout
    from smoke.model.status import ExitStatus
    from smoke.store import list_runs

    options = RunOptions(
        targets_file=targets,
        out=out,
        variables=dict(pair(item, "--var") for item in var or []),
        headers=tuple(header(item) for item in header_ or []),
        max_time=duration(max_time, "--max-time"),
    )
    check_given(options, url)
    if if_any and not list_runs(out):
        stdout().write("no run, so no orders")
        raise typer.Exit(ExitStatus.PASSED)
    if run:
        raise typer.Exit(tear_down_one(run, options, url, target))
    raise typer.Exit(tear_down_all(options, url, target))
