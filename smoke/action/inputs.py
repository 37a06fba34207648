"""The action's inputs, as variables `INPUT_NAME`: never part of a script, for whoever writes them may not be a friend."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import PurePath

import msgspec
from msgspec import Struct

from smoke.diagnostic import Diagnostic, SmokeError, nearest

COMMENT = ("always", "failure", "never")
SWITCH = ("true", "false")


class Inputs(Struct, frozen=True):
    """What the workflow asks for; empty where it leaves smoke's own default."""

    scenarios: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """Expressions that all have to hold."""
    skip: tuple[str, ...] = ()
    changed_since: str = ""
    until: str = ""
    url: str = ""
    target: str = ""
    targets: str = ""
    version: str = ""
    version_from: str = ""
    ready: str = ""
    ready_timeout: str = ""
    max_time: str = ""
    workers: str = ""
    reports: tuple[str, ...] = ()
    against: str = ""
    fail_on: str = ""
    known_failures: str = ""
    args: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    """Patterns of environments whose deployments are tested."""
    secrets: tuple[str, ...] = ()
    """Names of variables that must have a value, and that no run for a fork gets."""
    vercel_bypass: bool = False
    comment: str = "always"
    deployment_status: bool = False
    history: bool = True
    artifact: str = ""


_AS_THEY_ARE = (
    *("url", "target", "targets", "version", "version-from", "ready", "ready-timeout", "max-time"),
    *("workers", "against", "fail-on", "known-failures", "changed-since", "until"),
)


def read_inputs(variables: Mapping[str, str]) -> Inputs:
    """The inputs. Raises SmokeError for a value that is none."""

    def text(name: str) -> str:
        return variables.get(_variable(name), "").strip()

    def lines(name: str) -> list[str]:
        parts = text(name).replace(",", "\n").splitlines()
        return [part.strip() for part in parts if part.strip()]

    def each_line(name: str) -> list[str]:
        return [line.strip() for line in text(name).splitlines() if line.strip()]

    scenarios = _named("scenarios", text("scenarios"))
    if not (scenarios or text("tags") or text("skip") or text("changed-since")):
        raise _bad(
            "scenarios",
            "names, paths or tags of scenarios are expected, or one of tags, skip and changed-since",
        )
    args = _words("args", text("args"))
    if any(word.partition("=")[0] == "--out" for word in args):
        raise _bad("args", "--out is the action's own: evidence is in .smoke/runs")
    given: dict[str, object] = {name.replace("-", "_"): text(name) for name in _AS_THEY_ARE}
    given |= {
        "scenarios": scenarios,
        "tags": each_line("tags"),
        "skip": each_line("skip"),
        "args": args,
        "reports": lines("reports"),
        "environments": lines("environments"),
        "secrets": [name for line in lines("secrets") for name in line.split()],
        "vercel_bypass": bool(text("vercel-bypass")),
        "comment": _one_of("comment", text("comment") or "always", COMMENT),
        "deployment_status": _switch("deployment-status", text("deployment-status"), False),
        "history": _switch("history", text("history"), True),
        "artifact": text("artifact") or "checkout-smoke",
    }
    return msgspec.convert(given, Inputs)


def _variable(name: str) -> str:
    return f"INPUT_{name.upper().replace('-', '_')}"


def report_paths(reports: tuple[str, ...]) -> tuple[str, ...]:
    """Where reports are written, of `FORMAT=PATH` each."""
    return tuple(str(PurePath(report.partition("=")[2])) for report in reports if "=" in report)


def _words(name: str, text: str) -> list[str]:
    """Words as in a shell; nothing is carried out or filled in."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise _bad(name, str(error).lower()) from error


def _named(name: str, text: str) -> list[str]:
    """Words that are no options: whoever may choose a scenario must not choose where it is sent."""
    words = _words(name, text)
    for word in words:
        if word.startswith("-"):
            raise _bad(name, f"'{word}' is an option: those stand in args")
    return words


def _switch(name: str, value: str, default: bool) -> bool:
    return _one_of(name, value.lower(), SWITCH) == "true" if value else default


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        message = f"the input {name} is '{value}'; expected one of {', '.join(allowed)}"
        raise SmokeError([Diagnostic("bad-option", message, suggestion=nearest(value, allowed))])
    return value


def _bad(name: str, why: str) -> SmokeError:
    return SmokeError.of("bad-option", f"the input {name}: {why}")
