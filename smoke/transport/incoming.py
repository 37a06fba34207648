"""An answer whose head is there, and whose body is on its way."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from smoke.model.exchange import Headers


class Incoming(Struct, frozen=True):
    """The head of a response; `pieces` gives the body as it comes, and raises Fault where it ends too soon."""

    status: int
    reason: bytes
    version: bytes
    headers: Headers
    pieces: Iterable[bytes]
