"""The options of a run as keyword arguments: `smoke.run("first-order", url=…, timeout=10)`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import msgspec
from msgspec.structs import replace

from smoke.app.options import RunOptions
from smoke.diagnostic import Diagnostic, SmokeError, nearest

AnyPath = str | os.PathLike[str]


class Keywords(TypedDict, total=False):
    """Each option of `RunOptions` but the selectors, in the types that a caller may give. Times are in seconds."""

    url: str
    target: str
    targets_file: AnyPath | None
    variables: Mapping[str, str]
    headers: Mapping[str, str] | Iterable[tuple[str, str]]
    allow_hosts: Sequence[str]
    timeout: float
    max_time: float | None
    fail_fast: bool
    fail_on_flaky: bool
    workers: int
    seed: str
    out: AnyPath
    ready: str
    ready_timeout: float | None
    expect_version: str
    version_from: str
    insecure: bool
    ca_file: AnyPath
    proxy: str
    http2: bool
    max_body: int | None
    dsn_env: str
    logs: Sequence[str]
    log_token_env: str
    postgres_log: str
    show_values: bool
    no_trace: bool


def merged(
    selectors: Sequence[str], options: RunOptions | None, given: Mapping[str, Any], *, of: str
) -> RunOptions:
    """The options of a call: what is given by name, and the selectors, go before what `options` says.

    `of` is the function that was called. Raises TypeError for a name that is no option, as Python does, and SmokeError
    for every value of a wrong type.
    """
    known = [name for name in RunOptions.__struct_fields__ if name != "selectors"]
    for name in given:
        if name not in known:
            close = nearest(name, known)
            hint = f"; did you mean '{close}'?" if close else ""
            raise TypeError(f"{of}() got an unexpected keyword argument '{name}'{hint}")
    problems: list[Diagnostic] = []
    changes: dict[str, Any] = {}
    if selectors:
        given = {**given, "selectors": selectors}
    for name, value in given.items():
        try:
            made = msgspec.convert({name: _plain(name, value)}, RunOptions, dec_hook=_path)
        except msgspec.ValidationError as error:
            problems.append(Diagnostic("bad-option", f"{name}: {_told(error)}"))
        else:
            changes[name] = getattr(made, name)
    if problems:
        raise SmokeError(problems)
    return replace(options or RunOptions(), **changes)


def _plain(name: str, value: Any) -> Any:
    """The value in the form that the options keep."""
    if name in ("allow_hosts", "logs") and isinstance(value, str):
        return (value,)  # one, not its letters
    if name == "headers":
        return tuple(value.items()) if isinstance(value, Mapping) else value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return value


def _path(kind: type, value: Any) -> Any:
    """A path; msgspec asks for the types that it does not know."""
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise msgspec.ValidationError(f"Expected a path, got `{type(value).__name__}`")


def _told(error: msgspec.ValidationError) -> str:
    """What msgspec says, in Python's words, without the place that was said already; it quotes no value."""
    said = str(error).partition(" - at ")[0].replace("`null`", "None").replace("`array`", "a list")
    return said[0].lower() + said[1:]
