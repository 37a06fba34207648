"""What to wait for before the first order, and how the wait ended."""

from __future__ import annotations

from msgspec import Struct

from smoke.model.exchange import Exchange


class Readiness(Struct, frozen=True):
    """What to wait for: `url` (a path or a URL of the target), the statuses that count, and the version.

    `version_from` is `header:NAME` or `json:$.path`; `expected_version` empty means that any build will do.
    """

    url: str = "/"
    statuses: tuple[str, ...] = ()
    timeout: float = 120.0
    expected_version: str = ""
    version_from: str = ""


class Ready(Struct, frozen=True):
    """How the wait ended; `exchange` is the last answer, which is evidence when the target was not ready."""

    ready: bool
    message: str
    version: str = ""
    exchange: Exchange | None = None
