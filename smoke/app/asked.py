"""What a run was asked to do, for the commands that go on from it; nothing secret is kept."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from smoke.app.declared import Declared, Takes, declared
from smoke.app.options import RunOptions
from smoke.model.asked import Asked
from smoke.model.numbers import json_text
from smoke.model.run import JsonValue
from smoke.redact import Secrets, mask_text
from smoke.redact.keys import sensitive, sensitive_header


def asked(
    options: RunOptions,
    secrets: Secrets,
    of_files: Mapping[str, JsonValue],
    *,
    database: bool,
    log: bool,
) -> Asked:
    """The options as a run remembers them. `of_files` are values of variables that files gave; `database` and `log` say whether one was at hand.

    A value that would be masked in the evidence is left out, and its option is named.
    """
    left_out: list[str] = []

    def keep(
        pairs: Sequence[tuple[str, str]], option: str, *, headers: bool
    ) -> tuple[tuple[str, str], ...]:
        kept = []
        for name, value in pairs:
            secret = (sensitive_header if headers else sensitive)(name) is not None
            if secret or not _plain(value, secrets) or not _plain(name, secrets):
                left_out.append(f"{option} {mask_text(name, secrets)}")
            else:
                kept.append((name, value))
        return tuple(kept)

    words: list[str] = []
    for item in _remembered():
        value = getattr(options, item.field)
        if value == item.default:
            continue
        if item.option.takes is Takes.FLAG:
            words.append(item.name)
            continue
        for text in _texts(item, value):
            if _plain(text, secrets) and not (item.field == "proxy" and _has_secret(options)):
                words += [item.name, text]
            else:
                left_out.append(item.name)
    for source in options.all_logs:
        if _plain(source, secrets):
            words += ["--log", source]
        elif "--log" not in left_out:
            left_out.append("--log")
    url = options.url if _plain(options.url, secrets) else ""
    return Asked(
        selectors=tuple(
            word.replace(os.sep, "/") for word in options.selectors if _plain(word, secrets)
        ),
        url=url,
        targets_file=str(options.targets_file or ""),
        variables=keep(tuple(options.variables.items()), "--var", headers=False),
        file_values=keep(
            [(name, json_text(value)) for name, value in of_files.items()],
            "--vars-file",
            headers=False,
        ),
        env_files=options.env_files,
        headers=keep(options.headers, "--header", headers=True),
        allow_hosts=tuple(host for host in options.allow_hosts if _plain(host, secrets)),
        options=tuple(words),
        timeout=options.timeout,
        ca_file=options.ca_file,
        proxy="" if _has_secret(options) else options.proxy,
        proxy_password_env=options.proxy_password_env,
        no_proxy=options.no_proxy,
        client_cert=options.client_cert,
        client_key=options.client_key,
        client_key_password_env=options.client_key_password_env,
        http2=options.http2,
        no_trace=options.no_trace,
        dsn_env=options.dsn_env,
        database=database,
        log=log,
        left_out=tuple(left_out),
    )


def _has_secret(options: RunOptions) -> bool:
    """Whether a secret stands in the proxy's URL: a user alone may be a token, where no password is given beside it."""
    user, at, _ = options.proxy.rpartition("@")
    return bool(at) and (not options.proxy_password_env or ":" in user.partition("://")[2])


def _texts(item: Declared, value: Any) -> tuple[str, ...]:
    """The words that give an option again, each behind its name."""
    if item.option.takes is Takes.TIME:
        return (f"{value:.3f}".rstrip("0").rstrip(".") + "s",)
    return value if isinstance(value, tuple) else (str(value),)


def _remembered() -> list[Declared]:
    """The options that a run says again as they were given: flags first, then times, then the others."""
    order = (Takes.FLAG, Takes.TIME)
    kept = [item for item in declared(RunOptions).values() if item.option.remembered]
    return sorted(
        kept,
        key=lambda item: (
            order.index(item.option.takes) if item.option.takes in order else len(order)
        ),
    )


def _plain(text: str, secrets: Secrets) -> bool:
    """Whether nothing in a text would be masked."""
    return mask_text(text, secrets) == text
