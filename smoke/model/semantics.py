"""What HTTP says of methods and statuses, as far as a request may be sent again."""

from __future__ import annotations

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that RFC 9110 9.2.1 calls safe. PUT and DELETE are idempotent there, but shops are seen to break it."""

UNAUTHORIZED = 401
TOO_MANY_REQUESTS = 429
UNAVAILABLE = 503
TURNED_AWAY = (str(TOO_MANY_REQUESTS), str(UNAVAILABLE))
"""Statuses that an author may name in `retry.on` of an unsafe request: they say that it was not carried out."""


def can_act(rule: str, method: str, *, repeatable: bool) -> bool:
    """Whether a rule of `retry.on` can ever lead to another attempt.

    `repeatable`: the request has an Idempotency-Key or is declared idempotent. For an unsafe request without either
    only what says that nothing was carried out can.
    """
    return repeatable or method.upper() in SAFE_METHODS or rule in ("transport", *TURNED_AWAY)
