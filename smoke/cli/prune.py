"""`smoke prune`: removes old runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smoke.cli.declared import declared_options

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@declared_options(dry_run="Say what would be removed, and remove nothing.")
def prune(
    keep: Annotated[
        str,
        typer.Option(
            metavar="N|AGE", help="Keep the newest N runs, or those younger than 36h, 30d, 8w."
        ),
    ],
    *,
    out: Path,
    dry_run: bool,
) -> None:
    """Remove old runs with their evidence.

    Never removed: the newest run, the last that did not pass, one that is being written, and one that may have left
    orders (remove those first: smoke orders --left).

    Exit status: 0 done, 1 something could not be removed, 2 a bad option.
    """
    from datetime import UTC, datetime

    from smoke.app.pruning import freed, keep_of
    from smoke.app.pruning import prune as remove
    from smoke.cli.terminal import stdout
    from smoke.facts.evidence import size_of
    from smoke.text import plural, safe_line

    terminal = stdout()
    done = []
    for each in remove(out, keep_of(keep), now=datetime.now(UTC), dry_run=dry_run):
        done.append(each)
        word = "would remove" if dry_run else "removed"
        rest = size_of(each.size)
        if not each.removed:
            word, rest = ("kept", each.reason) if each.reason else ("not removed", each.problem)
        terminal.write(safe_line(f"{word}  {each.run_id}  begun {each.started}  {rest}"))
    removed = sum(each.removed for each in done)
    verb = "would be removed" if dry_run else "removed"
    terminal.write(f"{plural(removed, 'run')} {verb}, {size_of(freed(done))}")
    raise typer.Exit(1 if any(each.problem for each in done) else 0)
