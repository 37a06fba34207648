"""`smoke judge`: a stored run evaluated again, without sending."""

from __future__ import annotations

from typing import Annotated

import typer

from smoke.app.options import DEFAULT_OUT
from smoke.cli.project import Out

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def judge(
    run: Annotated[
        str,
        typer.Argument(
            help="A run: its id, the beginning of it, its folder, or latest. [default: the last that failed]"
        ),
    ] = "",
    out: Out = DEFAULT_OUT,
    log: Annotated[
        list[str] | None,
        typer.Option(
            "--log",
            "--postgres-log",
            metavar="FILE|-|supabase:REF",
            help="A log of that time, of the application or of its PostgreSQL, as smoke show takes it; may be given again. "
            "--postgres-log is the same.",
        ),
    ] = None,
    log_token_env: Annotated[
        str,
        typer.Option(
            "--log-token-env",
            "--postgres-log-token-env",
            metavar="NAME",
            help="Environment variable with the token for supabase:REF. [default: SUPABASE_ACCESS_TOKEN]",
        ),
    ] = "",
    dsn_env: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Environment variable with the DSN of the shop's database, which is only read. "
            "[default: the run's, SMOKE_DSN, DATABASE_URL]",
        ),
    ] = "",
    show_values: Annotated[
        bool,
        typer.Option("--show-values", help="Show values of the database's rows, not only keys."),
    ] = False,
    report: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FORMAT=PATH", help="Write a report: json, junit … (see smoke plugins)."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: what changed, and the report.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every step and exchange.")
    ] = False,
) -> None:
    """Evaluate a stored run again: with today's rules, and with logs and a database if they are at hand.

    Nothing is sent, and the stored run is not changed. Its answers are classified anew; expectations stay as they were
    judged then, since what is stored is masked. Without arguments it takes the last run that did not pass.

    Exit status: that of the run as it is judged now.
    """
    from smoke.app.judging import judge as evaluate
    from smoke.app.logs import problems
    from smoke.cli.judged import tell
    from smoke.cli.report_paths import check_paths
    from smoke.cli.values import report_target
    from smoke.store import last_failed, resolve

    sources = tuple(log or ())
    for problem in problems(sources, log_token_env):
        raise typer.BadParameter(problem)
    reports = tuple(report_target(item) for item in report or [])
    folder = resolve(out, run) if run else (last_failed(out) or resolve(out))
    check_paths(reports)
    judged = evaluate(
        folder.folder,
        logs=sources,
        log_token_env=log_token_env,
        dsn_env=dsn_env,
        show_values=show_values,
    )
    raise typer.Exit(tell(judged, folder, reports, as_json=as_json, verbose=verbose))
