"""`smoke run`: place the orders and judge the answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smoke.cli.start import collect_garbage_again
from smoke.cli.values import duration, given, header, pair, report_target

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def run(
    selectors: Annotated[
        list[str], typer.Argument(metavar="NAME|PATH|TAG...", help="Scenarios to run.")
    ],
    url: Annotated[
        str,
        typer.Option(
            envvar="SMOKE_URL", help="The deployment under test, e.g. https://shop.example."
        ),
    ] = "",
    target: Annotated[str, typer.Option(help="A named target of the targets file.")] = "",
    targets: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The targets file. [default: smoke-targets.yaml]"),
    ] = None,
    var: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Set a scenario's variable.")
    ] = None,
    header_: Annotated[
        list[str] | None,
        typer.Option(
            "--header",
            metavar="'NAME: VALUE'",
            help="Send with every request to the target. No secrets here.",
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            help="Another origin that requests may go to, e.g. https://pay.example.",
        ),
    ] = None,
    timeout: Annotated[
        str, typer.Option(metavar="TIME", help="Total time for one request with its redirects.")
    ] = "30s",
    max_time: Annotated[
        str, typer.Option(metavar="TIME", help="Total time for the whole run, teardown included.")
    ] = "",
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Start no scenario after one that did not pass.")
    ] = False,
    fail_on_flaky: Annotated[
        bool,
        typer.Option(
            "--fail-on-flaky", help="A step that passed only when it was retried fails the run."
        ),
    ] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Scenarios run side by side.")] = 1,
    seed: Annotated[str, typer.Option(help="Makes random data the same again.")] = "",
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where run folders are made.")] = Path(
        ".smoke/runs"
    ),
    ready: Annotated[
        str | None,
        typer.Option(metavar="PATH|URL", help="Wait until this answers before the first order."),
    ] = None,
    ready_timeout: Annotated[
        str, typer.Option(metavar="TIME", help="How long to wait for the target. [default: 2m]")
    ] = "",
    expect_version: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            help="Wait until this build is the one that answers at --ready.",
        ),
    ] = None,
    version_from: Annotated[
        str,
        typer.Option(
            metavar="header:NAME|json:PATH",
            help="Where the answer at --ready tells its build. [default: json:$.version]",
        ),
    ] = "",
    report: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FORMAT=PATH", help="Write a report: json, junit … (see smoke plugins)."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only what failed.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every step and exchange.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the requests, secrets masked; send nothing.")
    ] = False,
    insecure: Annotated[
        bool,
        typer.Option("--insecure", help="Do not check TLS certificates. Said in every report."),
    ] = False,
    ca_file: Annotated[
        str, typer.Option(metavar="FILE", help="Certificates (PEM) to trust beside the usual ones.")
    ] = "",
    proxy: Annotated[
        str, typer.Option(metavar="URL", help="Send through this proxy; HTTP_PROXY is ignored.")
    ] = "",
    http2: Annotated[
        bool, typer.Option("--http2", help="Speak HTTP/2 where the server does (extra http2).")
    ] = False,
    max_body: Annotated[
        int | None,
        typer.Option(metavar="BYTES", min=0, help="Largest body that is kept; 0 for no limit."),
    ] = None,
    dsn_env: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Environment variable with the DSN of the shop's database, which is only read. "
            "[default: the target's dsn_env, SMOKE_DSN, DATABASE_URL]",
        ),
    ] = "",
    log: Annotated[
        list[str] | None,
        typer.Option(
            "--log",
            "--postgres-log",
            metavar="FILE|-|supabase:REF",
            help="A log of the application or of its PostgreSQL, of a file or a pipe (- listens to standard input), in any "
            "of their formats, or of a Supabase project; may be given again. It tells the error that a response hides. "
            "--postgres-log is the same. [default: the target's logs]",
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
    show_values: Annotated[
        bool,
        typer.Option("--show-values", help="Show values of the database's rows, not only keys."),
    ] = False,
    no_trace: Annotated[
        bool,
        typer.Option(
            "--no-trace",
            help="Send no traceparent and X-Request-Id, by which each request is found in the shop's logs.",
        ),
    ] = False,
) -> None:
    """Place the orders of SCENARIOS at a deployment, keep every answer, and judge them.

    Exit status: 0 passed, 1 failed, 2 usage or invalid scenario (nothing was sent), 3 no verdict, 5 nothing was run.
    """
    from smoke.app.options import RunOptions
    from smoke.cli.report_paths import check_paths
    from smoke.cli.running import dry_run_and_exit, run_and_exit

    collect_garbage_again()

    options = RunOptions(
        selectors=tuple(selectors),
        url=url,
        target=target,
        targets_file=targets,
        variables=dict(pair(item, "--var") for item in var or []),
        headers=tuple(header(item) for item in header_ or []),
        allow_hosts=tuple(allow_host or []),
        timeout=duration(timeout, "--timeout"),
        max_time=duration(max_time, "--max-time") if max_time else None,
        fail_fast=fail_fast,
        fail_on_flaky=fail_on_flaky,
        workers=workers,
        seed=seed,
        out=out,
        ready=given(ready, "--ready"),
        ready_timeout=duration(ready_timeout, "--ready-timeout") if ready_timeout else None,
        expect_version=given(expect_version, "--expect-version"),
        version_from=version_from,
        insecure=insecure,
        ca_file=ca_file,
        proxy=proxy,
        http2=http2,
        max_body=max_body,
        dsn_env=dsn_env,
        logs=tuple(log or ()),
        log_token_env=log_token_env,
        show_values=show_values,
        no_trace=no_trace,
    )
    reports = tuple(report_target(item) for item in report or [])
    if dry_run:
        dry_run_and_exit(options)
    check_paths(reports)
    run_and_exit(options, reports, quiet=quiet, verbose=verbose)
