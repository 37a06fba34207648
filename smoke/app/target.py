"""The deployment that a run is for: from options, environment and the targets file to one value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from smoke import transport
from smoke.app.addresses import allowed_of, base_of, check_ready
from smoke.app.checked import check_options
from smoke.app.environment import Need, secrets_of
from smoke.app.named_target import DEFAULT_TARGETS, completed, load_targets_of, spec_of
from smoke.app.network import passwords, transport_options
from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError, Span
from smoke.engine.readiness import Readiness
from smoke.engine.redirects import Origin
from smoke.model.asked import Target
from smoke.model.exchange import Headers
from smoke.scenario.values import header_problem

if TYPE_CHECKING:
    from smoke.app.target_spec import TargetSpec

DEFAULT_DEADLINE = 120.0
"""Seconds."""
DEFAULT_VERSION_FROM = "json:$.version"


class ResolvedTarget(Struct, frozen=True):
    """Where requests go and what goes along.

    `secrets` are values under their names, `options` those of the run with what its target says, `sending` those of the
    transport.
    """

    target: Target
    base_url: str
    origin: Origin
    allowed: tuple[Origin, ...]
    headers: Headers
    secrets: Mapping[str, str]
    readiness: Readiness | None
    options: RunOptions
    sending: transport.Options


def resolve_target(
    options: RunOptions,
    environ: Mapping[str, str],
    needed: Mapping[str, Need],
    targets: Mapping[str, TargetSpec] | None = None,
) -> ResolvedTarget:
    """The target of a run. `needed` are names of secrets that scenarios declare, and where each is declared.

    `targets` are those of the targets file, where it has been read.

    Raises SmokeError: no target, an unknown name, a URL that is none, a secret that the environment lacks.
    """
    check_options(options)
    spec = spec_of(options) if targets is None else targets[options.target]
    complete = completed(options, spec)
    url = complete.url
    if not url:
        raise SmokeError.of(
            "no-target",
            "no deployment to test: give --url, set SMOKE_URL, or name a --target",
            notes=["for example: smoke run repeat-customer --url https://shop.example"],
        )
    origin = base_of(url, "--url" if options.url else f"the URL of the target '{options.target}'")
    declared = _declared(options, spec)
    secrets = secrets_of({**declared, **passwords(complete), **needed}, environ)
    hosts = complete.allow_hosts
    allowed = (
        origin,
        *(allowed_of(host, "--allow-host") for host in options.allow_hosts),
        *(
            allowed_of(host, "allow_hosts of the target")
            for host in hosts[len(options.allow_hosts) :]
        ),
    )
    sending = transport_options(complete, secrets, origin, allowed)
    return ResolvedTarget(
        target=Target(
            name=options.target,
            url=url,
            expected_version=options.expect_version,
            insecure=complete.insecure,
            proxy=_without_credentials(complete.proxy),
            allowed_hosts=hosts,
            client_cert=complete.client_cert,
            resolve=complete.resolve,
            connect_to=complete.connect_to,
        ),
        base_url=url.rstrip("/"),
        origin=origin,
        allowed=allowed,
        headers=_headers(options, spec, secrets),
        secrets={**secrets, **transport.proxy_secrets(sending)},
        readiness=_readiness(options, complete, spec, allowed),
        options=complete,
        sending=sending,
    )


def check_given(options: RunOptions, url: str = "", target: str = "") -> None:
    """Refuse options that could not be used, before it is known whether they are needed. Raises SmokeError.

    `url` and `target` are given apart: they may say which runs are meant, and not where to go.
    """
    check_options(options)
    if url:
        base_of(url, "--url")
    if target:
        spec_of(replace(options, target=target))
    elif options.targets_file is not None:
        load_targets_of(options)


def _declared(options: RunOptions, spec: TargetSpec | None) -> dict[str, Need]:
    """The secrets that the target needs, and the file that says so."""
    file = Span(str(options.targets_file or DEFAULT_TARGETS))
    need = Need(f"the target '{options.target}'", file)
    return dict.fromkeys(spec.secrets, need) if spec is not None else {}


def _headers(options: RunOptions, spec: TargetSpec | None, secrets: Mapping[str, str]) -> Headers:
    pairs = list(options.headers)
    if spec is not None:
        given = {name.lower() for name, _ in pairs}
        for name, value in spec.header_values(secrets).items():
            problem = header_problem(name, value)
            if problem:
                raise SmokeError.of("bad-target", f"the target '{options.target}': {problem}")
            if name.lower() not in given:
                pairs.append((name, value.strip()))
    return tuple((name.encode("latin-1", "replace"), value.encode()) for name, value in pairs)


def _readiness(
    options: RunOptions, complete: RunOptions, spec: TargetSpec | None, allowed: Collection[Origin]
) -> Readiness | None:
    """What to wait for, of the options as they were given and as the target completes them."""
    told = spec.readiness if spec is not None else None
    if not (options.ready or options.expect_version or told is not None):
        return None
    version_from = complete.version_from or DEFAULT_VERSION_FROM
    where = "--ready" if options.ready else "the readiness.url of the target"
    url = complete.ready
    if not url and options.expect_version and version_from.startswith("json:"):
        raise SmokeError.of(
            "no-ready-url",
            f"--expect-version needs the address that tells the build ({version_from})",
            notes=[
                "for example --ready /api/health, or `readiness: {url: /api/health}` of the target",
                "a header of the shop's first page needs no address: --version-from header:NAME",
            ],
        )
    check_ready(url or "/", complete.url, allowed, where)
    return Readiness(
        url=url or "/",
        statuses=told.status or () if told is not None and not options.ready else (),
        timeout=complete.ready_timeout or DEFAULT_DEADLINE,
        expected_version=options.expect_version,
        version_from=version_from,
    )


def _without_credentials(proxy: str) -> str:
    scheme, separator, rest = proxy.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else proxy
