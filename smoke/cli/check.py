"""`smoke check`: are these scenario files all right? Sends nothing."""

from __future__ import annotations

from collections.abc import Container, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from msgspec.structs import replace

from smoke.cli.declared import declared_options

if TYPE_CHECKING:
    from smoke.app.options import RunOptions
    from smoke.cli.diagnostic_formats import Checked
    from smoke.scenario.load import Loaded

app = typer.Typer(rich_markup_mode=None, add_completion=False)


_Form = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="text|github|json|sarif",
        help="How mistakes are told, on standard output: for people, as annotations of GitHub Actions, "
        "for scripts and editors, or for code scanning.",
    ),
]


@app.command()
@declared_options(
    project=False,
    watch="Go on, and check a file again when it or what it includes is saved, until Ctrl-C (exit 130).",
    vars_files="Check a file of variables, too: whether scenarios have them. May be given again.",
    env_files="Check a file of NAME=VALUE lines, too, and that the environment and it give all that the scenarios need of one. "
    "May be given again.",
)
def check(
    selectors: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME|PATH|TAG]...", help="Scenarios; all of them by default."),
    ] = None,
    form: _Form = "text",
    *,
    watch: bool,
    tags: tuple[str, ...],
    skip: tuple[str, ...],
    vars_files: tuple[str, ...],
    env_files: tuple[str, ...],
) -> None:
    """Check scenario files: every mistake at once, with file, line and column. Nothing is sent.

    Exit status: 0 all right, 2 mistakes, 5 nothing was chosen, 130 Ctrl-C ended --watch.
    """
    from smoke.app.options import RunOptions
    from smoke.cli.diagnostic_formats import writer
    from smoke.cli.terminal import stderr, stdout
    from smoke.model.status import ExitStatus

    write = writer(form)
    options = RunOptions(tags=tags, skip=skip, vars_files=vars_files, env_files=env_files)
    if watch:
        if write is not None:
            raise typer.BadParameter("--watch tells people what it finds: leave out --format")
        if tags or skip:
            raise typer.BadParameter(
                "--watch checks all that the words mean: leave out --tag and --skip"
            )
        _watch(selectors or [], options)
    checked = _check(selectors or [], options)
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


def _watch(selectors: list[str], options: RunOptions) -> NoReturn:
    """Check until somebody ends it. Raises SmokeError where the words mean no scenario."""
    from smoke.app.catalog import entries, meant
    from smoke.app.parts import parts_among
    from smoke.app.watching import FileChecked, WatchedFiles
    from smoke.cli.watching import watch
    from smoke.diagnostic import SmokeError

    own = [] if selectors else [entry.path for entry in entries() if not entry.shipped]
    paths, problems = meant(selectors or _unless_parts(own, parts_among(own)))
    if not paths:
        raise SmokeError(problems)

    def given(checked: Sequence[FileChecked]) -> None:
        _check_given([each.loaded for each in checked if each.loaded is not None], options)

    files = [Path(word) for word in (*options.vars_files, *options.env_files)]
    watch(WatchedFiles(selectors, files), given)


def _check(selectors: list[str], options: RunOptions) -> Checked:
    """What is found in the scenarios; their number only where all of them are right."""
    from smoke import plugins
    from smoke.app.catalog import entries
    from smoke.app.needs import with_needs
    from smoke.app.parts import parts_among, unused
    from smoke.app.selecting import picked
    from smoke.cli.diagnostic_formats import Checked
    from smoke.diagnostic import NothingSelectedError, SmokeError

    faults = plugins.warnings()
    try:
        own = [] if selectors else [entry.path for entry in entries() if not entry.shipped]
        parts = parts_among(own)
        words = tuple(selectors or _unless_parts(own, parts))
        loaded = with_needs(picked(replace(options, selectors=words)))
        _check_given(loaded, options)
    except NothingSelectedError:
        raise
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
