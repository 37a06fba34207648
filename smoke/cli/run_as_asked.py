"""What `smoke run` does with what was written behind it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from smoke.app.declared import Declared, declared
from smoke.app.hand_options import HandOptions
from smoke.app.options import Output, RunOptions
from smoke.app.past_options import PastOptions
from smoke.app.sweep_options import SweepOptions
from smoke.cli.option_values import Sources, check_variables, values
from smoke.cli.project import given_fields, project_here
from smoke.cli.start import collect_garbage_again
from smoke.diagnostic import SmokeError

if TYPE_CHECKING:
    from smoke.app.project import ProjectDefaults


def run_as_asked(context: Sources, written: Mapping[str, Any]) -> None:
    """Run, and leave with the run's exit status. `written` is by the names of the parameters. Raises SmokeError."""
    from smoke.app.remembering import wish_of
    from smoke.cli.report_paths import check_paths
    from smoke.cli.running import dry_run_and_exit, run_and_exit
    from smoke.cli.values import report_target

    collect_garbage_again()
    asked = declared(RunOptions).values()
    found = values(asked, written)
    check_variables(context, asked, found)
    options = RunOptions(**found)
    output = Output(**values(declared(Output).values(), written))
    past = PastOptions(**values(declared(PastOptions).values(), written))
    project = project_here()
    several = SweepOptions(**values(declared(SweepOptions).values(), written))
    hand = _hand(written, output, several)
    _where_all_are_meant(context, options, output, past, several, project)
    if project is not None:
        from msgspec.structs import asdict

        from smoke.app.defaults import run_with_defaults, with_defaults

        given = given_fields(context, in_order())
        options = run_with_defaults(options, given, project)
        output = with_defaults(output, given, project)
        past = with_defaults(past, given, project)
        if not output.dry_run:
            project.check_files(asdict(options))
    reports = tuple(report_target(item) for item in output.reports)
    if output.dry_run:
        dry_run_and_exit(options)
    check_paths(reports, past.verdict)
    _check_collector(output)
    wish = wish_of(options, past, os.environ)
    if hand is not None:
        from smoke.cli.attended import run_attended

        run_attended(hand, options, reports, output, wish)
    run_and_exit(options, reports, output, wish)


def _check_collector(output: Output) -> None:
    """Refuse a collector that could not be told, before anything is ordered. Raises SmokeError."""
    if output.otel:
        from smoke.app.checked import check_values

        check_values([declared(Output)["otel"]], {"otel": output.otel})


def _hand(written: Mapping[str, Any], output: Output, several: SweepOptions) -> HandOptions | None:
    """What somebody at the terminal is asked; None where nobody is. Raises SmokeError."""
    hand = HandOptions(**values(declared(HandOptions).values(), written))
    if hand == HandOptions():
        return None
    from smoke.cli.attended import check_hand

    check_hand(hand, output, several)
    return hand


def _where_all_are_meant(
    context: Sources,
    options: RunOptions,
    output: Output,
    past: PastOptions,
    several: SweepOptions,
    project: ProjectDefaults | None,
) -> None:
    """Run at every target and leave, where that is asked for. Raises SmokeError."""
    if several.all_targets:
        from smoke.cli.sweeping import sweep_as_asked

        sweep_as_asked(options, output, past, several, given_fields(context, in_order()), project)
    if several != SweepOptions():
        raise SmokeError.of("bad-option", "--targets-at-once and --overview are for --all-targets")


def in_order() -> list[Declared]:
    """The options as `--help` lists them: what is shown stands between the waiting and the sending."""
    asked = list(declared(RunOptions).values())
    middle = next(place for place, item in enumerate(asked) if item.field == "insecure")
    return [
        *asked[:middle],
        *declared(Output).values(),
        *declared(HandOptions).values(),
        *declared(PastOptions).values(),
        *declared(SweepOptions).values(),
        *asked[middle:],
    ]
