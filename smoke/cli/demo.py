"""`smoke demo`: the incident, told by a real shop on a real PostgreSQL."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    help="Run the incident on an embedded shop and PostgreSQL; or keep that shop running (demo serve).",
)

_STATES = "broken, fixed, fix-not-applied, wrong-database, masked"
_STYLES = "json, text, html, graphql, nothing"


@app.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where run folders are made.")] = Path(
        ".smoke/runs"
    ),
) -> None:
    """Start a shop with the bug, see `smoke run repeat-customer` find it, apply the fix, see it pass.

    Exit status: 0 when both runs ended as they must.
    """
    if context.invoked_subcommand is None:
        from smoke.cli.demo_story import tell

        raise typer.Exit(tell(out))


@app.command()
def serve(
    state: Annotated[str, typer.Option(help=f"State of the shop: {_STATES}.")] = "broken",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on loopback; 0 for a free one.")
    ] = 0,
    error_style: Annotated[str, typer.Option(help=f"How its 500s look: {_STYLES}.")] = "json",
    version: Annotated[str, typer.Option(help="The build that /api/health tells.")] = "demo-1",
    log_format: Annotated[
        str, typer.Option(help="Format of the PostgreSQL log: stderr, csvlog, jsonlog.")
    ] = "stderr",
) -> None:
    """Keep the demo shop running until Ctrl-C; prints its URL, its DSN and a command to try."""
    from smoke.cli.demo_story import keep_running

    keep_running(
        state,
        port=port,
        error_style=error_style,
        version=version,
        log_format=log_format,
        out=sys.stdout,
    )
