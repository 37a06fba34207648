"""How the requests of a run reach its deployment: from options and secrets to the settings of the transport, all checked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from smoke import transport
from smoke.app.environment import Need
from smoke.app.options import RunOptions
from smoke.diagnostic import Diagnostic, SmokeError
from smoke.engine.redirects import Origin


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
    problems = [Diagnostic("bad-option", problem) for problem in _together(options, origin)]
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
        http2=options.http2,
        max_body=default.max_body if options.max_body is None else options.max_body,
    )
    transport.check(made)
    transport.refuse_idle(made, [(each.host, each.port) for each in allowed])
    return made


def _together(options: RunOptions, origin: Origin) -> Iterator[str]:
    """What does not go together."""
    if options.proxy_password_env and not options.proxy:
        yield "--proxy-password-env is for the user of a --proxy, and none is given"
    if not options.client_cert:
        if options.client_key:
            yield "--client-key is the key of a --client-cert, and none is given"
        if options.client_key_password_env:
            yield "--client-key-password-env is for the key of a --client-cert, and none is given"
    elif origin.scheme != "https":
        yield f"--client-cert is shown over https only, and the target is {origin}"
