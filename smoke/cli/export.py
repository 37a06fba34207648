"""`smoke export`: a run or a scenario in the language of another tool. Sends nothing, writes to standard output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from smoke.cli.declared import declared_options

app = typer.Typer(rich_markup_mode=None, add_completion=False)
_OF_RUNS, _OF_SCENARIOS = ("curl", "har"), ("hurl", "k6")


@app.command()
@declared_options()
def export(
    what: Annotated[
        str,
        typer.Argument(
            metavar="RUN|SCENARIO",
            help="A run for curl and har (its id, the beginning of it, or latest), a scenario for hurl and k6 (its name or path).",
        ),
    ],
    to: Annotated[str, typer.Option("--to", metavar="TOOL", help="curl, har, hurl or k6.")],
    *,
    out: Path,
) -> None:
    """Print a run's requests as curl commands or HAR, or a scenario as a Hurl file or a k6 script.

    What was masked in a run stays masked; what a tool has no word for is a comment.

    Exit status: 0 printed, 2 usage, or nothing of that name.
    """
    from smoke.cli.terminal import stdout

    _check(to)
    if to in _OF_SCENARIOS:
        stdout().write(_scenario(what, to))
        return
    from smoke.store import resolve

    folder = resolve(out, what)
    if to == "curl":
        from smoke.cli.showing import show_all_curl

        show_all_curl(folder, stdout())
        return
    from smoke.report import har

    har.write(folder.run(), folder, sys.stdout.buffer)


def _check(to: str) -> None:
    from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest

    known = [*_OF_RUNS, *_OF_SCENARIOS]
    if to not in known:
        notes = (Note("of a run: curl, har; of a scenario: hurl, k6"),)
        message = f"--to does not know '{to}'"
        raise SmokeError(
            [Diagnostic("bad-option", message, suggestion=nearest(to, known), notes=notes)]
        )


def _scenario(what: str, to: str) -> str:
    """The text of the one scenario of that name. Raises SmokeError for none, or several."""
    from smoke.app.catalog import select
    from smoke.diagnostic import SmokeError
    from smoke.exporters import exported

    loaded = select([what])
    if len(loaded) != 1:
        raise SmokeError.of("bad-option", f"'{what}' is {len(loaded)} scenarios: name one of them")
    return exported(loaded[0].scenario, to)
