"""Whether a request is sent again: a pure decision over what may have been delivered.

RFC 9110 9.2.2: a client should not repeat a request whose method is not idempotent on its own, unless it knows
that the meaning of the request is idempotent, or that the first one was never applied. So an unsafe request is
repeated only when not a byte of it left, or when the scenario declares that the endpoint takes it as one.

A 429 (RFC 6585, 4) and a 503 with Retry-After (RFC 9110, 15.6.4) are answers of somebody who turned the request away.
That nothing of it was carried out is for the author to say: by naming this very status in `retry.on`.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime

from msgspec import Struct

from smoke.model.exchange import Delivery, TransportError
from smoke.model.run import Decision
from smoke.model.semantics import SAFE_METHODS, TOO_MANY_REQUESTS, UNAVAILABLE

MAX_ATTEMPTS = 10
_LONGEST_DATE = 64


class Policy(Struct, frozen=True):
    """What a step's `retry` says: how often at most, after which answers, with which pauses (seconds).

    `on` holds status codes (`503`), classes (`5xx`) and the word `transport`. `named` are those that the scenario
    itself wrote, not the ones that stand there by default.
    """

    attempts: int = 1
    on: tuple[str, ...] = ("429", "502", "503", "504", "transport")
    wait: float = 0.5
    max_wait: float = 10.0
    idempotent: bool = False
    named: tuple[str, ...] = ()


class Tried(Struct, frozen=True):
    """What one attempt came to. `retry_after` is the header's text; `passed` that nothing speaks against it.

    `followed`: the answer is that of a page that a redirect led to, so the request itself was carried out. `safe`: its
    method apart, the request changes nothing.
    """

    number: int
    method: str
    passed: bool
    status: int | None = None
    error: TransportError | None = None
    retry_after: str | None = None
    has_key: bool = False
    followed: bool = False
    safe: bool = False


def decide(
    tried: Tried, policy: Policy, *, remaining: float, jitter: float, now: datetime
) -> Decision:
    """Whether to send again, with the reason in words and the pause in seconds.

    `remaining` are the seconds until the deadline, `jitter` a number from 0 to 1, `now` the wall time (only for a
    Retry-After date).
    """
    if tried.passed:
        return Decision(retry=False, reason="nothing speaks against the answer")
    if policy.attempts <= 1:
        return Decision(retry=False, reason=_single(tried))
    if tried.number >= min(policy.attempts, MAX_ATTEMPTS):
        return Decision(retry=False, reason=f"that was attempt {tried.number} of {policy.attempts}")
    if not _asked_for(tried, policy):
        return Decision(retry=False, reason=f"the scenario does not retry after {_what(tried)}")
    why = _repeatable(tried, policy, now)
    if why is None:
        return Decision(retry=False, reason=_unknown_outcome(tried))
    pause = min(policy.wait * 2 ** (tried.number - 1), policy.max_wait) * (0.5 + jitter / 2)
    asked = parse_retry_after(tried.retry_after, now)
    if asked is not None:
        if asked > policy.max_wait:
            return Decision(
                retry=False,
                reason=f"the server asks to wait {asked:.0f} s, more than max_wait ({policy.max_wait:g} s)",
            )
        pause = max(pause, asked)
    if pause >= remaining:
        return Decision(
            retry=False,
            reason=f"a pause of {pause:.1f} s would pass the deadline ({remaining:.1f} s left)",
        )
    return Decision(retry=True, reason=why, wait=pause)


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After header (RFC 9110 10.2.3: delay-seconds or an HTTP date); None when it has none.

    A date in the past is 0. Anything else (negative, fractional, NaN, words) is ignored, never an error.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) <= 12 else math.inf
    if len(text) > _LONGEST_DATE:
        return None
    from email.utils import parsedate_to_datetime  # 5 ms, for the few that need it

    try:
        date = parsedate_to_datetime(text)
        if date.tzinfo is None:
            date = date.replace(tzinfo=UTC)
        return max(0.0, (date - now).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def may_have_ordered(error: TransportError | None) -> bool:
    """Whether a request that ended so may have been carried out by the server."""
    return error is None or error.delivery is not Delivery.NOT_SENT


def _asked_for(tried: Tried, policy: Policy) -> bool:
    if tried.status is None:
        return "transport" in policy.on
    return str(tried.status) in policy.on or f"{tried.status // 100}xx" in policy.on


_TURNED_AWAY = frozenset({"429", "503", "transport"})


def turned_away(status: int | None, retry_after: str | None, now: datetime) -> bool:
    """Whether an answer says that the request was not carried out: 429, or 503 with a Retry-After that can be read."""
    if status == TOO_MANY_REQUESTS:
        return True
    return status == UNAVAILABLE and parse_retry_after(retry_after, now) is not None


def _repeatable(tried: Tried, policy: Policy, now: datetime) -> str | None:
    if tried.method.upper() in SAFE_METHODS:
        return f"{tried.method.upper()} is a safe method"
    if tried.safe:
        return f"this {tried.method.upper()} only reads"
    unsent = tried.error is not None and tried.error.delivery is Delivery.NOT_SENT
    if unsent and not tried.followed:  # what was not sent may be the page behind a redirect
        return "no byte of the request had left"
    if tried.has_key:
        return "the request has an Idempotency-Key, and the same key is sent again"
    if policy.idempotent:
        return "the scenario declares the request idempotent"
    if (
        not tried.followed
        and str(tried.status) in policy.named
        and _meant(policy)
        and turned_away(tried.status, tried.retry_after, now)
    ):
        return f"status {tried.status} says that nothing was carried out, and retry.on names it"
    return None


def _meant(policy: Policy) -> bool:
    """Whether the rules speak of turned-away requests only.

    A list that also names answers after which anything may have been carried out (`5xx`, `502`) was written for safe
    requests: its 429 is no word about this one, and some shops take the order before they count requests.
    """
    return all(rule in _TURNED_AWAY for rule in policy.named)


def _what(tried: Tried) -> str:
    if tried.error is not None and tried.status is None:
        return f"a transport error ({tried.error.kind.value})"
    return f"status {tried.status}"


def _single(tried: Tried) -> str:
    undone = not may_have_ordered(tried.error) or tried.status == TOO_MANY_REQUESTS
    safe = tried.safe or tried.method.upper() in SAFE_METHODS
    if safe or (undone and not tried.followed):
        return "the step declares no retry"
    return "not sent again: the request may have been carried out"


def _unknown_outcome(tried: Tried) -> str:
    if tried.followed:
        return f"the {tried.method.upper()} was carried out: the answer is that of a redirect behind it"
    if tried.status == TOO_MANY_REQUESTS:
        return (
            f"status 429 repeats a {tried.method.upper()} only where retry.on names nothing else (on: [429]),"
            " or the request has an Idempotency-Key or is declared `idempotent: true`"
        )
    return (
        f"after {_what(tried)} the {tried.method.upper()} may have been carried out, and neither an "
        "Idempotency-Key nor `idempotent: true` says that it can be repeated"
    )
