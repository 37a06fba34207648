"""How the requests of a run reach its deployment: from options and secrets to the settings of the transport, all checked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from smoke import transport
from smoke.app.environment import Need
from smoke.app.options import RunOptions
from smoke.diagnostic import Diagnostic, SmokeError
from smoke.engine.redirects import Origin
from smoke.model.asked import Asked, Target
from smoke.model.run import Run


def passwords(options: RunOptions) -> dict[str, Need]:
    """The variables that hold passwords of the network: secrets like those that a scenario declares."""
    named = {
        options.client_key_password_env: Need("--client-key-password-env"),
        options.proxy_password_env: Need("--proxy-password-env"),
    }
    return {name: need for name, need in named.items() if name}


def transport_options(
    options: RunOptions, secrets: Mapping[str, str], origin: Origin, allowed: Collection[Origin]
) -> transport.Options:
    """How requests of a run are sent, to `origin` and the others that are `allowed`. Raises SmokeError for what cannot be."""
    problems = [
        Diagnostic("bad-option", problem) for problem in _together(options, origin, allowed)
    ]
    if problems:
        raise SmokeError(problems)
    default = transport.Options()
    made = transport.Options(
        verify=not options.insecure,
        ca_file=options.ca_file or None,
        proxy=options.proxy or None,
        proxy_password=secrets.get(options.proxy_password_env, ""),
        no_proxy=options.no_proxy,
        client_cert=options.client_cert or None,
        client_key=options.client_key or None,
        client_key_password=secrets.get(options.client_key_password_env, ""),
        client_origin=(origin.host, origin.port),
        resolve=options.resolve,
        connect_to=options.connect_to,
        ip_version=4 if options.ipv4 else 6 if options.ipv6 else 0,
        http2=options.http2,
        max_body=default.max_body if options.max_body is None else options.max_body,
    )
    transport.check(made)
    transport.refuse_idle(made, [(each.host, each.port) for each in allowed])
    return made


def reached(run: Run, options: RunOptions, *, elsewhere: bool, target: str) -> dict[str, Any]:
    """How a run reached its deployment, where `options` say nothing else: their values, by field.

    What is for that deployment alone is left out `elsewhere`. What its target says, the `target` will say again.
    """
    asked = run.asked or Asked()
    own = Asked() if elsewhere else asked
    there = Target() if elsewhere else run.target
    proxy_asked = not target or "--proxy" in (*asked.options, *asked.left_out)
    return {
        "insecure": options.insecure or run.target.insecure,
        "ca_file": options.ca_file or asked.ca_file,
        "proxy": options.proxy or asked.proxy or (run.target.proxy if proxy_asked else ""),
        "proxy_password_env": options.proxy_password_env
        or ("" if options.proxy else asked.proxy_password_env),
        "no_proxy": options.no_proxy or asked.no_proxy,
        "client_cert": options.client_cert or own.client_cert,
        "client_key": options.client_key or own.client_key,
        "client_key_password_env": options.client_key_password_env or own.client_key_password_env,
        "resolve": options.resolve or there.resolve,
        "connect_to": options.connect_to or there.connect_to,
        "ipv4": options.ipv4 or (not options.ipv6 and "--ipv4" in asked.options),
        "ipv6": options.ipv6 or (not options.ipv4 and "--ipv6" in asked.options),
        "http2": asked.http2,
    }


def _together(options: RunOptions, origin: Origin, allowed: Collection[Origin]) -> Iterator[str]:
    """What does not go together."""
    yield from _of_other_version(options, allowed)
    if options.proxy_password_env and not options.proxy:
        yield "--proxy-password-env is for the user of a --proxy, and none is given"
    if not options.client_cert:
        if options.client_key:
            yield "--client-key is the key of a --client-cert, and none is given"
        if options.client_key_password_env:
            yield "--client-key-password-env is for the key of a --client-cert, and none is given"
    elif origin.scheme != "https":
        yield f"--client-cert is shown over https only, and the target is {origin}"


def _of_other_version(options: RunOptions, allowed: Collection[Origin]) -> Iterator[str]:
    """What asks for one version of IP and names an address of the other."""
    if options.ipv4 and options.ipv6:
        yield "--ipv4 and --ipv6: each means only that one; neither tries both, and takes what answers first"
        return
    wanted = "--ipv4" if options.ipv4 else "--ipv6" if options.ipv6 else ""
    for origin in allowed if wanted else ():
        if transport.version_of(origin.host) not in (0, 4 if options.ipv4 else 6):
            other = "--ipv6" if options.ipv4 else "--ipv4"
            yield f"{wanted}: {origin} is at an address of the other version; did you mean '{other}'?"
    version = 4 if options.ipv4 else 6
    for text in options.resolve if wanted else ():
        addresses = [each.strip("[]") for each in text.split(":", 2)[-1].split(",")]
        if version not in map(transport.version_of, addresses):
            yield f"--resolve {text} names no IPv{version} address, and {wanted} takes no other"
