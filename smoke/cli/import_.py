"""`smoke import`: a scenario of what somebody has already. Sends nothing, but for a first run that is wished."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smoke.cli.declared import OwnOption, declared_options

if TYPE_CHECKING:
    from smoke.recording.assemble import Imported

app = typer.Typer(rich_markup_mode=None, add_completion=False)


File = Annotated[
    str,
    typer.Argument(
        metavar="FILE|FOLDER|-",
        help="What requests stand in: curl lines, HAR, a Playwright trace, an OpenAPI document, a request tool's files; - is standard input.",
    ),
]
Beside = Annotated[
    list[str] | None,
    typer.Argument(metavar="VALUES", help="Files with its variables' values."),
]
To = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="PATH|-",
        help="Where to write the scenario; - is standard output. By default scenarios/NAME.yaml, by the file's name.",
    ),
]
Operations = Annotated[
    list[str] | None,
    typer.Option(
        "--operation",
        metavar="NAME",
        help="Of an OpenAPI document: an operation by its operationId or 'METHOD /path', in the order of the steps. By default those that most likely order.",
    ),
]
Twice = Annotated[bool, typer.Option("--twice", help="The same customer orders a second time.")]
Update = Annotated[
    bool,
    typer.Option(
        "--update",
        help="Where the scenario is there already: take over what the recording says now, and keep what a person wrote.",
    ),
]
Way = Annotated[
    str,
    typer.Option(
        "--run",
        metavar="dry|once",
        help="Behind the import, at --url: show what would be sent, or run it once, which orders. In a terminal it is asked.",
    ),
]


@app.command()
@declared_options(
    project=False, url=OwnOption("Where --run runs it, e.g. https://staging.shop.example.")
)
def import_(
    file: File,
    beside: Beside = None,
    operation: Operations = None,
    to: To = "",
    twice: Twice = False,
    update: Update = False,
    run: Way = "",
    *,
    url: str,
) -> None:
    """Make a scenario of recorded requests. Every guess is a comment; secrets are not written; nothing is sent without --run.

    Where the scenario is there already, what differs is shown, and it is written only with --update, or when a person says so.

    Exit status: 0 written, or nothing differs; 1 it differs and is not written; 2 a file cannot be read, written or updated; with --run the run's.
    """
    from smoke.app import importing
    from smoke.cli.first_run import check_way, first_run
    from smoke.cli.terminal import stdout

    check_way(run, url, to)

    name = "" if to in {"", "-"} else Path(to).stem
    made, called = importing.imported(
        file, beside or (), name=name, twice=twice, operations=operation or ()
    )
    if to == "-":
        stdout().write(made.text.rstrip("\n"))
        _tell_unread(made)
        return
    path = Path(to) if to else importing.FOLDER / f"{called}.yaml"
    if importing.is_there(path):
        _again(made, path, update=update)
    else:
        importing.write(made, path)
        tell(made, path)
    _tell_unread(made)
    if status := first_run(path, run, url):
        raise typer.Exit(status)


def _again(made: Imported, path: Path, *, update: bool) -> None:
    from smoke.app.reimporting import against
    from smoke.cli.reimport import tell_again

    status = tell_again(against(made, path), wanted=update)
    if status:
        _tell_unread(made)
        raise typer.Exit(status)


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
    for remark in made.remarks:
        stderr().write(safe_line(f"look at {path.as_posix()}: {remark}"))
    for secret in made.secrets:
        stderr().write(f"set {secret} in the environment: its value was not written")
    run = ["smoke", "run", path.as_posix(), "--url", made.origin or "https://…"]
    stdout().write(safe_line(f"next  {SHELL.join([*run, '--dry-run'])}"))
    stdout().write(safe_line(f"then  {SHELL.join(run)}"))
