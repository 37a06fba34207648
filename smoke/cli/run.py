"""`smoke run`: place the orders and judge the answers. Its options are declared in `smoke.app.options`."""

from __future__ import annotations

from inspect import Signature
from typing import Any

import typer

from smoke.app.declared import Declared, declared
from smoke.app.options import Output, RunOptions
from smoke.cli.declared import CONTEXT, check_variables, parameters, values
from smoke.cli.project import given_fields, project_here
from smoke.cli.start import collect_garbage_again

app = typer.Typer(rich_markup_mode=None, add_completion=False)


def run(context: typer.Context, **written: Any) -> None:
    """Place the orders of SCENARIOS at a deployment, keep every answer, and judge them.

    Exit status: 0 passed, 1 failed, 2 usage or invalid scenario (nothing was sent), 3 no verdict, 5 nothing was run.
    """
    from smoke.cli.report_paths import check_paths
    from smoke.cli.running import dry_run_and_exit, run_and_exit
    from smoke.cli.values import report_target

    collect_garbage_again()

    asked = declared(RunOptions).values()
    found = values(asked, written)
    check_variables(context, asked, found)
    options = RunOptions(**found)
    output = Output(**values(declared(Output).values(), written))
    project = project_here()
    if project is not None:
        from smoke.app.defaults import run_with_defaults, with_defaults

        given = given_fields(context, _in_order())
        options = run_with_defaults(options, given, project)
        output = with_defaults(output, given, project)
    reports = tuple(report_target(item) for item in output.reports)
    if output.dry_run:
        dry_run_and_exit(options)
    check_paths(reports)
    run_and_exit(options, reports, quiet=output.quiet, verbose=output.verbose)


def _in_order() -> list[Declared]:
    """The options as `--help` lists them: what is shown stands between the waiting and the sending."""
    asked = list(declared(RunOptions).values())
    middle = next(place for place, item in enumerate(asked) if item.field == "insecure")
    return [*asked[:middle], *declared(Output).values(), *asked[middle:]]


run.__signature__ = Signature([CONTEXT, *parameters(_in_order())])  # type: ignore[attr-defined]  # typer reads it
app.command()(run)
