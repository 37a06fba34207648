"""What a run is asked to do: the options of `smoke run`, as a value. Each is declared here or in `network_options`, and nowhere else."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from msgspec import Struct, field

from smoke.app import network_options as network
from smoke.app import selection_options as selection
from smoke.app import value_options as given
from smoke.app.as_given import AsGiven
from smoke.app.declared import (
    MOST_WORKERS,
    Declared,
    Option,
    Takes,
    body_problems,
    build_problems,
    check_deployment,
    check_log,
    check_origin,
    check_place,
    declared,
    endpoint_problems,
    headers_problems,
    line_problems,
    on_problems,
    report_problems,
    shard_problems,
    workers_problems,
)
from smoke.app.hand_options import HandOptions
from smoke.app.past_options import PastOptions
from smoke.app.sweep_options import SweepOptions
from smoke.app.watch_options import WatchOptions

DEFAULT_OUT = Path(".smoke/runs")


class RunOptions(AsGiven, frozen=True):
    """Times are in seconds. Empty strings and None mean "not given". A path may be a text, and one of several a text alone.

    `url` wins over the target's. Raises SmokeError for a value of a wrong type, and TypeError for a name that is none.
    """

    selectors: selection.Selectors = ()
    tags: selection.Tags = ()
    skip: selection.Skip = ()
    failed: selection.Failed = False
    changed_since: selection.ChangedSince = ""
    until: selection.UntilStep = ""
    url: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            environment="SMOKE_URL",
            address=check_deployment,
            of_target="url",
            help="The deployment under test, e.g. https://shop.example.",
        ),
    ] = ""
    target: Annotated[str, Option(takes=Takes.TEXT, help="A named target of the targets file.")] = (
        ""
    )
    targets_file: Annotated[
        Path | None,
        Option(
            takes=Takes.PATH,
            names=("--targets",),
            metavar="FILE",
            help="The targets file. [default: smoke-targets.yaml]",
        ),
    ] = None
    variables: given.Variables = field(default_factory=dict)
    vars_files: given.VarsFiles = ()
    env_files: given.EnvFiles = ()
    headers: Annotated[
        tuple[tuple[str, str], ...],
        Option(
            takes=Takes.HEADERS,
            names=("--header",),
            metavar="'NAME: VALUE'",
            check=headers_problems,
            of_target="headers",
            help="Send with every request to the target. No secrets here.",
        ),
    ] = ()
    allow_hosts: Annotated[
        tuple[str, ...],
        Option(
            takes=Takes.TEXTS,
            names=("--allow-host",),
            metavar="ORIGIN",
            address=check_origin,
            of_target="allow_hosts",
            in_target="Other origins that requests may go to",
            help="Another origin that requests may go to, e.g. https://pay.example.",
        ),
    ] = ()
    timeout: Annotated[
        float,
        Option(
            takes=Takes.TIME,
            metavar="TIME",
            remembered=True,
            help="Total time for one request with its redirects.",
        ),
    ] = 30.0
    max_time: Annotated[
        float | None,
        Option(
            takes=Takes.TIME,
            metavar="TIME",
            remembered=True,
            help="Total time for the whole run, teardown included.",
        ),
    ] = None
    fail_fast: Annotated[
        bool,
        Option(
            takes=Takes.FLAG,
            remembered=True,
            help="Start no scenario after one that did not pass.",
        ),
    ] = False
    fail_on_flaky: Annotated[
        bool,
        Option(
            takes=Takes.FLAG,
            remembered=True,
            help="A step that passed only when it was retried fails the run.",
        ),
    ] = False
    workers: Annotated[
        int,
        Option(
            takes=Takes.NUMBER,
            at_least=1,
            at_most=MOST_WORKERS,
            check=workers_problems,
            remembered=True,
            help="Scenarios run side by side.",
        ),
    ] = 1
    shard: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="K/N",
            filled=True,
            check=shard_problems,
            remembered=True,
            project=False,
            help="Run only the K-th of N parts of the scenarios, as even as can be; `smoke merge` makes one run of them.",
        ),
    ] = ""
    shard_times: Annotated[
        Path | None,
        Option(
            takes=Takes.PATH,
            metavar="FILE",
            remembered=True,
            help="A JSON report of an earlier run, the same for every part: its times make the parts even. "
            "[default: the number of steps]",
        ),
    ] = None
    on: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="local:N|tcp://HOST:PORT",
            filled=True,
            check=on_problems,
            remembered=True,
            project=False,
            help="Have the scenarios carried out by the workers of a Dask scheduler, or by N on this machine (needs the extra dask).",
        ),
    ] = ""
    seed: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            check=line_problems,
            remembered=True,
            help="Makes random data the same again.",
        ),
    ] = ""
    out: Annotated[
        Path, Option(takes=Takes.PATH, metavar="DIR", help="Where run folders are kept.")
    ] = DEFAULT_OUT
    ready: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="PATH|URL",
            filled=True,
            remembered=True,
            address=check_place,
            of_target="readiness.url",
            in_target="A path, or a URL of the target [default: /]",
            help="Wait until this answers before the first order.",
        ),
    ] = ""
    ready_timeout: Annotated[
        float | None,
        Option(
            takes=Takes.TIME,
            metavar="TIME",
            remembered=True,
            of_target="readiness.deadline",
            in_target="Give up after this time [default: 2m]",
            help="How long to wait for the target. [default: 2m]",
        ),
    ] = None
    expect_version: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="VERSION",
            filled=True,
            check=line_problems,
            remembered=True,
            help="Wait until this build is the one that answers at --ready.",
        ),
    ] = ""
    version_from: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="header:NAME|json:PATH",
            check=build_problems,
            remembered=True,
            of_target="readiness.version_from",
            in_target="header:NAME or json:PATH",
            help="Where the answer at --ready tells its build. [default: json:$.version]",
        ),
    ] = ""
    insecure: network.Insecure = False
    ca_file: network.CaFile = ""
    client_cert: network.ClientCert = ""
    client_key: network.ClientKey = ""
    client_key_password_env: network.ClientKeyPasswordEnv = ""
    proxy: network.Proxy = ""
    proxy_password_env: network.ProxyPasswordEnv = ""
    no_proxy: network.NoProxy = ()
    resolve: network.Resolve = ()
    connect_to: network.ConnectTo = ()
    ipv4: network.Ipv4 = False
    ipv6: network.Ipv6 = False
    http2: network.Http2 = False
    rate: network.Rate = ""
    max_body: Annotated[
        int | None,
        Option(
            takes=Takes.NUMBER,
            metavar="BYTES",
            at_least=0,
            check=body_problems,
            remembered=True,
            help="Largest body that is kept; 0 for no limit.",
        ),
    ] = None
    dsn_env: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="NAME",
            variable=True,
            remembered=True,
            of_target="dsn_env",
            in_target="Environment variable with the DSN of its database",
            help="Environment variable with the DSN of the shop's database, which is only read. "
            "[default: the target's dsn_env, SMOKE_DSN, DATABASE_URL]",
        ),
    ] = ""
    logs: Annotated[
        tuple[str, ...],
        Option(
            takes=Takes.TEXTS,
            names=("--log", "--postgres-log"),
            metavar="FILE|-|supabase:REF",
            file=True,
            opens=check_log,
            of_target="logs",
            in_target="Logs of its application and its PostgreSQL: files (from where smoke is started) or supabase:REF",
            help="A log of the application or of its PostgreSQL, of a file or a pipe (- listens to standard input), in any "
            "of their formats, or of a Supabase project; may be given again. It tells the error that a response hides. "
            "--postgres-log is the same. [default: the target's logs]",
        ),
    ] = ()
    log_token_env: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            names=("--log-token-env", "--postgres-log-token-env"),
            metavar="NAME",
            variable=True,
            remembered=True,
            help="Environment variable with the token for supabase:REF. [default: SUPABASE_ACCESS_TOKEN]",
        ),
    ] = ""
    postgres_log: str = ""
    show_values: Annotated[
        bool,
        Option(
            takes=Takes.FLAG,
            remembered=True,
            help="Show values of the database's rows, not only keys.",
        ),
    ] = False
    no_trace: Annotated[
        bool,
        Option(
            takes=Takes.FLAG,
            remembered=True,
            of_target="trace",
            in_target="Send traceparent and X-Request-Id with each request, unless it sets them",
            help="Send no traceparent and X-Request-Id, by which each request is found in the shop's logs.",
        ),
    ] = False

    @property
    def all_logs(self) -> tuple[str, ...]:
        """The logs by either name."""
        return (*self.logs, *((self.postgres_log,) if self.postgres_log else ()))


class Output(Struct, frozen=True):
    """What `smoke run` writes beside the evidence: no matter of the run itself."""

    reports: Annotated[
        tuple[str, ...],
        Option(
            takes=Takes.TEXTS,
            names=("--report",),
            metavar="FORMAT=PATH",
            check=report_problems,
            file=True,
            help="Write a report: json, junit … (see smoke plugins).",
        ),
    ] = ()
    otel: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="URL",
            check=endpoint_problems,
            help="Send the run's spans to an OpenTelemetry collector (OTLP over HTTP; needs the extra otel). "
            "[default: OTEL_EXPORTER_OTLP_ENDPOINT]",
        ),
    ] = ""
    quiet: Annotated[
        bool, Option(takes=Takes.FLAG, names=("--quiet", "-q"), help="Only what failed.")
    ] = False
    verbose: Annotated[
        bool, Option(takes=Takes.FLAG, names=("--verbose", "-v"), help="Every step and exchange.")
    ] = False
    dry_run: Annotated[
        bool,
        Option(
            takes=Takes.FLAG,
            help="Print the requests, secrets masked; send nothing.",
            project=False,
        ),
    ] = False


class Beside(AsGiven, frozen=True):
    """Options of other commands than `smoke run`, which several of them have."""

    as_json: Annotated[
        bool,
        Option(takes=Takes.FLAG, names=("--json",), project=False, help="Print JSON."),
    ] = False
    statement_timeout: Annotated[
        float,
        Option(
            takes=Takes.TIME,
            metavar="TIME",
            help="Longest time for one question to the database.",
        ),
    ] = 15.0


@cache
def every_option() -> Mapping[str, Declared]:
    """All options that are declared, by field."""
    kinds = (RunOptions, Output, HandOptions, PastOptions, SweepOptions, WatchOptions, Beside)
    return {name: item for kind in kinds for name, item in declared(kind).items()}
