"""`smoke check`: are these scenario files all right? Sends nothing."""

from __future__ import annotations

from collections.abc import Container, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smoke.cli.declared import declared_options

if TYPE_CHECKING:
    from smoke.app.options import RunOptions
    from smoke.cli.diagnostic_formats import Checked
    from smoke.scenario.load import Loaded

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@declared_options(
    project=False,
    vars_files="Check a file of variables, too: whether scenarios have them. May be given again.",
    env_files="Check a file of NAME=VALUE lines, too, and that the environment and it give all that the scenarios need of one. "
    "May be given again.",
)
def check(
    selectors: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME|PATH|TAG]...", help="Scenarios; all of them by default."),
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="text|github|json|sarif",
            help="How mistakes are told, on standard output: for people, as annotations of GitHub Actions, "
            "for scripts and editors, or for code scanning.",
        ),
    ] = "text",
    *,
    vars_files: tuple[str, ...],
    env_files: tuple[str, ...],
) -> None:
    """Check scenario files: every mistake at once, with file, line and column. Nothing is sent.

    Exit status: 0 all right, 2 mistakes.
    """
    from smoke.app.options import RunOptions
    from smoke.cli.diagnostic_formats import writer
    from smoke.cli.terminal import stderr, stdout
    from smoke.model.status import ExitStatus

    write = writer(form)
    checked = _check(selectors or [], RunOptions(vars_files=vars_files, env_files=env_files))
    if write is None:
        if checked.diagnostics:
            stderr().diagnostics(checked.diagnostics)
        text = checked.counted if checked.right else ""
    else:
        text = write(checked)
    if text:
        stdout().write(text)
    if not checked.right:
        raise typer.Exit(ExitStatus.USAGE)


def _check(selectors: list[str], options: RunOptions) -> Checked:
    """What is found in the scenarios; their number only where all of them are right."""
    from smoke import plugins
    from smoke.app.catalog import entries, select
    from smoke.app.needs import with_needs
    from smoke.app.parts import parts_among, unused
    from smoke.cli.diagnostic_formats import Checked
    from smoke.diagnostic import SmokeError

    faults = plugins.warnings()
    try:
        own = [] if selectors else [entry.path for entry in entries() if not entry.shipped]
        parts = parts_among(own)
        loaded = with_needs(select(selectors or _unless_parts(own, parts)))
        _check_given(loaded, options)
    except SmokeError as error:
        return Checked(0, 0, [*faults, *error.diagnostics])
    warnings = [warning for item in loaded for warning in item.warnings]
    steps = sum(len(item.scenario.steps) for item in loaded)
    return Checked(len(loaded), steps, [*faults, *warnings, *unused(parts)])


def _check_given(loaded: Sequence[Loaded], options: RunOptions) -> None:
    """Refuse files of values that a run could not use with these scenarios. Raises SmokeError."""
    if not (options.vars_files or options.env_files):
        return
    import os

    from smoke.app.environment import check_environment, needs, secrets_of
    from smoke.app.given_values import check_variables, given_values

    outside = given_values(options, os.environ)
    check_variables(loaded, outside)
    if options.env_files:
        check_environment(loaded, outside.overrides, outside.environ)
        secrets_of(needs(loaded), outside.environ)


def _unless_parts(own: Sequence[Path], parts: Container[Path]) -> list[str]:
    """The project's own scenarios. Raises SmokeError where there are none."""
    from smoke.diagnostic import SmokeError

    words = [path.as_posix() for path in own if path not in parts]
    if not words:
        raise SmokeError.of(
            "nothing-selected",
            "no scenario to check: only files that are included"
            if own
            else "no scenario to check: there is no scenarios/ folder here",
            notes=["give a path, or the name of a scenario that ships (smoke list)"],
        )
    return words
