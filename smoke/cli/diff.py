"""`smoke diff`: what two exchanges, steps, orders or runs contain, value by value."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smoke.cli.declared import declared_options

if TYPE_CHECKING:
    from smoke.app.diffing import Diffed

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@declared_options(as_json="Print JSON: every value, also those that are equal.")
def diff(
    first: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="A run (its id, the beginning of it, its folder, or latest), an exchange by its id, a step (RUN/STEP, or "
            "STEP of the last run) or an order by its id.",
        ),
    ],
    second: Annotated[
        str, typer.Argument(metavar="B", help="What it is laid beside: of the same kind.")
    ],
    within: Annotated[
        str,
        typer.Option(
            "--run",
            metavar="RUN",
            help="The run whose steps and orders are meant. [default: the last]",
        ),
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Show what is equal, and what differs in every run, too.")
    ] = False,
    *,
    out: Path,
    as_json: bool,
) -> None:
    """Show what differs between two exchanges, steps, orders or runs: heads and bodies, JSON by path, text by lines.

    Values that differ in every run (ids, times, tokens, what was made up) are recognised and counted apart. What two runs concluded is
    smoke compare's.

    Exit status: 0 nothing else differs, 1 something does, 2 there is no such thing.
    """
    from smoke.app.diffing import diff as lay_beside

    found = lay_beside(first, second, out, within)
    _tell(found, everything=everything, as_json=as_json)
    raise typer.Exit(0 if found.same else 1)


def _tell(found: Diffed, *, everything: bool, as_json: bool) -> None:
    from smoke.cli.diffed import as_text, diff_json
    from smoke.cli.terminal import stdout

    terminal = stdout()
    if as_json:
        terminal.write(diff_json(found))
    else:
        terminal.write(as_text(found, terminal, everything=everything))
