"""`smoke classify`: which database error a saved response shows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from smoke.cli.declared import declared_options

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@declared_options(as_json="Print JSON, one line a response.")
def classify(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|FOLDER|-...",
            help="Raw bodies, curl -i output or HAR files; - is standard input.",
        ),
    ],
    status: Annotated[
        int,
        typer.Option(min=0, max=999, help="Status of the response, where the file does not tell."),
    ] = 0,
    *,
    as_json: bool,
) -> None:
    """Name the database error in saved responses, and the bytes that prove it.

    Exit status: 0 no error was found, 1 one was found.
    """
    from smoke.app.saved import parse, read_saved
    from smoke.classify import classify_response
    from smoke.cli.classified import as_line, as_text
    from smoke.cli.start import collect_garbage_again
    from smoke.cli.terminal import stdout
    from smoke.model.finding import Severity

    collect_garbage_again()
    terminal = stdout()
    found = False
    for word in files:
        responses = (
            parse(sys.stdin.buffer.read(), "standard input")
            if word == "-"
            else read_saved(Path(word))
        )
        for saved in responses:
            findings = classify_response(
                saved.status or status, list(saved.headers), saved.body, reason=saved.reason
            )
            found = found or any(item.severity is Severity.ERROR for item in findings)
            terminal.write(as_line(saved, findings) if as_json else as_text(saved, findings))
    raise typer.Exit(1 if found else 0)
