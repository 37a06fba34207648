"""`smoke import`: a scenario of what somebody has already. Sends nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from smoke.recording.assemble import Imported

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def import_(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE|FOLDER|-",
            help="What requests stand in: curl lines, HAR, a Playwright trace, a request tool's files; - is standard input.",
        ),
    ],
    beside: Annotated[
        list[str] | None,
        typer.Argument(metavar="VALUES", help="Files with its variables' values."),
    ] = None,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="PATH|-",
            help="Where to write the scenario; - is standard output. By default scenarios/NAME.yaml, by the file's name.",
        ),
    ] = "",
    twice: Annotated[
        bool, typer.Option("--twice", help="The same customer orders a second time.")
    ] = False,
) -> None:
    """Make a scenario of recorded requests. Every guess is a comment; secrets are not written; nothing is sent.

    Exit status: 0 written, 2 the file cannot be read, or there is one already.
    """
    from smoke.app import importing
    from smoke.cli.terminal import stdout

    name = "" if to in {"", "-"} else Path(to).stem
    made, called = importing.imported(file, beside or (), name=name, twice=twice)
    if to == "-":
        stdout().write(made.text.rstrip("\n"))
    else:
        path = Path(to) if to else importing.FOLDER / f"{called}.yaml"
        importing.write(made, path)
        tell(made, path)
    _tell_unread(made)


def _tell_unread(made: Imported) -> None:
    """What a person has to look at, a line each."""
    from smoke.cli.terminal import stderr

    for unread in made.unread:
        stderr().write(f"not taken over: {unread}")


def tell(made: Imported, path: Path) -> None:
    """Where the scenario is, what it asks for, and how it is run."""
    from smoke.cli.terminal import stderr, stdout
    from smoke.system import SHELL
    from smoke.text import safe_line

    stdout().write(safe_line(f"wrote {path.as_posix()}"))
    for secret in made.secrets:
        stderr().write(f"set {secret} in the environment: its value was not written")
    run = ["smoke", "run", path.as_posix(), "--url", made.origin]
    stdout().write(safe_line(f"next  {SHELL.join([*run, '--dry-run'])}"))
    stdout().write(safe_line(f"then  {SHELL.join(run)}"))
