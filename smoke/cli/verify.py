"""`smoke verify`: whether the evidence of a run is all there, and still what was received."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smoke.cli.declared import declared_options

if TYPE_CHECKING:
    from smoke.store import BodyDiffers
    from smoke.store.journal import Torn

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@declared_options()
def verify(
    run: Annotated[
        str, typer.Argument(help="A run: its id, the beginning of it, or latest.")
    ] = "latest",
    *,
    out: Path,
) -> None:
    """Check that the bodies of a run are all there, and unchanged since they were received, by their SHA-256.

    Exit status: 0 all as received, 1 something differs, or could not be written when it came.
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
        of = f"of exchange {body.exchange_id}"
        if body.problem == "incomplete":
            lost = f"{body.omitted:,} bytes from offset {body.start:,} on"
            terminal.write(f"lost     {lost} could not be written: {body.path or 'a body'} {of}")
        else:
            terminal.write(f"differs  {body.path} ({body.problem}) {of}")
    terminal.write(f"{folder.run_id}: {_verdict(torn, differing)}")
    raise typer.Exit(0 if not differing and _ended_early(torn) else 1)


def _ended_early(torn: Sequence[Torn]) -> bool:
    """Whether no event was altered: a process that is killed leaves its last line unfinished."""
    return all(line.unfinished for line in torn)


def _verdict(torn: Sequence[Torn], differing: Sequence[BodyDiffers]) -> str:
    if differing:
        count = len({body.path or body.exchange_id for body in differing})
        return (
            f"{count} {'body is' if count == 1 else 'bodies are'} not as received, the others are"
        )
    if not torn:
        return "every body is as it was received"
    if _ended_early(torn):
        return "every body that the events name is as it was received; the last event was cut off"
    return "every body that the events name is as it was received, but not every event is whole"
