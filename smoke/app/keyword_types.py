"""The options of a run as keyword arguments. Made by tools/generate_keywords.py from `RunOptions`; do not edit."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

AnyPath = str | os.PathLike[str]


class Keywords(TypedDict, total=False):
    """Each option of `RunOptions` but the selectors, in the types that a caller may give. Times are in seconds."""

    tags: Sequence[str]
    skip: Sequence[str]
    failed: bool
    changed_since: str
    until: str
    url: str
    target: str
    targets_file: AnyPath | None
    variables: Mapping[str, str]
    vars_files: Sequence[str]
    env_files: Sequence[str]
    headers: Mapping[str, str] | Iterable[tuple[str, str]]
    allow_hosts: Sequence[str]
    timeout: float
    max_time: float | None
    fail_fast: bool
    fail_on_flaky: bool
    workers: int
    shard: str
    shard_times: AnyPath | None
    on: str
    seed: str
    out: AnyPath
    ready: str
    ready_timeout: float | None
    expect_version: str
    version_from: str
    insecure: bool
    ca_file: AnyPath
    client_cert: AnyPath
    client_key: AnyPath
    client_key_password_env: str
    proxy: str
    proxy_password_env: str
    no_proxy: Sequence[str]
    resolve: Sequence[str]
    connect_to: Sequence[str]
    ipv4: bool
    ipv6: bool
    http2: bool
    rate: str
    max_body: int | None
    dsn_env: str
    logs: Sequence[str]
    log_token_env: str
    postgres_log: str
    show_values: bool
    no_trace: bool
