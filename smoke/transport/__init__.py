"""Requests out, raw exchanges in: one connection each, a total deadline, every byte kept. The only room that knows httpx."""

from __future__ import annotations

from smoke.transport.client import Client
from smoke.transport.options import Options

__all__ = ["Client", "Options", "check", "check_authorities", "check_proxy"]


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
