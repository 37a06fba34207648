"""`smoke check`: are these scenario files all right? Sends nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from smoke.text import plural

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def check(
    selectors: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME|PATH|TAG]...", help="Scenarios; all of them by default."),
    ] = None,
) -> None:
    """Check scenario files: every mistake at once, with file, line and column. Nothing is sent.

    Exit status: 0 all right, 2 mistakes.
    """
    from smoke import plugins
    from smoke.app.catalog import entries, select
    from smoke.app.parts import parts_among, unused
    from smoke.cli.terminal import stderr, stdout
    from smoke.diagnostic import SmokeError

    own = [] if selectors else [entry.path for entry in entries() if not entry.shipped]
    parts = parts_among(own)
    words = selectors or [path.as_posix() for path in own if path not in parts]
    if not words:
        raise SmokeError.of(
            "nothing-selected",
            "no scenario to check: only files that are included"
            if parts
            else "no scenario to check: there is no scenarios/ folder here",
            notes=["give a path, or the name of a scenario that ships (smoke list)"],
        )
    faults = plugins.warnings()
    if faults:
        stderr().diagnostics(faults)
    loaded = select(words)
    warnings = [warning for item in loaded for warning in item.warnings] + unused(parts)
    if warnings:
        stderr().diagnostics(warnings)
    steps = sum(len(item.scenario.steps) for item in loaded)
    counted = f"{plural(len(loaded), 'scenario')} with {plural(steps, 'step')}"
    stdout().write(f"{counted}: all right")
