"""What a run is asked to do: the options of `smoke run`, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field

DEFAULT_OUT = Path(".smoke/runs")


class RunOptions(Struct, frozen=True):
    """Times are in seconds. Empty strings and None mean "not given".

    `selectors` are names, paths or tags of scenarios. `url` wins over `target` (a name in `targets_file`).
    `headers` go along with every request to the target's origin. `ready` is a path or URL to wait for.
    `dsn_env` names the environment variable with the DSN of the database behind the deployment, `logs` the
    logs of the application and of its PostgreSQL (files, `-` for standard input, `supabase:REF` for a project whose token
    the variable `log_token_env` has; empty: those of the target), `postgres_log` one more;
    `show_values` shows values of the database's rows, not only keys.
    `no_trace`: requests carry no `traceparent` and `X-Request-Id`.
    """

    selectors: tuple[str, ...] = ()
    url: str = ""
    target: str = ""
    targets_file: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()
    allow_hosts: tuple[str, ...] = ()
    timeout: float = 30.0
    max_time: float | None = None
    fail_fast: bool = False
    fail_on_flaky: bool = False
    workers: int = 1
    seed: str = ""
    out: Path = DEFAULT_OUT
    ready: str = ""
    ready_timeout: float | None = None
    expect_version: str = ""
    version_from: str = ""
    insecure: bool = False
    ca_file: str = ""
    proxy: str = ""
    http2: bool = False
    max_body: int | None = None
    dsn_env: str = ""
    logs: tuple[str, ...] = ()
    log_token_env: str = ""
    postgres_log: str = ""
    show_values: bool = False
    no_trace: bool = False

    @property
    def all_logs(self) -> tuple[str, ...]:
        """The logs by either name."""
        return (*self.logs, *((self.postgres_log,) if self.postgres_log else ()))
