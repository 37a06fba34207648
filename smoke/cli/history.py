"""`smoke history`: the last runs of each target and scenario, since when one fails, and how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smoke.cli.declared import OwnOption, declared_options

if TYPE_CHECKING:
    from smoke.app.comparing import Past
    from smoke.app.history import HistoryPlace

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command("history")
@declared_options(
    url=OwnOption("The deployment whose runs are shown, by its URL.", ""),
    target="The target whose runs are shown. [default: all]",
)
def show_history(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SCENARIO]...", help="Scenarios that are shown. [default: all]"),
    ] = None,
    last: Annotated[
        int, typer.Option("--last", metavar="N", min=1, max=500, help="How many runs are shown.")
    ] = 30,
    folders: Annotated[
        list[Path] | None,
        typer.Option(
            "--import",
            metavar="DIR",
            help="First take in the runs of a folder (--out) that are not there yet; may be given again.",
        ),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page of it, too: a status page."),
    ] = None,
    *,
    target: str,
    url: str,
    out: Path,
    history: str,
    as_json: bool,
) -> None:
    """Show the last runs of each target: outcome and time of each scenario, and since when one fails.

    Exit status: 0, whatever is shown; 2 there is no history.
    """
    from smoke.app.comparing import needed_place, past_runs

    place = needed_place(history, out)
    if folders:
        _import(place, folders)
    found = past_runs(place, target=target, url=url)
    _write(page, found)
    _tell(found, frozenset(scenarios or ()), last, as_json=as_json)


def _write(page: Path | None, found: Sequence[Past]) -> None:
    """The status page, where one is asked for. Raises SmokeError."""
    if page is not None:
        from smoke.app.status import write_status

        write_status(page, found)


def _import(place: HistoryPlace, folders: Sequence[Path]) -> None:
    from smoke.app.history import import_runs
    from smoke.cli.terminal import stderr
    from smoke.text import plural, safe_line

    count, problems = import_runs(place, folders)
    stderr().write(f"{plural(count, 'run')} taken in")
    for problem in problems:
        stderr().write(safe_line(f"smoke: {problem}"))


def _tell(found: Sequence[Past], scenarios: frozenset[str], last: int, *, as_json: bool) -> None:
    from smoke.cli.terminal import stdout

    terminal = stdout()
    if as_json:
        import json

        from smoke.history.document import record_document

        runs = [record_document(record) for past in found for record in past.records[:last]]
        terminal.write(json.dumps(runs, indent=2))
        return
    from smoke.cli.history_table import tell_history

    terminal.write(tell_history(found, scenarios, last, terminal))
