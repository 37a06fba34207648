"""A call that came from the shop, and what a receiver answers: in memory only, with nothing removed."""

from __future__ import annotations

from msgspec import Struct

from smoke.model.exchange import Headers, Request


class CallAnswer(Struct, frozen=True):
    """What a receiver answers to every call."""

    status: int = 200
    headers: Headers = ()
    body: bytes = b""


class ReceivedCall(Struct, frozen=True):
    """One call, whole. `path` is what follows the receiver's own URL, without a query."""

    request: Request
    path: str
    answer: CallAnswer
    at: str
    """When it began (ISO 8601, UTC)."""
    seconds: float
    """From its first byte to the end of the answer."""
    peer: str = ""
    """Address and port that it came from."""
    http_version: str = "HTTP/1.1"
