"""The deployment that a run is for: from options, environment and the targets file to one value."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from smoke.app.options import RunOptions
from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest
from smoke.engine.readiness import Readiness
from smoke.engine.redirects import Origin, origin_of
from smoke.model.exchange import Headers
from smoke.model.run import Target

if TYPE_CHECKING:
    from smoke.scenario.targets import TargetSpec

DEFAULT_TARGETS = Path("smoke-targets.yaml")


class Aim(Struct, frozen=True):
    """Where requests go and what goes along; `secrets` are values under their names."""

    target: Target
    base_url: str
    origin: Origin
    allowed: tuple[Origin, ...]
    headers: Headers
    secrets: Mapping[str, str]
    readiness: Readiness | None
    dsn_env: str = ""


def aim(options: RunOptions, environ: Mapping[str, str], needed: Mapping[str, str]) -> Aim:
    """The target of a run. `needed` are names of secrets that scenarios declare, and where each is declared.

    Raises SmokeError: no target, an unknown name, a URL that is none, a secret that the environment lacks.
    """
    spec = _spec(options)
    url = options.url or (spec.url if spec is not None else "")
    if not url:
        raise SmokeError.of(
            "no-target",
            "no deployment to test: give --url, set SMOKE_URL, or name a --target",
            notes=["for example: smoke run repeat-customer --url https://shop.example"],
        )
    origin = _origin(url, "--url")
    declared = dict.fromkeys(spec.secrets, "the target") if spec is not None else {}
    secrets = _secrets({**declared, **needed}, environ)
    hosts = (*options.allow_hosts, *(spec.allow_hosts if spec is not None else ()))
    return Aim(
        target=Target(
            name=options.target,
            url=url,
            expected_version=options.expect_version,
            insecure=options.insecure,
            proxy=_without_credentials(options.proxy),
            allowed_hosts=tuple(hosts),
        ),
        base_url=url,
        origin=origin,
        allowed=(origin, *(_allowed(host, origin) for host in hosts)),
        headers=_headers(options, spec, secrets),
        secrets=secrets,
        readiness=_readiness(options, spec),
        dsn_env=spec.dsn_env if spec is not None else "",
    )


def _spec(options: RunOptions) -> TargetSpec | None:
    if not options.target:
        return None
    from smoke.scenario.targets import load_targets

    path = options.targets_file or DEFAULT_TARGETS
    targets = load_targets(path)
    if options.target in targets:
        return targets[options.target]
    known = sorted(targets)
    raise SmokeError(
        [
            Diagnostic(
                "unknown-target",
                f"{path} has no target '{options.target}'",
                suggestion=nearest(options.target, known),
                notes=(Note(f"targets: {', '.join(known) or '(none)'}"),),
            )
        ]
    )


def _origin(url: str, option: str) -> Origin:
    origin = origin_of(url)
    if origin is None:
        raise SmokeError.of(
            "bad-url",
            f"{option} takes an http or https URL, not '{url}'",
            notes=["for example https://shop.example"],
        )
    return origin


def _allowed(host: str, target: Origin) -> Origin:
    """The origin of an --allow-host; a bare host name has the target's scheme and its usual port."""
    return _origin(host if "://" in host else f"{target.scheme}://{host}", "--allow-host")


def _secrets(needed: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    missing = [
        Diagnostic(
            "missing-secret",
            f"the environment has no {name}, which {where} needs",
            notes=(Note(f"set it where smoke runs: export {name}=…"),),
        )
        for name, where in needed.items()
        if not environ.get(name)
    ]
    if missing:
        raise SmokeError(missing)
    return {name: environ[name] for name in needed}


def _headers(options: RunOptions, spec: TargetSpec | None, secrets: Mapping[str, str]) -> Headers:
    pairs = list(options.headers)
    if spec is not None:
        given = {name.lower() for name, _ in pairs}
        own = spec.header_values(secrets).items()
        pairs += [(name, value) for name, value in own if name.lower() not in given]
    return tuple((name.encode("latin-1", "replace"), value.encode()) for name, value in pairs)


def _readiness(options: RunOptions, spec: TargetSpec | None) -> Readiness | None:
    told = spec.readiness if spec is not None else None
    if not (options.ready or options.expect_version or told is not None):
        return None
    version_from = options.version_from or (told.version_from if told is not None else "")
    url = options.ready or (told.url if told is not None else "/")
    if options.version_from and not options.version_from.startswith(("header:", "json:")):
        raise SmokeError.of(
            "bad-option",
            f"--version-from takes header:NAME or json:PATH, not '{options.version_from}'",
        )
    return Readiness(
        url=url,
        statuses=told.status or () if told is not None and not options.ready else (),
        timeout=options.ready_timeout or (told.deadline if told is not None else 120.0),
        expected_version=options.expect_version,
        version_from=version_from or "json:$.version",
    )


def _without_credentials(proxy: str) -> str:
    scheme, separator, rest = proxy.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else proxy
