"""Requests out, raw exchanges in: one connection each, a total deadline, every byte kept. The only room that knows httpx."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from smoke.transport.client import Client
from smoke.transport.options import Options

__all__ = [
    "Client",
    "Options",
    "check",
    "check_authorities",
    "check_client_file",
    "check_connect_to",
    "check_exempt",
    "check_proxy",
    "check_resolve",
    "proxy_secrets",
    "refuse_idle",
    "version_of",
]


def check(options: Options) -> None:
    """Refuse options that no client can be made with. Raises SmokeError."""
    Client(options).close()


def check_proxy(url: str) -> None:
    """Refuse a URL that names no proxy. Raises SmokeError."""
    from smoke.transport.proxy import Proxy

    Proxy.of(url)


def check_authorities(file: str) -> None:
    """Refuse a file of authorities that cannot be used. Raises SmokeError."""
    from smoke.transport.tls import make_context

    make_context(Options(ca_file=file))


def check_client_file(file: str) -> None:
    """Refuse a file that can hold neither a client's certificate nor its key. Raises SmokeError."""
    from smoke.transport.client_certificate import check_file

    check_file(file)


def proxy_secrets(options: Options) -> dict[str, str]:
    """What must not be written of a proxy, by names for it: its password, and what is sent of it."""
    if options.proxy is None:
        return {}
    from smoke.transport.proxy import secrets_of

    return secrets_of(options.proxy, options.proxy_password)


def check_exempt(text: str) -> None:
    """Refuse what names no host that a proxy is left out for. Raises SmokeError."""
    from smoke.transport.exempt import read_exempt

    read_exempt((text,))


def version_of(host: str) -> int:
    """The version of IP of a host that is an address; 0 for a name."""
    try:
        return ipaddress.ip_address(host).version
    except ValueError:
        return 0


def check_resolve(text: str) -> None:
    """Refuse what says no address of a host's port. Raises SmokeError."""
    from smoke.transport.detours import read_resolve

    read_resolve(text)


def check_connect_to(text: str) -> None:
    """Refuse what names no other host or port to connect to. Raises SmokeError."""
    from smoke.transport.detours import read_connect_to

    read_connect_to(text)


def refuse_idle(options: Options, places: Iterable[tuple[str, int]]) -> None:
    """Refuse a detour that no request to these hosts and ports would take. Raises SmokeError."""
    if options.resolve or options.connect_to:
        from smoke.transport import detours

        detours.refuse_idle(options, places)
