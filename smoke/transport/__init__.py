"""Requests out, raw exchanges in: one connection each, a total deadline, every byte kept. The only room that knows httpx."""

from __future__ import annotations

from smoke.transport.client import Client
from smoke.transport.options import Options

__all__ = ["Client", "Options", "check"]


def check(options: Options) -> None:
    """Refuse options that no client can be made with. Raises SmokeError."""
    Client(options).close()
