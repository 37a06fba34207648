"""`smoke verify`: whether the evidence of a run is still what was received."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def verify(
    run: Annotated[
        str, typer.Argument(help="A run: its id, the beginning of it, or latest.")
    ] = "latest",
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where run folders are.")] = Path(
        ".smoke/runs"
    ),
) -> None:
    """Check that no body of a run was changed since it was received, by its SHA-256.

    Exit status: 0 all as received, 1 something differs.
    """
    from smoke.cli.terminal import stdout
    from smoke.store import resolve

    folder = resolve(out, run)
    terminal = stdout()
    torn = folder.torn()
    differing = folder.verify()
    for line in torn:
        terminal.write(f"torn     events.jsonl line {line.line}: {line.reason}")
    for body in differing:
        terminal.write(f"differs  {body.path} ({body.problem}) of exchange {body.exchange_id}")
    if not differing:
        terminal.write(f"{folder.run_id}: every body is as it was received")
    raise typer.Exit(1 if differing else 0)
