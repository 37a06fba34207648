"""Waits until the target answers, and, where asked for, until the new build is the one that answers."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from tenacity import RetryCallState, Retrying
from tenacity.stop import stop_base
from tenacity.wait import wait_exponential, wait_random

from smoke.engine.control import Control
from smoke.engine.readiness import Readiness, Ready
from smoke.model import numbers
from smoke.model.exchange import Exchange, RawExchange, Request
from smoke.model.met import Met
from smoke.scenario.address import below
from smoke.scenario.values import status_matches

_TRY_TIMEOUT = 10.0
_LARGEST = 1024 * 1024


class ProbeResult(Struct, frozen=True):
    """What one look showed: its last exchange, and the wall before the deployment that answered, if one did."""

    raw: RawExchange
    wall: Met | None = None


class _Look(Struct, frozen=True):
    ready: bool
    message: str
    version: str = ""
    raw: RawExchange | None = None
    walled: bool = False
    """Somebody answers in the target's place, and will go on doing so: there is nothing to wait for."""


def wait_until_ready(
    readiness: Readiness,
    base_url: str,
    *,
    send: Callable[[Request, float], ProbeResult],
    read_json: Callable[[object, str], object],
    record: Callable[[RawExchange], Exchange],
    control: Control,
) -> Ready:
    """Ask until the answer is as expected or the time is over.

    A wall before the deployment ends the wait at once. `send` takes a request and a timeout in seconds, `read_json` a parsed body and a JSONPath (None when nothing is
    there). Only safe requests are sent, so each may be repeated; pauses grow from 0.5 s to 5 s, with jitter.
    """
    limit = control.narrower(readiness.timeout)
    request = Request("GET", below(base_url, readiness.url))
    tries = 0
    last = _Look(ready=False, message="not asked")

    def look() -> _Look:
        nonlocal tries, last
        tries += 1
        seen = send(request, min(_TRY_TIMEOUT, max(0.1, limit.remaining())))
        met = seen.wall
        if met is not None and not status_matches(readiness.statuses, met.status):
            last = _Look(False, met.message, raw=seen.raw, walled=True)
        else:
            last = _judge(seen.raw, readiness, read_json)
        return last

    def pause(seconds: float) -> None:
        limit.sleep(seconds)

    retrying = Retrying(
        stop=_StopWhenOver(limit),
        wait=wait_exponential(multiplier=0.5, max=5.0) + wait_random(0.0, 0.5),
        retry=_not_ready,
        sleep=pause,
        retry_error_callback=lambda _: last,
    )
    end = retrying(look)
    exchange = record(end.raw) if end.raw is not None else None
    if end.ready:
        return Ready(True, f"{end.message} (asked {_times(tries)})", end.version, exchange)
    if end.walled:
        return Ready(False, end.message, end.version, exchange)
    why = limit.why_over() if control.over else f"not within {readiness.timeout:g} s"
    return Ready(
        False, f"{why}; last seen: {end.message} (asked {_times(tries)})", end.version, exchange
    )


class _StopWhenOver(stop_base):
    """Ends the wait when its time is over or the run was interrupted."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def __call__(self, retry_state: RetryCallState) -> bool:  # noqa: ARG002  (tenacity's signature)
        return self._control.over


def _not_ready(state: RetryCallState) -> bool:
    outcome = state.outcome
    if outcome is None or outcome.failed:
        return False  # a bug of ours is not a target that is late: let it through
    look = outcome.result()
    return not (look.ready or look.walled)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _judge(
    raw: RawExchange, readiness: Readiness, read_json: Callable[[object, str], object]
) -> _Look:
    response = raw.response
    if response is None or raw.error is not None:
        message = raw.error.message if raw.error is not None else "no answer"
        return _Look(False, message, raw=raw)
    statuses = readiness.statuses
    if not status_matches(statuses or ("2xx", "3xx"), response.status):
        return _Look(False, f"{raw.request.url} answers {response.status}", raw=raw)
    if not readiness.expected_version:
        return _Look(True, f"{raw.request.url} answers {response.status}", raw=raw)
    version = _version(raw, readiness.version_from, read_json)
    if version == readiness.expected_version:
        return _Look(True, f"build {version} is live", version, raw)
    seen = f"build {version}" if version else f"no version at {readiness.version_from}"
    return _Look(
        False, f"{seen} answers, build {readiness.expected_version} is expected", version, raw
    )


def _version(raw: RawExchange, where: str, read_json: Callable[[object, str], object]) -> str:
    response = raw.response
    assert response is not None
    kind, _, name = where.partition(":")
    if kind == "header":
        wanted = name.strip().lower().encode("latin-1", "replace")
        values = [value for key, value in response.headers if key.lower() == wanted]
        return values[0].decode("latin-1").strip() if values else ""
    body = response.body.window
    if body.size > _LARGEST:
        return ""
    try:
        data = numbers.loads(body.head)
    except (ValueError, RecursionError):
        return ""
    found = read_json(data, name.strip() or "$.version")
    return str(found) if isinstance(found, (str, int, float)) else ""
