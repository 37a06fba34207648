"""`smoke show`: a stored run again, or one step of it with every byte."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smoke.cli.declared import declared_options

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@declared_options(
    logs="A log of that time, of the application or of its PostgreSQL: a file or a pipe (- is standard input), in any "
    "of their formats, or a Supabase project; may be given again. It tells the error that a response hides. "
    "--postgres-log is the same."
)
def show(
    run: Annotated[
        str,
        typer.Argument(
            help="A run: its id, the beginning of it, or latest. [default: the last that failed]"
        ),
    ] = "",
    step: Annotated[
        str,
        typer.Argument(
            help="A step, as it is printed or by its name; Orders#2/Place is a step of the second round of Orders. All "
            "that the name means are shown. [default: the one that failed]"
        ),
    ] = "",
    body: Annotated[
        bool, typer.Option("--body", help="The response body alone, byte for byte (masked).")
    ] = False,
    headers: Annotated[
        bool, typer.Option("--headers", help="Status line and headers of the response, in order.")
    ] = False,
    request: Annotated[
        bool, typer.Option("--request", help="The request as it was sent, with its body.")
    ] = False,
    curl: Annotated[
        bool,
        typer.Option(
            "--curl",
            help="Each request as a command of curl for bash; what was masked is a variable to set before.",
        ),
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Print, where a terminal would let you browse.")
    ] = False,
    *,
    out: Path,
    logs: tuple[str, ...],
    log_token_env: str,
    verbose: bool,
) -> None:
    """Show a run's summary again; with a STEP or an option, one exchange of it.

    Without arguments it shows the last run that did not pass. In a terminal it browses: n and p go from step to step, f to the next that
    failed, h, b and r unfold headers, body and request, q leaves. Into a pipe or a file, or with --plain, it prints.
    """
    from smoke.cli.present import ShownParts
    from smoke.cli.showing import browsed, show_curl, show_run, show_step
    from smoke.cli.terminal import stdout
    from smoke.store import last_failed, resolve

    folder = resolve(out, run) if run else (last_failed(out) or resolve(out))
    terminal = stdout()
    parts = ShownParts(headers=headers, body=body, request=request)
    printed = plain or verbose or parts.some or curl or logs
    if not printed and browsed(folder, step, terminal):
        return
    if step or parts.some or curl:
        if logs:
            raise typer.BadParameter("--log is for the whole run: leave out the step and its parts")
        if curl and parts.some:
            raise typer.BadParameter(
                "--curl prints commands alone: leave out --headers, --body and --request"
            )
        if curl:
            show_curl(folder, step, terminal)
        else:
            show_step(folder, step, terminal, parts)
    else:
        show_run(
            folder,
            terminal,
            verbose=verbose,
            logs=logs,
            token_variable=log_token_env,
        )
