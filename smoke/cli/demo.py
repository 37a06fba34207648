"""`smoke demo`: the incident, told by a real shop on a real PostgreSQL."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from smoke.cli.declared import declared_options

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    help="Run the incident on an embedded shop and PostgreSQL; or keep that shop running (demo serve).",
)

_STATES = "broken, fixed, fix-not-applied, wrong-database, masked"
_FACES = "rest, session, html, graphql"
_STYLES = "json, typed, text, html, box, graphql, nothing"
_MASKS = "request-id, rewritten, exists, unknown, box, unexpected, empty, digest, platform"
_FAULTS = (
    "unique-index, foreign-key, check, not-null, undefined-table, undefined-column, permission, row-security,"
    " lock-timeout, statement-timeout, deadlock, too-many-connections"
)
_DB_TRACES = "name, comment, none"
_LOG_STYLES = "pino, pino-cause, winston, text, bare"


@app.callback(invoke_without_command=True)
@declared_options()
def demo(
    context: typer.Context,
    face: Annotated[str, typer.Option(help=f"What the shop looks like: {_FACES}.")] = "rest",
    *,
    out: Path,
) -> None:
    """Start a shop with the bug, see `smoke run repeat-customer` find it, apply the fix, see it pass.

    Exit status: 0 when both runs ended as they must.
    """
    if context.invoked_subcommand is None:
        from smoke.cli.demo_story import tell

        raise typer.Exit(tell(out, face))


@app.command()
def serve(
    state: Annotated[str, typer.Option(help=f"State of the shop: {_STATES}.")] = "broken",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on loopback; 0 for a free one.")
    ] = 0,
    face: Annotated[str, typer.Option(help=f"What the shop looks like: {_FACES}.")] = "rest",
    error_style: Annotated[
        str | None,
        typer.Option(help=f"How its database errors look: {_STYLES}. [default: the face's own]"),
    ] = None,
    mask: Annotated[
        str | None,
        typer.Option(
            help=f"Hide database errors, in any state, behind: {_MASKS}. [default in state masked: the face's own]"
        ),
    ] = None,
    fault: Annotated[
        str | None,
        typer.Option(help=f"What else goes wrong with a customer's second order: {_FAULTS}."),
    ] = None,
    version: Annotated[str, typer.Option(help="The build that /api/health tells.")] = "demo-1",
    log_format: Annotated[
        str, typer.Option(help="Format of the PostgreSQL log: stderr, csvlog, jsonlog.")
    ] = "stderr",
    app_log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append the shop's own log to this file.")
    ] = None,
    app_log_style: Annotated[
        str, typer.Option(help=f"What that log looks like: {_LOG_STYLES}.")
    ] = "pino",
    db_trace: Annotated[
        str,
        typer.Option(
            help=f"How the database learns which request a statement belongs to: {_DB_TRACES}."
        ),
    ] = "name",
) -> None:
    """Keep the demo shop running until Ctrl-C; prints its URL, its DSN and a command to try."""
    from smoke.cli.demo_story import keep_running
    from smoke.demo.look import Look

    keep_running(
        state,
        Look(face, error_style, mask, app_log, app_log_style, db_trace, fault),
        port=port,
        version=version,
        log_format=log_format,
        out=sys.stdout,
    )
