"""`smoke judge`: a stored run evaluated again, without sending."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smoke.cli.declared import declared_options

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@declared_options(
    logs="A log of that time, of the application or of its PostgreSQL, as smoke show takes it; may be given again. "
    "--postgres-log is the same.",
    dsn_env="Environment variable with the DSN of the shop's database, which is only read. "
    "[default: the run's, SMOKE_DSN, DATABASE_URL]",
    reports="Write a report of the new judgement: json, junit … (see smoke plugins).",
    as_json="Print JSON: what changed, and the report.",
)
def judge(
    run: Annotated[
        str,
        typer.Argument(
            help="A run: its id, the beginning of it, its folder, or latest. [default: the last that failed]"
        ),
    ] = "",
    *,
    out: Path,
    logs: tuple[str, ...],
    log_token_env: str,
    dsn_env: str,
    show_values: bool,
    reports: tuple[str, ...],
    as_json: bool,
    verbose: bool,
) -> None:
    """Evaluate a stored run again: with today's rules, and with logs and a database if they are at hand.

    Nothing is sent, and the stored run is not changed. Its answers are classified anew; expectations stay as they were
    judged then, since what is stored is masked. Without arguments it takes the last run that did not pass.

    Exit status: that of the run as it is judged now.
    """
    from smoke.app.judging import judge as evaluate
    from smoke.cli.judged import tell
    from smoke.cli.report_paths import check_paths
    from smoke.cli.values import report_target
    from smoke.store import last_failed, resolve

    targets = tuple(report_target(item) for item in reports)
    folder = resolve(out, run) if run else (last_failed(out) or resolve(out))
    check_paths(targets)
    judged = evaluate(
        folder.folder,
        logs=logs,
        log_token_env=log_token_env,
        dsn_env=dsn_env,
        show_values=show_values,
    )
    raise typer.Exit(tell(judged, folder, targets, as_json=as_json, verbose=verbose))
