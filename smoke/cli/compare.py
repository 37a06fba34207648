"""`smoke compare`: one run or build beside another: new, fixed, failing still, slower, flaky."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smoke.cli.declared import OwnOption, declared_options

if TYPE_CHECKING:
    from smoke.app.remembering import JudgedRun

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@declared_options(
    known_failures="Failures that are not new, each with owner, reason and last day.",
    url=OwnOption("The deployment whose runs are meant, by its URL.", ""),
    target="The target whose runs are meant. [default: the one that was tested last]",
)
def compare(
    before: Annotated[
        str,
        typer.Argument(
            metavar="[A]",
            help="What to compare with: a run, a build, or last-pass. [default: for each scenario its last verdict on "
            "another build]",
        ),
    ] = "",
    after: Annotated[
        str,
        typer.Argument(
            metavar="[B]", help="The run, or the build, that is judged. [default: the last run]"
        ),
    ] = "",
    *,
    target: str,
    url: str,
    out: Path,
    history: str,
    known_failures: Path | None,
    verdict: Path | None,
    as_json: bool,
) -> None:
    """Compare a run with those before it, from the history: new, fixed, failing still and since when, slower, flaky.

    Exit status: 0 nothing new failed, 1 something did (or a clean-up failed), 2 there is no such run, 3 no verdict.
    """
    from smoke.app.comparing import compared
    from smoke.cli.report_paths import check_paths

    check_paths((), verdict)
    judged = compared(
        before, after, target=target, url=url, out=out, history=history, known=known_failures
    )
    sys.exit(_tell(judged, verdict, as_json=as_json))


def _tell(judged: JudgedRun, verdict: Path | None, *, as_json: bool) -> int:
    """Print a comparison, write its verdict; the exit status."""
    from smoke.cli.compared import tell_comparison, tell_verdict
    from smoke.cli.layout import Sheet
    from smoke.cli.remembered import tell_problems, verdict_text, write_verdict
    from smoke.cli.terminal import stdout
    from smoke.model.status import ExitStatus

    problems = write_verdict(judged, verdict) if verdict is not None else ()
    terminal, status = stdout(), judged.verdict.status
    if as_json:
        terminal.write(verdict_text(judged))
    else:
        sheet = Sheet(width=terminal.width, color=terminal.color, unicode=terminal.unicode)
        tell_comparison(sheet, judged.comparison, judged.listed)
        tell_verdict(sheet, judged.verdict, judged.comparison, gate=False, status=status)
        terminal.write(sheet.render())
    tell_problems(judged.remarks, problems)
    if status not in (ExitStatus.PASSED, ExitStatus.FAILED) or (not status and problems):
        return ExitStatus.NO_VERDICT  # what ended the run that is compared did not end this command
    return status
