"""`smoke teardown`: remove the orders that an earlier run left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smoke.cli.values import duration

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def teardown(
    run: Annotated[
        str, typer.Argument(help="A run: its id, the beginning of it, or latest.")
    ] = "latest",
    url: Annotated[
        str, typer.Option(help="Where the orders are. [default: where the run placed them]")
    ] = "",
    target: Annotated[str, typer.Option(help="A named target of the targets file.")] = "",
    targets: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The targets file. [default: smoke-targets.yaml]"),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where run folders are.")] = Path(
        ".smoke/runs"
    ),
    max_time: Annotated[str, typer.Option(metavar="TIME", help="Total time for all of it.")] = "2m",
    if_any: Annotated[
        bool, typer.Option("--if-any", help="Exit 0 when there is no run at all.")
    ] = False,
) -> None:
    """Run the teardown of an earlier run's scenarios for the orders that are, or may be, still there.

    Works from the run's journal alone. Exit status: 0 nothing is left, 1 something is, 2 usage.
    """
    from smoke.app.late_teardown import teardown as clean_up
    from smoke.app.options import RunOptions
    from smoke.cli.terminal import stdout
    from smoke.model.status import ExitStatus
    from smoke.store import list_runs, resolve
    from smoke.text import safe_line

    terminal = stdout()
    if if_any and not list_runs(out):
        terminal.write("no run, so no orders")
        raise typer.Exit(ExitStatus.PASSED)
    options = RunOptions(
        url=url,
        target=target,
        targets_file=targets,
        out=out,
        max_time=duration(max_time, "--max-time"),
    )
    with resolve(out, run) as folder:
        removed = clean_up(folder, options)
    if not removed.tried:
        terminal.write(f"{removed.run.id} left no orders behind")
        raise typer.Exit(ExitStatus.PASSED)
    now = {order.key: order for order in removed.run.orders}
    for before in removed.tried:
        order = now[before.key]
        state = (
            "still there, or not known" if order.left_behind else f"removed: {order.removed.value}"
        )
        note = f" ({order.removal_note})" if order.removal_note else ""
        ident = f"  id {order.order_id}" if order.order_id else "  no id known"
        terminal.write(safe_line(f"{order.key}{ident}  {state}{note}"))
    for problem in removed.run.problems:
        terminal.write(safe_line(f"not written down: {problem}"))
    good = not removed.left and not removed.run.problems
    raise typer.Exit(ExitStatus.PASSED if good else ExitStatus.FAILED)
