"""Variables of the environment that scenarios and targets name: what is missing is told with its place, never a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from smoke.diagnostic import Diagnostic, Note, SmokeError, Span, nearest
from smoke.scenario.load import Loaded
from smoke.scenario.variables import Overrides, needed_environment
from smoke.system import SHELL

_ALIKE = 0.8


class Need(Struct, frozen=True):
    """Who needs a variable (in words), and where it is named."""

    where: str
    span: Span | None = None


def needs(loaded: Iterable[Loaded]) -> dict[str, Need]:
    """The secrets that scenarios declare."""
    return {
        name: Need(f"the scenario '{item.scenario.name}'", item.scenario.named.get(name))
        for item in loaded
        for name in item.scenario.secrets
    }


def secrets_of(needed: Mapping[str, Need], environ: Mapping[str, str]) -> dict[str, str]:
    """The values of secrets. Raises SmokeError (`missing-secret`) for those that are not set, or empty."""
    missing = [
        _missing(
            name, need, environ, f"set it where smoke runs: {SHELL.setting(name)}", secret=True
        )
        for name, need in needed.items()
        if not environ.get(name)
    ]
    if missing:
        raise SmokeError(missing)
    return {name: environ[name] for name in needed}


def check_environment(
    loaded: Iterable[Loaded], overrides: Overrides, environ: Mapping[str, str]
) -> None:
    """Raise SmokeError (`missing-environment`) for variables that templates need and that are not set.

    `overrides` are given in place of what the scenarios' variables hold.
    """
    missing = [
        _missing(
            name,
            Need(f"the scenario '{item.scenario.name}'", span),
            environ,
            f"set it, or give a default: {{{{ env.{name} | default('…') }}}}",
            secret=False,
        )
        for item in loaded
        for name, span in sorted(needed_environment(item.scenario, overrides).items())
        if name not in environ
    ]
    if missing:
        raise SmokeError(missing)


def _missing(
    name: str, need: Need, environ: Mapping[str, str], remedy: str, *, secret: bool
) -> Diagnostic:
    if name in environ:
        message = f"{name} is set, but empty, and {need.where} needs it"
        remedy = f"give it a value where smoke runs: {SHELL.setting(name)}"
    else:
        message = f"the environment has no {name}, which {need.where} needs"
    near = None if name in environ else _near(name, environ)
    return Diagnostic(
        "missing-secret" if secret else "missing-environment",
        message,
        span=need.span,
        label=f"did you mean '{near}', which is set?" if near else "",
        suggestion=near,
        notes=(Note(remedy),),
    )


def _near(name: str, environ: Mapping[str, str]) -> str | None:
    """A variable that is set and spelt nearly so; the environment has many names that are only somewhat alike."""
    near = nearest(name, [known for known, value in environ.items() if value])
    from difflib import SequenceMatcher

    if near is None or SequenceMatcher(None, name.lower(), near.lower()).ratio() < _ALIKE:
        return None
    return near
