"""`smoke report`: the reports of a stored run, made again. Each reporter is an option of its own."""

from __future__ import annotations

import os
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

import typer

from smoke import plugins
from smoke.app.options import every_option
from smoke.cli.declared import CONTEXT, OwnOption, found_options, parameters
from smoke.text import safe_line

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_RUN = typer.Argument(
    "", help="A run: its id, the beginning of it, its folder, or latest. [default: the last]"
)
_REPORTS = "Write a report of any format, those of other packages too; may be given again."
_OTEL = "Send the run's spans to an OpenTelemetry collector (OTLP over HTTP; needs the extra otel)."
_OPTIONS = [
    OwnOption(_REPORTS).of(every_option()["reports"]),
    OwnOption(_OTEL).of(every_option()["otel"]),
    every_option()["history"],
    every_option()["out"],
]
_TAKEN = frozenset({"run", "report", "otel", "history", "out", "help"})
"""Names that a reporter of another package cannot have as its option: `--report NAME=PATH` takes it."""


def _own_options() -> dict[str, plugins.Plugin]:
    """The reporters by the parameters of their options."""
    found = plugins.find("reporters")
    return {name.replace("-", "_"): each for name, each in found.items() if name not in _TAKEN}


def report(context: typer.Context, **written: Any) -> None:
    """Write reports of a stored run again: the same bytes as the run itself wrote, where nothing changed since.

    Nothing is sent and the stored run is not changed. An older file is replaced; of an older folder, the files of the same name.

    Exit status: 0 written, 2 usage, 3 a report that could not be written.
    """
    from smoke.app.history import place_of
    from smoke.app.lasting import with_since
    from smoke.app.reporting import write_reports
    from smoke.cli.report_paths import check_paths
    from smoke.cli.running import tell_collector
    from smoke.cli.terminal import stderr, stdout
    from smoke.cli.values import report_target
    from smoke.model.status import ExitStatus
    from smoke.store import resolve

    run = written.pop("run")
    own = [(each.name, written.pop(word)) for word, each in _own_options().items()]
    found = found_options(context, _OPTIONS, written, project=True)
    targets = [report_target(f"{name}={path}") for name, path in own if path is not None]
    targets += [report_target(item) for item in found["reports"]]
    if not targets and not found["otel"]:
        shown = ", ".join(f"--{name}" for name, _ in own)
        raise typer.BadParameter(f"no report is asked for, such as --html report.html: {shown}")
    folder = resolve(Path(found["out"]), run) if run else resolve(Path(found["out"]))
    check_paths(targets)
    place = place_of(found["history"], Path(found["out"]), os.environ)
    stored = with_since(folder.run(), place)
    problems = write_reports(stored, folder, targets)
    for name, path in targets:
        if not any(problem.startswith(f"the report {name}={path} ") for problem in problems):
            stdout().write(safe_line(f"{name}  {path}"))
    for problem in problems:
        stderr().write(safe_line(f"smoke: {problem}"))
    sent = not found["otel"] or tell_collector(stored, found["otel"])
    raise typer.Exit(ExitStatus.NO_VERDICT if problems or not sent else 0)


def _parameters() -> list[Parameter]:
    """The run, an option for each reporter, and the options that other commands have too."""
    run = Parameter("run", Parameter.KEYWORD_ONLY, default=_RUN, annotation=str)
    own = []
    for word, each in _own_options().items():
        shown = typer.Option(None, f"--{each.name}", metavar="PATH", help=_described(each))
        own.append(Parameter(word, Parameter.KEYWORD_ONLY, default=shown, annotation=str | None))
    return [CONTEXT, run, *own, *parameters(_OPTIONS)]


def _described(plugin: plugins.Plugin) -> str:
    """What a reporter says of itself; of one that cannot be read, what it is."""
    try:
        return safe_line(plugin.description()) or f"{plugin}."
    except plugins.PluginError:
        return f"{plugin}."


report.__signature__ = Signature(_parameters())  # type: ignore[attr-defined]  # typer reads it
app.command()(report)
